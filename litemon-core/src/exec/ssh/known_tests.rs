use super::*;

const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPzrYuTP8yWolQu3EbItSbRXUwRRVS+zWokqbo94XB5";
const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIW/afzFiKtmo70MeTxDY4gcp2ttevgTIaWfpIkm3HkD";

fn key(text: &str) -> PublicKey {
    PublicKey::from_openssh(text).unwrap()
}

fn judge(host: &str, port: u16, text: &str) -> Verdict {
    let mut trust = Trust::new(host);
    trust.read(port, text);
    trust.judge(&key(A))
}

#[test]
fn entries_are_matched_as_openssh_does() {
    use Verdict::{Changed, Revoked, Trusted, Unknown};
    for (text, port, verdict) in [
        (String::new(), 22, Unknown),
        (format!("web {A}"), 22, Trusted),
        (format!("WEB {A}"), 22, Trusted),
        (format!("  web\t{A}  a comment"), 22, Trusted),
        (format!("# web {A}"), 22, Unknown),
        (format!("db,web {A}"), 22, Trusted),
        (format!("w?b {A}"), 22, Trusted),
        (format!("w* {A}"), 22, Trusted),
        (format!("*,!web {A}"), 22, Unknown),
        (format!("!db,* {A}"), 22, Trusted),
        (format!("!db {A}"), 22, Unknown),
        (format!("web {B}"), 22, Changed),
        (format!("web {B}\nweb {A}"), 22, Trusted),
        (format!("web {A}\n@revoked * {A}"), 22, Revoked),
        (format!("@revoked * {A}\nweb {A}"), 22, Revoked),
        (format!("web {A}\n@revoked db {A}"), 22, Trusted),
        (format!("web {A}\n@revoked * {B}"), 22, Trusted),
        (format!("@cert-authority * {A}"), 22, Changed),
        (format!("@nonsense web {A}"), 22, Unknown),
        (format!("web nonsense\nweb\n\nweb {A}"), 22, Trusted),
        (format!("[web]:2222 {A}"), 2222, Trusted),
        (format!("[web]:2222 {A}"), 22, Unknown),
        (format!("[w*]:2222 {A}"), 2222, Trusted),
        (format!("[web]:2222 {B}"), 22, Unknown),
        (format!("web {A}"), 2222, Trusted),
        (format!("web {B}"), 2222, Unknown),
        (format!("web {A}\n[web]:2222 {B}"), 2222, Changed),
        (format!("*,![web]:2222 {A}"), 2222, Unknown),
    ] {
        assert_eq!(judge("web", port, &text), verdict, "{port} {text}");
    }
}

#[test]
fn hashed_names_are_matched() {
    // HMAC-SHA1 of "web" under the salt "salt".
    let hash = hashed(b"salt", "web").unwrap();
    let patterns =
        HostPatterns::HashedName { salt: b"salt".to_vec(), hash: hash.try_into().unwrap() };
    assert_eq!(matches(&patterns, "web"), Match::Yes);
    assert_eq!(matches(&patterns, "db"), Match::No);
    assert_eq!(judge("web", 22, &format!("{} {A}", patterns.to_string())), Verdict::Trusted);
}

#[test]
fn globs() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("*", "", true),
        ("a*c", "abbc", true),
        ("a*c", "abbd", false),
        ("*.example.org", "a.b.example.org", true),
        ("*.example.org", "example.org", false),
        ("a?c", "ac", false),
        ("*a*b*", "xxaxxbxx", true),
        ("**", "x", true),
        ("a", "aa", false),
    ] {
        assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_file_breaks_the_reading(text in "(?s).{0,200}") {
        let _ = judge("web", 22, &text);
    }
}
