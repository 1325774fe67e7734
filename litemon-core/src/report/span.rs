//! The time that a report is about.

use jiff::{
    civil::{Date, DateTime, ISOWeekDate, Weekday},
    tz::TimeZone,
};

use crate::model::{Timestamp, Zone};

/// A usual time of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// From the first of a month to its last day.
    Month,
}

impl Period {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// `day`, `week`, `month`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Reads [`Self::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.word() == word)
    }

    /// The first day of the one that holds a day.
    fn first(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let week = day.iso_week_date();
                ISOWeekDate::new(week.year(), week.week(), Weekday::Monday).map_or(day, Date::from)
            }
            Self::Month => day.first_of_month(),
        }
    }

    /// The first day behind the one that begins with a day.
    fn next(self, first: Date) -> Date {
        match self {
            Self::Day => first.tomorrow(),
            Self::Week => first.checked_add(jiff::Span::new().weeks(1)),
            Self::Month => first.checked_add(jiff::Span::new().months(1)),
        }
        .unwrap_or(Date::MAX)
    }
}

/// The longest time of a report, in years.
const LONGEST: i64 = 10;

/// From one moment to another: `from <= at < to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The first one behind it.
    pub to: Timestamp,
    /// What it is, where it is a whole day, week or month of its zone.
    pub period: Option<Period>,
}

/// What was typed is no time of a report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpanError {
    /// It cannot be read.
    #[error("{given:?} is no {what}: expected {expected}")]
    Unreadable {
        /// `day`, `week`, `month`, `time`.
        what: &'static str,
        /// As it was typed.
        given: String,
        /// What would be.
        expected: &'static str,
    },
    /// It ends before it begins.
    #[error("the time of a report has to end after it begins")]
    Backwards,
    /// It is too long.
    #[error("the time of a report may be ten years at most")]
    TooLong,
    /// It has not begun.
    #[error("the time of a report has to begin before now")]
    ToCome,
}

impl Span {
    /// The day, week or month of the zone that holds a moment.
    #[must_use]
    pub fn holding(period: Period, at: Timestamp, zone: &Zone) -> Self {
        Self::from_day(period, day_of(at, zone), zone)
    }

    /// What was typed for a day, week or month: nothing or `this` for the present one, `last` for the one
    /// before, else a date in it, as `2026-11-20`; also `2026-W47` for a week, `2026-11` for a month.
    ///
    /// # Errors
    /// [`SpanError::Unreadable`], and [`SpanError::ToCome`] when it has not begun at `now`.
    pub fn typed(
        period: Period,
        text: &str,
        now: Timestamp,
        zone: &Zone,
    ) -> Result<Self, SpanError> {
        let present = Self::holding(period, now, zone);
        match text.trim() {
            "" | "this" => Ok(present),
            "last" => Ok(present.before(zone)),
            text => Self::from_day(period, named(period, text)?, zone).begun(now),
        }
    }

    /// Between two moments as somebody types them: a date, with that day included at both ends, a
    /// time in the zone, as `2026-11-20 05:30`, or RFC 3339. Without an end, until `now`.
    ///
    /// # Errors
    /// [`SpanError`], of whichever sort.
    pub fn between(
        from: &str,
        to: Option<&str>,
        now: Timestamp,
        zone: &Zone,
    ) -> Result<Self, SpanError> {
        let to = to.map(str::trim).filter(|to| !to.is_empty());
        let (from, to) =
            (moment(from, false, zone)?, to.map_or(Ok(now), |to| moment(to, true, zone))?);
        let span = Self { from, to, period: None };
        if to <= from {
            return Err(if from >= now { SpanError::ToCome } else { SpanError::Backwards });
        }
        let years = to.as_millis().saturating_sub(from.as_millis()) / (366 * 86_400_000);
        if years >= LONGEST {
            return Err(SpanError::TooLong);
        }
        span.named_in(zone).begun(now)
    }

    /// The one before, as long as this.
    #[must_use]
    pub fn before(&self, zone: &Zone) -> Self {
        match self.period {
            Some(period) => {
                Self::holding(period, Timestamp::from_millis(self.from.as_millis() - 1), zone)
            }
            None => {
                Self { from: self.from.minus(self.to.since(self.from)), to: self.from, ..*self }
            }
        }
    }

