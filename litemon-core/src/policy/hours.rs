use jiff::civil::{Date, DateTime, Time, Weekday};

use crate::model::{Timestamp, Zone};

/// Hours of some days of the week, as clocks on the wall show them, over midnight too: what begins on
/// a day belongs to that day. From a time to the same time is a whole day.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hours {
    from: Time,
    to: Time,
    /// On which they begin; all when empty.
    days: Vec<Weekday>,
}

impl Hours {
    /// From a time up to another, both as `22:00`, beginning on these days (`mon` to `sun`), or on
    /// all. `None` when one is not written like that.
    #[must_use]
    pub fn new<'a>(from: &str, to: &str, days: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let days = days.into_iter().map(weekday).collect::<Option<_>>()?;
        Some(Self { from: clock(from)?, to: clock(to)?, days })
    }

    /// Whether they are on at that moment.
    #[must_use]
    pub fn cover(&self, at: Timestamp, zone: &Zone) -> bool {
        self.cover_civil(at.jiff().to_zoned(zone.0.clone()).datetime())
    }

    fn cover_civil(&self, now: DateTime) -> bool {
        let (time, day) = (now.time(), now.date().weekday());
        if self.from < self.to {
            return self.from <= time && time < self.to && self.begin_on(day);
        }
        time >= self.from && self.begin_on(day) || time < self.to && self.begin_on(day.previous())
    }

    /// Whether they are on at any time.
    #[must_use]
    pub fn are_endless(&self) -> bool {
        self.from == self.to && DAYS.iter().all(|day| self.begin_on(*day))
    }

    fn begin_on(&self, day: Weekday) -> bool {
        self.days.is_empty() || self.days.contains(&day)
    }

    /// When they are over, if they are on at that moment; `None` also if they are never over.
    #[must_use]
    pub fn end(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        if !self.cover(at, zone) {
            return None;
        }
        self.turns(at, zone).find(|turn| *turn > at && !self.cover(*turn, zone))
    }

    /// When they begin and end in the days around a moment, in order: all that there is in a week.
    pub(super) fn turns(&self, at: Timestamp, zone: &Zone) -> impl Iterator<Item = Timestamp> {
        let today = at.jiff().to_zoned(zone.0.clone()).date();
        let days =
            (-1_i32..=8).filter_map(move |n| today.checked_add(jiff::Span::new().days(n)).ok());
        let both = move |day: Date| {
            [self.from.min(self.to), self.from.max(self.to)].map(|time| day.to_datetime(time))
        };
        days.flat_map(both).filter_map(|civil| moment(civil, zone))
    }
}

/// When clocks show that; what they leave out is the moment after it, what they show twice the first.
pub(super) fn moment(civil: DateTime, zone: &Zone) -> Option<Timestamp> {
    let zoned = civil.to_zoned(zone.0.clone()).ok()?;
    Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// `22:00`
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

const DAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.to_ascii_lowercase().as_str() {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn night() -> Hours {
        Hours::new("22:00", "07:00", []).unwrap()
    }

    fn berlin() -> Zone {
        Zone::named("Europe/Berlin").unwrap()
    }

    #[test]
    fn hours_are_read_as_they_are_written() {
        for (from, to, days) in [
            ("22:00", "24:00", "mon"),
            ("22", "07:00", "mon"),
            ("+2:00", "07:00", "mon"),
            ("22:00", "7:00", "mon"),
            ("22:60", "07:00", "mon"),
            ("22:00", "07:00", "monday"),
        ] {
            assert_eq!(Hours::new(from, to, [days]), None, "{from} {to} {days}");
        }
        assert!(Hours::new("00:00", "23:59", ["Mon", "sun"]).is_some());
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let friday = Hours::new("22:00", "07:00", ["fri"]).unwrap();
        for (now, on) in [
            ("2026-11-27T21:59:59Z", false),
            ("2026-11-27T22:00:00Z", true),
            ("2026-11-28T06:59:59Z", true),
            ("2026-11-28T07:00:00Z", false),
            ("2026-11-28T23:00:00Z", false),
            ("2026-11-27T05:00:00Z", false),
        ] {
            assert_eq!(friday.cover(at(now), &Zone::utc()), on, "{now}");
        }
        let lunch = Hours::new("12:00", "13:00", ["sat"]).unwrap();
        assert!(lunch.cover(at("2026-11-28T12:30:00Z"), &Zone::utc()));
        assert!(!lunch.cover(at("2026-11-28T13:00:00Z"), &Zone::utc()));
        let whole = Hours::new("09:00", "09:00", ["sat"]).unwrap();
        assert!(whole.cover(at("2026-11-29T08:59:59Z"), &Zone::utc()));
        assert!(!whole.cover(at("2026-11-29T09:00:00Z"), &Zone::utc()));
    }

    #[test]
    fn they_end_when_the_clock_on_the_wall_says_so() {
        for (now, end) in [
            ("2026-07-01T21:00:00Z", "2026-07-02T05:00:00Z"),
            ("2026-12-01T23:00:00Z", "2026-12-02T06:00:00Z"),
            // The night in which clocks are put forward has eight hours, the other one ten.
            ("2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z"),
            ("2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z"),
        ] {
            assert_eq!(night().end(at(now), &berlin()), Some(at(end)), "{now}");
        }
        assert_eq!(night().end(at("2026-07-01T12:00:00Z"), &berlin()), None);
        let ever = Hours::new("09:00", "09:00", []).unwrap();
        assert_eq!(ever.end(at("2026-07-01T12:00:00Z"), &berlin()), None, "never over");
        // At 02:30 the clock shows 03:30.
        let gap = Hours::new("01:00", "02:30", []).unwrap();
        let end = gap.end(at("2026-03-29T00:30:00Z"), &berlin());
        assert!(end.is_some_and(|end| end <= at("2026-03-29T01:30:00Z")), "{end:?}");
    }

    proptest! {
        /// An end is the first moment at which they are not on, to the minute.
        #[test]
        fn an_end_is_the_end(minutes in 0_i64..1_100_000, from in 0..24_u8, to in 0..24_u8, days in prop::sample::subsequence(vec!["mon", "wed", "thu", "sun"], 0..4)) {
            let hours = Hours::new(&format!("{from:02}:00"), &format!("{to:02}:30"), days).unwrap();
            let now = at("2026-01-01T00:00:00Z").plus(std::time::Duration::from_secs(60 * u64::try_from(minutes).unwrap()));
            match hours.end(now, &berlin()) {
                None => prop_assert!(!hours.cover(now, &berlin())),
                Some(end) => {
                    prop_assert!(hours.cover(now, &berlin()) && end > now);
                    prop_assert!(!hours.cover(end, &berlin()));
                    let mut before = now;
                    while before < end {
                        prop_assert!(hours.cover(before, &berlin()), "{before}");
                        before = before.plus(std::time::Duration::from_secs(900));
                    }
                }
            }
        }
    }
}
