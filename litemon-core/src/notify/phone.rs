//! Phone numbers as E.164 writes them: `+`, country code, number; 15 digits at most.

/// `62`, from `+62` too.
pub(crate) fn country_code(text: &str) -> Option<&str> {
    let digits = text.trim().trim_start_matches('+');
    let right = (1..=3).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0');
    right.then_some(digits)
}

/// `+62 812-3456-789`, `0062…` and, with a country, `0812…` all become `+628123456789`.
pub(crate) fn e164(text: &str, country: Option<&str>) -> Option<String> {
    let text: String =
        text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let digits = if let Some(rest) = text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
        rest.to_owned()
    } else {
        format!("{}{}", country?, text.strip_prefix('0')?)
    };
    let right = (7..=15).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0');
    right.then(|| format!("+{digits}"))
}

/// The number that a message came from. Gateways leave out the `+`, or lose it as a space of a URL.
pub(crate) fn sender(text: &str, country: Option<&str>) -> Option<String> {
    e164(text, country).or_else(|| e164(&format!("+{}", text.trim()), None))
}

/// The number for those who need not know it: its first and last digits.
#[must_use]
pub fn masked(number: &str) -> String {
    const SHOWN: [usize; 2] = [5, 3];
    let number: Vec<char> = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let [first, last] = if number.len() > 10 { SHOWN } else { [0, 2] };
    let hidden = number.len().saturating_sub(first + last);
    let shown =
        |(at, c): (usize, &char)| if (first..first + hidden).contains(&at) { '*' } else { *c };
    number.iter().enumerate().map(shown).take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_ways_to_write_one_number() {
        let one = Some("+628123456789".to_owned());
        for text in ["+628123456789", "+62 812-345-6789", "00628123456789", "0812 345 6789"] {
            assert_eq!(e164(text, Some("62")), one, "{text}");
        }
        for text in [
            "",
            "+",
            "0812",
            "8123456789",
            "+62812345678901234",
            "+0812345678",
            "abc",
            "+62x12345678",
        ] {
            assert_eq!(e164(text, Some("62")), None, "{text}");
        }
        assert_eq!(e164("08123456789", None), None);
        assert_eq!(country_code("+62"), Some("62"));
        assert_eq!(country_code("062"), None);
    }
    #[test]
    fn a_sender_may_have_lost_his_plus() {
        let one = Some("+628123456789".to_owned());
        for text in ["+628123456789", "628123456789", " 628123456789", "08123456789"] {
            assert_eq!(sender(text, Some("62")), one, "{text}");
        }
        for text in ["", "BANK", "12345", "+", "0812", "\u{661}\u{662}"] {
            assert_eq!(sender(text, Some("62")), None, "{text}");
        }
    }

    #[test]
    fn a_masked_number_cannot_be_called() {
        for (number, expected) in [
            ("+628123456789", "+6281*****789"),
            ("BANK", ""),
            ("12345", "***45"),
            ("1", "1"),
            ("+\u{1b}62<b>8123456789", "+6281*****789"),
            ("99999999999999999999999", "99999***********"),
        ] {
            assert_eq!(masked(number), expected, "{number}");
        }
    }
}
