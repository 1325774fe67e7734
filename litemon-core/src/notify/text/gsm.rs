//! The alphabet of an SMS: GSM 03.38 / 3GPP TS 23.038, section 6.2.1 (default alphabet and its
//! extension table), in which 160 septets make one SMS.

use crate::model::is_bidi;

/// How many septets one SMS holds.
pub const SMS_SEPTETS: usize = 160;

// Without line feed, carriage return, form feed and escape: one line is all there is.
const BASIC: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED: &str = "^{}\\[~]|€";

/// The septets a character takes: 1, 2 for one of the extension table, `None` outside the alphabet.
#[must_use]
pub fn char_septets(c: char) -> Option<usize> {
    if c.is_ascii_alphanumeric() || c == ' ' || BASIC.contains(c) {
        Some(1)
    } else if EXTENDED.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// The septets a text takes; `None` when it holds a character outside the alphabet.
#[must_use]
pub fn septets(text: &str) -> Option<usize> {
    text.chars().map(char_septets).sum()
}

/// The text in the GSM alphabet, on one line: control and bidirectional characters are gone, runs
/// of space are one, other scripts are transliterated, and what has no likeness becomes `?`.
#[must_use]
pub fn gsm7(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            push_space(&mut out);
        } else if !c.is_control() && !is_bidi(c) {
            push_char(&mut out, c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn push_char(out: &mut String, c: char) {
    match c {
        c if char_septets(c).is_some() => out.push(c),
        // The backtick is the one printable ASCII character the alphabet lacks.
        '`' => out.push('\''),
        c => match deunicode::deunicode_char(c) {
            Some(likeness) => {
                for c in likeness.chars() {
                    match c {
                        ' ' => push_space(out),
                        '`' => out.push('\''),
                        c if char_septets(c).is_some() => out.push(c),
                        _ => {}
                    }
                }
            }
            None => out.push('?'),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_its_size() {
        // 128 places, less line feed, carriage return and escape; the extension table has nine
        // printable characters.
        assert_eq!(BASIC.chars().count(), 125);
        assert_eq!(EXTENDED.chars().count(), 9);
        assert_eq!(septets("a[€"), Some(5));
        assert_eq!(septets("`"), None);
    }

    #[test]
    fn other_scripts_become_readable() {
        for (text, expected) in [
            ("tidak apa-apa", "tidak apa-apa"),
            ("Москва", "Moskva"),
            ("naïve “quote” `x`", "naive \"quote\" 'x'"),
            ("a\u{202e}b\u{0}c\u{200b}d\u{1b}[31m", "abcd[31m"),
            ("  two \t\r\n lines ", "two lines"),
            ("\u{e000}", "?"),
            ("Ünïcode é", "Ünicode é"),
        ] {
            assert_eq!(gsm7(text), expected, "{text:?}");
        }
    }
}
