//! Numbers with their unit.

use litemon_core::{
    model::{CheckKind, Observation},
    monitor::CheckView,
};

use crate::text::Clean;

/// The unit of a check's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit(String);

impl Unit {
    /// That of the last result, or the one that its kind has.
    pub(crate) fn of(check: &CheckView) -> Self {
        let last = check.last.as_ref().and_then(|last| last.result.as_ref().ok());
        let unit = last.filter(|seen| seen.value().is_some()).map(Observation::unit);
        Self(Clean(unit.unwrap_or_else(|| usual(check.kind))).to_string())
    }

    /// A number as it is read, with at most so many decimals.
    pub(crate) fn amount(&self, value: f64, decimals: usize) -> String {
        let number = grouped(&format!("{value:.decimals$}"));
        if self.0.is_empty() { number } else { format!("{number}\u{a0}{}", self.0) }
    }

    /// A number without the zeros at its end.
    pub(crate) fn short(&self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        let kept = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').len()
        } else {
            text.len()
        };
        self.amount(value, decimals.saturating_sub(text.len() - kept))
    }

    pub(crate) fn is_percent(&self) -> bool {
        self.0 == "%"
    }
}

fn usual(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Resource => "%",
        CheckKind::Messaging => "s",
        _ => "",
    }
}

/// `48 310`: thousands apart, as ISO 80000-1 has it.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    if digits.len() < 5 {
        return number.to_owned();
    }
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text + rest
}

/// A share in percent, that is 100 only when nothing is missing.
pub(crate) fn percent(share: f64) -> String {
    let hundredths = (share.clamp(0.0, 1.0) * 10_000.0).floor() / 100.0;
    let text = format!("{hundredths:.2}");
    if share >= 1.0 { "100\u{a0}%".to_owned() } else { format!("{text}\u{a0}%") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        let plain = Unit(String::new());
        for (value, decimals, expected) in [
            (48_310.0, 0, "48 310"),
            (-1_234_567.25, 1, "-1 234 567.2"),
            (2_083.0, 0, "2083"),
            (0.5, 3, "0.5"),
            (12.0, 3, "12"),
            (100.0, 0, "100"),
        ] {
            assert_eq!(plain.short(value, decimals).replace('\u{202f}', " "), expected);
        }
        assert_eq!(Unit("s".into()).amount(0.01, 3), "0.010\u{a0}s");
    }

    #[test]
    fn what_is_not_whole_is_not_called_whole() {
        assert_eq!(percent(1.0), "100\u{a0}%");
        assert_eq!(percent(0.999_999), "99.99\u{a0}%");
        assert_eq!(percent(0.0), "0.00\u{a0}%");
    }
}
