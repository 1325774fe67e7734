//! To which numbers it sends.

use std::collections::BTreeSet;

use super::SmsSettings;
use crate::notify::phone::{country_code, e164};

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
