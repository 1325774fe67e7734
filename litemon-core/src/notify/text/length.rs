//! How long a text is as an SMS.

use super::gsm::char_septets;

/// How long a text is as an SMS (3GPP TS 23.038 and 23.040): in the GSM alphabet 160 septets fit into
/// one, or 153 into each of several; any other character makes it UCS-2, with 70 or 67 units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SmsLength {
    /// Whether all of it is in the GSM alphabet.
    pub gsm7: bool,
    /// Septets, or units of UCS-2.
    pub units: usize,
    /// How many SMS it takes.
    pub parts: usize,
}

impl SmsLength {
    /// Of this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let septets: Option<Vec<usize>> = text.chars().map(gsm_septets).collect();
        match septets {
            Some(septets) => Self::with(true, &septets, 160, 153),
            None => {
                let units: Vec<usize> = text.chars().map(char::len_utf16).collect();
                Self::with(false, &units, 70, 67)
            }
        }
    }

    fn with(gsm7: bool, chars: &[usize], alone: usize, each: usize) -> Self {
        let units = chars.iter().sum();
        if units <= alone {
            return Self { gsm7, units, parts: usize::from(units > 0) };
        }
        let (mut parts, mut filled) = (1, 0);
        // No character is cut in two.
        for length in chars {
            if filled + length > each {
                parts += 1;
                filled = 0;
            }
            filled += length;
        }
        Self { gsm7, units, parts }
    }
}

fn gsm_septets(c: char) -> Option<usize> {
    if c == '\n' { Some(1) } else { char_septets(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_the_phone_network_needs() {
        for (text, gsm7, units, parts) in [
            (String::new(), true, 0, 0),
            ("a".repeat(160), true, 160, 1),
            ("a".repeat(161), true, 161, 2),
            ("a".repeat(306), true, 306, 2),
            ("a".repeat(307), true, 307, 3),
            ("€".repeat(80), true, 160, 1),
            // 153 septets hold 76 of two each, not 76 and a half.
            ("€".repeat(153), true, 306, 3),
            ("a\nb".to_owned(), true, 3, 1),
            ("я".repeat(70), false, 70, 1),
            ("я".repeat(71), false, 71, 2),
            ("😀".repeat(35), false, 70, 1),
            ("😀".repeat(67), false, 134, 3),
        ] {
            let length = SmsLength::of(&text);
            assert_eq!((length.gsm7, length.units, length.parts), (gsm7, units, parts), "{text}");
        }
    }
}
