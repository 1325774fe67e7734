//! What somebody may have meant.

/// The most names that are listed.
const LISTED: usize = 12;

/// `no WHAT is called "NAME"`, and the nearest name or, if none is near, all.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= (name.chars().count() / 3).max(1))
        .min();
    let help = match (near, known.len()) {
        (_, 0) => "the configuration has none".to_owned(),
        (Some((_, near)), _) => format!("did you mean {near:?}?"),
        (None, n) => {
            let first = known.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
            let more = if n > LISTED { format!(" and {} more", n - LISTED) } else { String::new() };
            format!("there are {first}{more}")
        }
    };
    format!("no {what} is called {name:?}; {help}")
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
        let many = vec!["name"; 14];
        assert!(unknown("check", "x", &many).ends_with(" and 2 more"));
    }
}
