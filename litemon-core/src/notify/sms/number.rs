//! Phone numbers as E.164 writes them: `+`, country code, number; 15 digits at most.

use std::collections::BTreeSet;

use super::SmsSettings;

/// The recipients in E.164. What is no number is added to `wrong`.
pub(super) fn all(settings: &SmsSettings, wrong: &mut Vec<(String, String)>) -> Vec<String> {
    let country = settings.default_country_code.as_deref().and_then(|text| {
        let code = country_code(text);
        if code.is_none() {
            let expected = "expected a country code of one to three digits, as \"62\"";
            wrong.push(("default_country_code".to_owned(), expected.to_owned()));
        }
        code
    });
    if settings.recipients.is_empty() {
        wrong.push(("recipients".to_owned(), "expected at least one phone number".to_owned()));
    }
    let mut seen = BTreeSet::new();
    let mut numbers = Vec::new();
    for (index, text) in settings.recipients.iter().enumerate() {
        match e164(text, country) {
            Some(number) if seen.insert(number.clone()) => numbers.push(number),
            Some(_) => {
                wrong.push((format!("recipients.{index}"), "this number is here twice".into()))
            }
            None => wrong.push((
                format!("recipients.{index}"),
                "expected a phone number with its country code, as \"+628123456789\" (one that \
                 starts with 0 needs default_country_code)"
                    .to_owned(),
            )),
        }
    }
    numbers
}

fn country_code(text: &str) -> Option<&str> {
    let digits = text.trim().trim_start_matches('+');
    let right = (1..=3).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0');
    right.then_some(digits)
}

/// `+62 812-3456-789`, `0062…` and, with a country, `0812…` all become `+628123456789`.
fn e164(text: &str, country: Option<&str>) -> Option<String> {
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
}