    /// The one behind, as long as this.
    #[must_use]
    pub fn after(&self, zone: &Zone) -> Self {
        match self.period {
            Some(period) => Self::holding(period, self.to, zone),
            None => Self { from: self.to, to: self.to.plus(self.to.since(self.from)), ..*self },
        }
    }

    /// The first day of it.
    #[must_use]
    pub fn first_day(&self, zone: &Zone) -> String {
        zone.date(self.from)
    }

    /// The last day of it.
    #[must_use]
    pub fn last_day(&self, zone: &Zone) -> String {
        zone.date(Timestamp::from_millis(self.to.as_millis().saturating_sub(1)))
    }

    /// Whether it begins and ends at midnight.
    #[must_use]
    pub fn is_whole_days(&self, zone: &Zone) -> bool {
        [self.from, self.to].into_iter().all(|at| midnight(day_of(at, zone), zone) == at)
    }

    fn from_day(period: Period, day: Date, zone: &Zone) -> Self {
        let first = period.first(day);
        let (from, to) = (midnight(first, zone), midnight(period.next(first), zone));
        Self { from, to, period: Some(period) }
    }

    /// The same time, known as the day, week or month that it is.
    fn named_in(self, zone: &Zone) -> Self {
        let same = |period: &Period| {
            let whole = Self::holding(*period, self.from, zone);
            (whole.from, whole.to) == (self.from, self.to)
        };
        Self { period: Period::ALL.into_iter().find(same), ..self }
    }

    fn begun(self, now: Timestamp) -> Result<Self, SpanError> {
        if self.from < now { Ok(self) } else { Err(SpanError::ToCome) }
    }
}

/// The day of a moment, where people of the zone live.
pub(super) fn day_of(at: Timestamp, zone: &Zone) -> Date {
    at.jiff().to_zoned(zone.0.clone()).date()
}

/// The first moment of a day; in a zone where midnight is left out that day, the first one behind.
pub(super) fn midnight(day: Date, zone: &Zone) -> Timestamp {
    civil(day.at(0, 0, 0, 0), &zone.0)
}

fn civil(time: DateTime, zone: &TimeZone) -> Timestamp {
    let at = zone.to_ambiguous_timestamp(time).compatible();
    Timestamp::from_millis(at.map_or(i64::MAX, jiff::Timestamp::as_millisecond))
}

fn named(period: Period, text: &str) -> Result<Date, SpanError> {
    let expected = match period {
        Period::Day => "a date as 2026-11-20, or `last`",
        Period::Week => "a date in it as 2026-11-20, its number as 2026-W47, or `last`",
        Period::Month => "a month as 2026-11, a date in it, or `last`",
    };
    let date = match period {
        Period::Day => None,
        Period::Week => week(text),
        Period::Month => format!("{text}-01").parse().ok(),
    };
    date.or_else(|| date_of(text)).ok_or_else(|| SpanError::Unreadable {
        what: period.word(),
        given: text.to_owned(),
        expected,
    })
}

/// The Monday of `2026-W47`.
fn week(text: &str) -> Option<Date> {
    let (year, week) = text.split_once("-W")?;
    ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok().map(Date::from)
}

/// A date and nothing else: a time beside it would be passed over.
fn date_of(text: &str) -> Option<Date> {
    (text.len() == "2026-11-20".len()).then(|| text.parse().ok()).flatten()
}

fn moment(text: &str, end: bool, zone: &Zone) -> Result<Timestamp, SpanError> {
    let text = text.trim();
    if let Some(day) = date_of(text) {
        let day = if end { Period::Day.next(day) } else { day };
        return Ok(midnight(day, zone));
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp::from_millis(at.as_millisecond()));
    }
    let time = text.parse::<DateTime>().map_err(|_| SpanError::Unreadable {
        what: "time",
        given: text.to_owned(),
        expected: "a date as 2026-11-20, or a time as 2026-11-20T05:30",
    })?;
    Ok(civil(time, &zone.0))
}
