use std::time::Duration;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// How far back a chart reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Range {
    Hour,
    #[default]
    Day,
    Week,
    Month,
    Year,
}

impl Range {
    pub(crate) const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// The word in an address.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Year => "1y",
        }
    }

    /// Reads [`Self::code`] back; what is none of these is a day.
    pub(crate) fn parse(code: &str) -> Self {
        Self::ALL.into_iter().find(|range| range.code() == code).unwrap_or_default()
    }

    pub(crate) const fn span(self) -> Duration {
        Duration::from_secs(match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
            Self::Year => 365 * DAY,
        })
    }

    /// The time that one point of a chart stands for.
    pub(crate) const fn point(self) -> Duration {
        Duration::from_secs(match self {
            Self::Hour => 15,
            Self::Day => 300,
            Self::Week => HOUR,
            Self::Month => 2 * HOUR,
            Self::Year => DAY,
        })
    }

    /// The time that one row of a table stands for.
    pub(crate) const fn row(self) -> Duration {
        Duration::from_secs(match self {
            Self::Hour => 120,
            Self::Day => 1800,
            Self::Week => 6 * HOUR,
            Self::Month => DAY,
            Self::Year => 14 * DAY,
        })
    }

    /// Points of a chart.
    pub(crate) fn points(self) -> usize {
        usize::try_from(self.span().as_secs() / self.point().as_secs().max(1)).unwrap_or(1)
    }

    /// How old what was read may be before it is read again.
    pub(crate) const fn fresh(self) -> Duration {
        Duration::from_secs(match self {
            Self::Hour => 10,
            Self::Day => 60,
            Self::Week => 300,
            Self::Month => 600,
            Self::Year => 1800,
        })
    }
}
