//! Numbers as people read them in a hurry.

/// The longest unit shown.
const UNIT: usize = 6;

/// `93% > 50%`, with as many decimals as it takes to see that it is above.
pub(super) fn over(value: f64, limit: f64, unit: &str) -> String {
    let unit: String = unit.chars().take(UNIT).collect();
    let limit_text = plain(limit, 2);
    let places = usize::from(value.abs() < 10.0);
    let value_text = (places..=4)
        .map(|places| plain(value, places))
        .find(|text| text.parse::<f64>().is_ok_and(|shown| shown > limit) && *text != limit_text)
        .unwrap_or_else(|| plain(value, places));
    format!("{value_text}{unit} > {limit_text}{unit}")
}

/// `93%`
pub(crate) fn with_unit(value: f64, unit: &str) -> String {
    let unit: String = unit.chars().take(UNIT).collect();
    format!("{}{unit}", plain(value, 2))
}

/// At most `places` decimals, none that are zero; an exponent where it would be long.
fn plain(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    if value.abs() >= 1e9 {
        return format!("{value:.1e}");
    }
    let places = if value.abs() >= 1e6 { 0 } else { places };
    let text = format!("{value:.places$}");
    let short = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.as_str()
    };
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_true() {
        for (value, limit, unit, expected) in [
            (93.4, 50.0, "%", "93% > 50%"),
            (50.04, 50.0, "%", "50.04% > 50%"),
            (50.6, 50.5, "%", "51% > 50.5%"),
            (1.26, 1.0, " s", "1.3 s > 1 s"),
            (0.5, 0.0, "%", "0.5% > 0%"),
            (100.0, 99.99, "%", "100% > 99.99%"),
            (1e300, 1e12, "furlongs", "1.0e300furlon > 1.0e12furlon"),
            (f64::NAN, 1.0, "", "? > 1"),
        ] {
            assert_eq!(over(value, limit, unit), expected);
        }
        assert_eq!(with_unit(-0.001, "%"), "0%");
    }
}
