//! Words of messaging and statistics, and how numbers are written.

super::area::words! {
    /// See [`Words`](super::Words).
    NumberWords "numbers" {
        messaging,
        statistics,
        failed,
        delay,
        expires,
        last_hour,
        last_day,
        as_many_as_yesterday,
        today,
        yesterday,
        this_week,
        this_month,
        total,
        thousands,
        decimal,
    }
    with {
        between(low, high),
        part_of_yesterday(part),
        more_than_yesterday(count),
    }
}

impl NumberWords {
    /// What a number of statistics is called, if its name is one of the five that each has.
    pub(crate) fn named(&self, name: &str) -> Option<&'static str> {
        match name {
            "today" => Some(self.today),
            "yesterday" => Some(self.yesterday),
            "this_week" => Some(self.this_week),
            "this_month" => Some(self.this_month),
            "total" => Some(self.total),
            _ => None,
        }
    }

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
                written.push_str(self.thousands);
            }
            written.push(digit);
        }
        if let Some(part) = part {
            written.push_str(self.decimal);
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

#[cfg(test)]
mod tests {
    use litemon_core::model::Language;

    use crate::words::Words;

    #[test]
    fn thousands_and_decimals_are_set_as_the_language_does() {
        let english = &Words::of(Language::English).numbers;
        let indonesian = &Words::of(Language::Indonesian).numbers;
        for (value, in_english, in_indonesian) in [
            (0.0, "0", "0"),
            (999.0, "999", "999"),
            (48_310.0, "48,310", "48.310"),
            (1_234_567.0, "1,234,567", "1.234.567"),
            (1234.5, "1,234.5", "1.234,5"),
            (-2083.0, "−2,083", "−2.083"),
            (0.256, "0.26", "0,26"),
        ] {
            assert_eq!(english.amount(value), in_english);
            assert_eq!(indonesian.amount(value), in_indonesian);
        }
        assert_eq!(english.seconds(0.0123), "0.012\u{a0}s");
        assert_eq!(indonesian.seconds(12.34), "12,3\u{a0}s");
    }
}
