//! What somebody may have meant.

/// The most names that are listed.
const LISTED: usize = 12;

/// `no WHAT is called "NAME"`, and the nearest name or, if none is near, all.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let inside = known.iter().find(|known| known.rsplit('/').next() == Some(name));
    let near = inside.or_else(|| similar(name, known));
    let help = match (near, known.len()) {
        (_, 0) => "the configuration has none".to_owned(),
        (Some(near), _) => format!("did you mean {near:?}?"),
        (None, n) => {
            let first = known.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
            let more = if n > LISTED { format!(" and {} more", n - LISTED) } else { String::new() };
            format!("there are {first}{more}")
        }
    };
    format!("no {what} is called {name:?}; {help}")
}

/// The nearest name, if one is near enough to be meant.
fn similar<'a, 'b>(name: &str, known: &'a [&'b str]) -> Option<&'a &'b str> {
    let far = (name.chars().count() / 3).max(1);
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    known
        .iter()
        .map(|known| (distance(known), known))
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::unknown;

    #[test]
    fn it_helps() {
        let known = ["web-1", "web-1/cpu", "db-1"];
        assert_eq!(
            unknown("check", "wbe-1", &known),
            r#"no check is called "wbe-1"; did you mean "web-1"?"#
        );
        assert_eq!(
            unknown("check", "x", &known),
            r#"no check is called "x"; there are web-1, web-1/cpu, db-1"#
        );
        assert_eq!(
            unknown("check", "x", &[]),
            r#"no check is called "x"; the configuration has none"#
        );
        assert!(unknown("check", "cpu", &known).ends_with("did you mean \"web-1/cpu\"?"));
        let many = vec!["name"; 14];
        assert!(unknown("check", "x", &many).ends_with(" and 2 more"));
    }
}
