use super::Hours;
use crate::model::{Notice, Reason, Status, Timestamp, Zone};

/// Hours in which somebody is not told of what is only a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quiet {
    hours: Hours,
    zone: Zone,
}

impl Quiet {
    /// These hours, in this zone. `None` when they are never over.
    #[must_use]
    pub fn new(hours: Hours, zone: Zone) -> Option<Self> {
        (!hours.are_endless()).then_some(Self { hours, zone })
    }

    /// Until when a notice waits; `None` when it does not.
    #[must_use]
    pub fn until(&self, notice: &Notice, now: Timestamp) -> Option<Timestamp> {
        let warns = notice.status == Status::Warning && notice.reason != Reason::Test;
        self.end(now).filter(|_| warns)
    }

    /// Until when these hours last; `None` outside of them.
    #[must_use]
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        self.hours.end(now, &self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixtures;

    #[test]
    fn only_what_is_no_more_than_a_warning_waits() {
        let night = Hours::new("22:00", "07:00", []).unwrap();
        let quiet = Quiet::new(night, Zone::utc()).unwrap();
        let (late, day) = (Timestamp::from_millis(23 * 3_600_000), Timestamp::from_millis(0));
        let warns = Notice { status: Status::Warning, ..fixtures::off() };
        let morning = Timestamp::from_millis(31 * 3_600_000);
        assert_eq!(quiet.until(&warns, late), Some(morning));
        assert_eq!(quiet.until(&warns, day.plus(std::time::Duration::from_secs(36_000))), None);
        for status in [Status::Ok, Status::Unknown, Status::Critical] {
            assert_eq!(quiet.until(&Notice { status, ..warns.clone() }, late), None, "{status:?}");
        }
        let test = Notice { reason: Reason::Test, ..warns };
        assert_eq!(quiet.until(&test, late), None);
        let ever = Hours::new("09:00", "09:00", []).unwrap();
        assert_eq!(Quiet::new(ever, Zone::utc()), None);
    }
}
