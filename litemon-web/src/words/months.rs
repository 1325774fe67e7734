//! Short names of the months.

super::area::words! {
    /// See [`Words`](super::Words).
    MonthWords "months" {
        january,
        february,
        march,
        april,
        may,
        june,
        july,
        august,
        september,
        october,
        november,
        december,
    }
}

impl MonthWords {
    /// Of a month from 1 to 12; empty for any other number.
    pub(crate) const fn short(&self, month: usize) -> &'static str {
        match month {
            1 => self.january,
            2 => self.february,
            3 => self.march,
            4 => self.april,
            5 => self.may,
            6 => self.june,
            7 => self.july,
            8 => self.august,
            9 => self.september,
            10 => self.october,
            11 => self.november,
            12 => self.december,
            _ => "",
        }
    }
}
