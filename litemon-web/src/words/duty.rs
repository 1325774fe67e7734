//! Words of who is on call.

super::area::words! {
    /// See [`Words`](super::Words).
    DutyWords "duty" {
        on_call,
        until,
        then,
        monday,
        tuesday,
        wednesday,
        thursday,
        friday,
        saturday,
        sunday,
    }
}

impl DutyWords {
    /// A day of the week from 1, which is Monday, to 7; empty for any other number.
    pub(crate) const fn weekday(&self, day: usize) -> &'static str {
        match day {
            1 => self.monday,
            2 => self.tuesday,
            3 => self.wednesday,
            4 => self.thursday,
            5 => self.friday,
            6 => self.saturday,
            7 => self.sunday,
            _ => "",
        }
    }
}
