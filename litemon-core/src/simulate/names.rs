//! Names with `*` in them.

/// Whether a name is what the pattern says; `*` stands for any characters.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(tail) = name.strip_prefix(head) else { return false };
    // What follows the star may begin anywhere.
    tail.char_indices()
        .map(|(at, _)| at)
        .chain([tail.len()])
        .any(|at| tail.get(at..).is_some_and(|tail| fits(rest, tail)))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name) in [
            ("web-1/nginx", "web-1/nginx"),
            ("web-*/ssh", "web-12/ssh"),
            ("*", "a/b"),
            ("*/ssh", "a/ssh"),
            ("a*b*c", "axxbyyc"),
            ("a*", "a"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("web-1", "web-12"), ("*/ssh", "a/sshd"), ("a*b*c", "acb"), ("", "a")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
