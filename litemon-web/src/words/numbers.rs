//! Words of messaging and statistics, and how numbers are written.

/// See [`Words`](super::Words).
pub(crate) struct NumberWords {
    pub(crate) messaging: &'static str,
    pub(crate) statistics: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) delay: &'static str,
    pub(crate) expires: &'static str,
    pub(crate) last_hour: &'static str,
    pub(crate) last_day: &'static str,
    pub(crate) between: fn(&str, &str) -> String,
    pub(crate) named: fn(&str) -> Option<&'static str>,
    /// The whole percent that today is of yesterday.
    pub(crate) part_of_yesterday: fn(&str) -> String,
    pub(crate) more_than_yesterday: fn(&str) -> String,
    pub(crate) as_many_as_yesterday: &'static str,
    thousands: char,
    decimal: char,
}

impl NumberWords {
    /// A number with its thousands set apart.
    pub(crate) fn write(&self, value: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", value.abs());
        let (whole, part) =
            text.split_once('.').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
        let mut written = String::new();
        if value < 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
            written.push('−');
        }
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                written.push(self.thousands);
            }
            written.push(digit);
        }
        if let Some(part) = part {
            written.push(self.decimal);
            written.push_str(part);
        }
        written
    }

    /// A count, or another number with the decimals that it has, up to two.
    pub(crate) fn amount(&self, value: f64) -> String {
        let decimals = [0, 1].into_iter().find(|decimals| {
            let factor = 10_f64.powi(i32::from(*decimals));
            ((value * factor).round() - value * factor).abs() < 1e-6
        });
        self.write(value, usize::from(decimals.unwrap_or(2_u8)))
    }

    /// A time in seconds, as fine as it can be told.
    pub(crate) fn seconds(&self, value: f64) -> String {
        let decimals = if value.abs() < 1.0 {
            3
        } else if value.abs() < 10.0 {
            2
        } else {
            1
        };
        format!("{}\u{a0}s", self.write(value, decimals))
    }
}

pub(super) const ENGLISH: NumberWords = NumberWords {
    messaging: "Messaging",
    statistics: "Statistics",
    failed: "Failed",
    delay: "Delay",
    expires: "Expires after",
    last_hour: "Last hour",
    last_day: "Last 24 hours",
    between: |low, high| format!("between {low} and {high}"),
    named: |name| match name {
        "today" => Some("Today"),
        "yesterday" => Some("Yesterday"),
        "this_week" => Some("This week"),
        "this_month" => Some("This month"),
        "total" => Some("Total"),
        _ => None,
    },
    part_of_yesterday: |part| format!("So far {part}\u{a0}% of all of yesterday"),
    more_than_yesterday: |count| format!("Already {count} more than all of yesterday"),
    as_many_as_yesterday: "As many as all of yesterday",
    thousands: ',',
    decimal: '.',
};

pub(super) const INDONESIAN: NumberWords = NumberWords {
    messaging: "Pesan antar server",
    statistics: "Statistik",
    failed: "Gagal",
    delay: "Jeda",
    expires: "Kedaluwarsa setelah",
    last_hour: "Satu jam terakhir",
    last_day: "24 jam terakhir",
    between: |low, high| format!("antara {low} dan {high}"),
    named: |name| match name {
        "today" => Some("Hari ini"),
        "yesterday" => Some("Kemarin"),
        "this_week" => Some("Minggu ini"),
        "this_month" => Some("Bulan ini"),
        "total" => Some("Jumlah"),
        _ => None,
    },
    part_of_yesterday: |part| format!("Sejauh ini {part}\u{a0}% dari seluruh kemarin"),
    more_than_yesterday: |count| format!("Sudah {count} lebih banyak dari seluruh kemarin"),
    as_many_as_yesterday: "Sama dengan seluruh kemarin",
    thousands: '.',
    decimal: ',',
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_and_decimals_are_set_as_the_language_does() {
        for (value, english, indonesian) in [
            (0.0, "0", "0"),
            (999.0, "999", "999"),
            (48_310.0, "48,310", "48.310"),
            (1_234_567.0, "1,234,567", "1.234.567"),
            (1234.5, "1,234.5", "1.234,5"),
            (-2083.0, "−2,083", "−2.083"),
            (0.256, "0.26", "0,26"),
        ] {
            assert_eq!(ENGLISH.amount(value), english);
            assert_eq!(INDONESIAN.amount(value), indonesian);
        }
        assert_eq!(ENGLISH.seconds(0.0123), "0.012\u{a0}s");
        assert_eq!(INDONESIAN.seconds(12.34), "12,3\u{a0}s");
    }
}
