use std::{collections::BTreeMap, time::Duration};

use super::Span;
use crate::model::{CheckId, CheckKind, CloseReason, IncidentNumber, Name, Status, Timestamp};

/// What happened in a time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The time that was asked for.
    pub span: Span,
    /// Until when it tells: the end of that time, or now when that is earlier.
    pub until: Timestamp,
    /// When it was made.
    pub made: Timestamp,
    /// Servers, least available first; of the same, by name.
    pub servers: Vec<Availability>,
    /// What else is on or off or answers: services, messaging, other checks. In the same order.
    pub services: Vec<Availability>,
    /// What went wrong.
    pub incidents: Incidents,
    /// Percentages and other resources of servers: by the name of the check, busiest server first.
    pub resources: Vec<Busy>,
    /// What was counted, by name.
    pub statistics: Vec<Counted>,
    /// Jobs, newest first; `None` where none are kept.
    pub jobs: Option<Vec<JobLine>>,
}

/// How long something was what. The four times add up to the time of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Availability {
    /// The check: of a server, its `SERVER/ssh`.
    pub check: CheckId,
    /// What sort of check.
    pub kind: CheckKind,
    /// It ran.
    pub up: Duration,
    /// It did not, and nobody had planned that.
    pub down: Duration,
    /// Nothing is known.
    pub unknown: Duration,
    /// It did not run, or nothing is known, while that was planned.
    pub planned: Duration,
}

impl Availability {
    /// The part of the known and not planned time in which it ran, 0 to 1; `None` when nothing is
    /// known.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let known = self.up + self.down;
        (!known.is_zero()).then(|| self.up.as_secs_f64() / known.as_secs_f64())
    }
}

/// A time in which a server was expected not to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which server: with all its checks.
    pub server: Name,
    /// From when on.
    pub from: Timestamp,
    /// Until when at most; `None`: as long as it takes.
    pub to: Option<Timestamp>,
    /// Whether it ends sooner, when the server is seen to run again. It is none at all when the
    /// server never went away.
    pub until_back: bool,
}

/// What went wrong, and how soon it was told and over.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Incidents {
    /// The newest of those that were open at any time of the report, newest first.
    pub list: Vec<IncidentLine>,
    /// How many there were.
    pub count: usize,
    /// From the first bad result to the first acceptance of a notice, of those in `list`.
    pub told: Times,
    /// From the first bad result to the end, of those that are over.
    pub lasted: Times,
}

/// An incident, in a line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IncidentLine {
    /// Its number.
    pub number: IncidentNumber,
    /// The check.
    pub check: CheckId,
    /// What sort of check.
    pub kind: CheckKind,
    /// The worst that was told.
    pub worst: Status,
    /// The first bad result.
    pub since: Timestamp,
    /// When it ended and why, if it has.
    pub closed: Option<(Timestamp, CloseReason)>,
    /// Whether and how soon somebody was told.
    pub told: Told,
}

impl IncidentLine {
    /// How long it lasted, if it is over.
    #[must_use]
    pub fn lasted(&self) -> Option<Duration> {
        self.closed.map(|(end, _)| end.since(self.since))
    }
}

/// Whether and how soon somebody was told of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Told {
    /// Nobody was to be told.
    Nobody,
    /// No gateway has accepted the notice.
    NotYet,
    /// So long after the first bad result a gateway accepted it.
    After(Duration),
}

/// Several times, in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Times {
    /// How many.
    pub count: u32,
    /// Their mean; zero for none.
    pub mean: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Times {
    /// Of several times.
    #[must_use]
    pub fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let (mut count, mut sum, mut longest) = (0_u32, Duration::ZERO, Duration::ZERO);
        for time in times {
            count = count.saturating_add(1);
            sum = sum.saturating_add(time);
            longest = longest.max(time);
        }
        Self { count, mean: sum.checked_div(count).unwrap_or_default(), longest }
    }
}

/// How busy a resource was.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Busy {
    /// The check, as `web-1/cpu`.
    pub check: CheckId,
    /// The unit of the numbers, as `%`.
    pub unit: String,
    /// The mean of all values.
    pub mean: f64,
    /// The highest value.
    pub max: f64,
    /// When that was: the beginning of the row of history that has it.
    pub max_at: Timestamp,
    /// Of how many values.
    pub count: u64,
}

/// What was counted, as new users.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Counted {
    /// The check, as `stats/new-users`.
    pub check: CheckId,
    /// How many came in the days of the report; `None` when no day is known.
    pub growth: Option<f64>,
    /// How many there are at its end; `None` when that is not known.
    pub total: Option<f64>,
    /// The days of the report that have a count, and how many it has.
    pub days: (usize, usize),
}

/// A job, in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobLine {
    /// Its number.
    pub id: i64,
    /// Who asked for it.
    pub by: String,
    /// The action or command.
    pub what: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// When the last server was done.
    pub ended: Option<Timestamp>,
    /// On how many servers it ended how, by the word of the outcome; `running` for those that are
    /// not done.
    pub outcomes: BTreeMap<String, usize>,
}

impl JobLine {
    /// A job without servers yet.
    #[must_use]
    pub fn new(
        id: i64,
        by: impl Into<String>,
        what: impl Into<String>,
        created: Timestamp,
        ended: Option<Timestamp>,
    ) -> Self {
        let (by, what) = (by.into(), what.into());
        Self { id, by, what, created, ended, outcomes: BTreeMap::new() }
    }

    /// With one more server on which it ended so.
    #[must_use]
    pub fn with(mut self, outcome: &str) -> Self {
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        self
    }

    /// On how many servers.
    #[must_use]
    pub fn servers(&self) -> usize {
        self.outcomes.values().sum()
    }
}

/// What somebody had run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operator {
    /// Who.
    pub name: String,
    /// How many jobs.
    pub jobs: usize,
    /// On how many servers in sum they ended how.
    pub outcomes: BTreeMap<String, usize>,
}
