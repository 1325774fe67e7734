//! Which days a number is about. Pure.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use crate::model::{Timestamp, Zone};

/// What is counted. Days are those of the calendar in the configured zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    Today,
    Yesterday,
    ThisWeek,
    ThisMonth,
    Total,
}

impl Range {
    /// In the order in which they are shown.
    pub(super) const ALL: [Self; 5] =
        [Self::Today, Self::Yesterday, Self::ThisWeek, Self::ThisMonth, Self::Total];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::ThisWeek => "this_week",
            Self::ThisMonth => "this_month",
            Self::Total => "total",
        }
    }

    /// Whether its days are over, so that its number does not grow any more.
    pub(super) const fn is_closed(self) -> bool {
        matches!(self, Self::Yesterday)
    }
}

/// The day of the calendar in a zone.
pub(super) fn day(zone: &Zone, at: Timestamp) -> Date {
    at.jiff().to_zoned(zone.0.clone()).date()
}

/// A first and a last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days {
    pub(super) first: Date,
    pub(super) last: Date,
}

/// What the days of the ranges depend on beside today.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    pub(super) week_starts: Weekday,
    pub(super) total_since: Date,
}

impl Calendar {
    /// The days of a range. `first` is later than `last` only for a total that is still to begin.
    pub(super) fn days(&self, range: Range, today: Date) -> Days {
        let (first, last) = match range {
            Range::Today => (today, today),
            Range::Yesterday => {
                let yesterday = today.saturating_sub(1.day());
                (yesterday, yesterday)
            }
            Range::ThisWeek => {
                let gone = today.weekday().since(self.week_starts);
                (today.saturating_sub(i64::from(gone).days()), today)
            }
            Range::ThisMonth => (today.first_of_month(), today),
            Range::Total => (self.total_since, today),
        };
        Days { first, last }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SINCE: &str = "2015-01-01";

    fn calendar(week_starts: Weekday) -> Calendar {
        Calendar { week_starts, total_since: SINCE.parse().unwrap() }
    }

    /// `yesterday`, the first day of the week and that of the month, on a day.
    fn on(today: &str, week_starts: Weekday) -> [String; 3] {
        let today: Date = today.parse().unwrap();
        let first = |range| calendar(week_starts).days(range, today).first.to_string();
        [first(Range::Yesterday), first(Range::ThisWeek), first(Range::ThisMonth)]
    }

    #[test]
    fn weeks_months_and_years_turn() {
        use Weekday::{Monday, Saturday, Sunday};
        for (today, starts, expected) in [
            ("2016-04-14", Monday, ["2016-04-13", "2016-04-11", "2016-04-01"]), // a Thursday
            ("2016-04-17", Monday, ["2016-04-16", "2016-04-11", "2016-04-01"]), // a Sunday
            ("2016-04-18", Monday, ["2016-04-17", "2016-04-18", "2016-04-01"]), // a Monday
            ("2016-04-17", Sunday, ["2016-04-16", "2016-04-17", "2016-04-01"]),
            ("2016-04-16", Sunday, ["2016-04-15", "2016-04-10", "2016-04-01"]),
            ("2016-04-15", Saturday, ["2016-04-14", "2016-04-09", "2016-04-01"]),
            ("2016-05-01", Monday, ["2016-04-30", "2016-04-25", "2016-05-01"]),
            ("2016-03-01", Monday, ["2016-02-29", "2016-02-29", "2016-03-01"]),
            ("2017-03-01", Monday, ["2017-02-28", "2017-02-27", "2017-03-01"]),
            ("2017-01-01", Monday, ["2016-12-31", "2016-12-26", "2017-01-01"]),
            ("2000-03-01", Monday, ["2000-02-29", "2000-02-28", "2000-03-01"]),
        ] {
            assert_eq!(on(today, starts), expected, "{today} {starts:?}");
        }
    }

    /// The day in a zone at a moment in UTC.
    fn utc(zone: &str, at: &str) -> String {
        let at: jiff::Timestamp = at.parse().unwrap();
        let zone = Zone::named(zone).unwrap();
        day(&zone, Timestamp::from_millis(at.as_millisecond())).to_string()
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_zone_or_where_there_is_none_right_after_the_gap() {
        for (zone, before, at, turned) in [
            ("Asia/Jakarta", "2016-04-13T16:59:59Z", "2016-04-13T17:00:00Z", "2016-04-14"),
            // Summer time begins and ends in the night, an hour or two after midnight.
            ("Europe/Berlin", "2016-03-26T22:59:59Z", "2016-03-26T23:00:00Z", "2016-03-27"),
            ("Europe/Berlin", "2016-03-27T21:59:59Z", "2016-03-27T22:00:00Z", "2016-03-28"),
            ("Europe/Berlin", "2016-10-29T21:59:59Z", "2016-10-29T22:00:00Z", "2016-10-30"),
            ("Europe/Berlin", "2016-10-30T22:59:59Z", "2016-10-30T23:00:00Z", "2016-10-31"),
            // Summer time began at midnight: the day's first hour is 01:00.
            ("America/Sao_Paulo", "2016-10-16T02:59:59Z", "2016-10-16T03:00:00Z", "2016-10-16"),
            // It ended at midnight: the hour from 23:00 came twice, and both belong to the day before.
            ("America/Sao_Paulo", "2016-02-21T02:59:59Z", "2016-02-21T03:00:00Z", "2016-02-21"),
        ] {
            assert_ne!(utc(zone, before), turned, "{zone} {before}");
            assert_eq!(utc(zone, at), turned, "{zone} {at}");
        }
        // An hour before the end of summer time it had been 23:00 once already.
        assert_eq!(utc("America/Sao_Paulo", "2016-02-21T01:30:00Z"), "2016-02-20");
        assert_eq!(utc("America/Sao_Paulo", "2016-02-21T02:30:00Z"), "2016-02-20");
    }

    fn zones() -> impl Strategy<Value = &'static str> {
        prop::sample::select(&["Europe/Berlin", "America/Sao_Paulo", "Asia/Jakarta", "UTC"][..])
    }

    fn weekdays() -> impl Strategy<Value = Weekday> {
        (1_i8..=7).prop_map(|n| Weekday::from_monday_one_offset(n).unwrap())
    }

    proptest! {
        #[test]
        fn ranges_hold_together(
            zone in zones(),
            starts in weekdays(),
            // 1990 to 2035, by the second.
            seconds in 631_152_000_i64..2_051_222_400,
        ) {
            let today = day(&Zone::named(zone).unwrap(), Timestamp::from_millis(seconds * 1000));
            let days = |range| calendar(starts).days(range, today);
            prop_assert_eq!(days(Range::Today), Days { first: today, last: today });
            let yesterday = days(Range::Yesterday);
            prop_assert_eq!(yesterday.first, yesterday.last);
            prop_assert_eq!(yesterday.last.tomorrow().unwrap(), today);

            let week = days(Range::ThisWeek);
            prop_assert_eq!((week.first.weekday(), week.last), (starts, today));
            prop_assert!((0..7).contains(&today.since(week.first).unwrap().get_days()));

            let month = days(Range::ThisMonth);
            prop_assert_eq!((month.first.day(), month.last), (1, today));
            prop_assert_eq!((month.first.month(), month.first.year()), (today.month(), today.year()));
            prop_assert_eq!(days(Range::Total).last, today);
        }

        #[test]
        fn a_day_is_entered_once_and_never_left_backwards(
            zone in zones(),
            seconds in 631_152_000_i64..2_051_222_400,
        ) {
            let zone = Zone::named(zone).unwrap();
            let day = |s: i64| day(&zone, Timestamp::from_millis(s * 1000));
            let (now, later) = (day(seconds), day(seconds + 60));
            prop_assert!(later == now || later == now.tomorrow().unwrap(), "{now} {later}");
        }
    }
}
