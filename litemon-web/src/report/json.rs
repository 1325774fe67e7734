//! A report for programs.

use std::{collections::BTreeMap, time::Duration};

use litemon_core::report::{self, Report, Told, by_operator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::types::Time;

/// A report. Durations are whole milliseconds, shares parts from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// The beginning of the time it is about.
    pub from: Time,
    /// The first moment behind it.
    pub to: Time,
    /// Until when it tells: `to`, or when it was made if that is earlier.
    pub until: Time,
    /// When it was made.
    pub made: Time,
    /// `day`, `week`, `month`, where it is one.
    pub period: Option<String>,
    /// The part of the known time in which the servers were available, taken together.
    pub share: Option<f64>,
    /// Servers, by their checks `SERVER/ssh`, least available first.
    pub servers: Vec<Available>,
    /// Services, messaging and other checks, least available first.
    pub services: Vec<Available>,
    /// The newest incidents that were open at any time of it, newest first.
    pub incidents: Vec<Incident>,
    /// How many there were.
    pub incident_count: usize,
    /// From the first bad result to the first acceptance of a notice.
    pub told: Times,
    /// From the first bad result to the end.
    pub lasted: Times,
    /// Resources of servers: by the name of the check, busiest first.
    pub resources: Vec<Busy>,
    /// What was counted.
    pub statistics: Vec<Counted>,
    /// Jobs, newest first; null where none are kept.
    pub jobs: Option<Vec<Job>>,
    /// The same by who had them run.
    pub operators: Option<Vec<Operator>>,
}

/// How long something was what. The four times add up to the time from `from` to `until`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Available {
    /// The full name of the check.
    pub check: String,
    /// The part of the known and not planned time in which it ran; null when nothing is known.
    pub share: Option<f64>,
    /// It ran.
    pub up_ms: u64,
    /// It did not, and that was not planned.
    pub down_ms: u64,
    /// Nothing is known.
    pub unknown_ms: u64,
    /// It did not run, or nothing is known, as was planned.
    pub planned_ms: u64,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Its number.
    pub number: i64,
    /// The full name of its check.
    pub check: String,
    /// The worst that was told: `warning`, `unknown`, `critical`.
    pub worst: String,
    /// The first bad result.
    pub since: Time,
    /// When it ended, if it has.
    pub closed: Option<Time>,
    /// `recovered` or `withdrawn`.
    pub close_reason: Option<String>,
    /// `yes`, `no` (not accepted by any gateway), or `nobody` was to be told.
    pub told: String,
    /// From the first bad result to the first acceptance.
    pub told_after_ms: Option<u64>,
    /// From the first bad result to the end.
    pub lasted_ms: Option<u64>,
}

/// Several times, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// How many.
    pub count: u32,
    /// Their mean; null for none.
    pub mean_ms: Option<u64>,
    /// The longest; null for none.
    pub longest_ms: Option<u64>,
}

/// How busy a resource was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Busy {
    /// The full name of the check.
    pub check: String,
    /// The unit of the numbers.
    pub unit: String,
    /// The mean of all values.
    pub mean: f64,
    /// The highest value.
    pub max: f64,
    /// About when that was: the beginning of the minute or hour that has it.
    pub max_at: Time,
    /// Of how many values.
    pub count: u64,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// The full name of the check.
    pub check: String,
    /// How many came in the days of the report.
    pub growth: Option<f64>,
    /// How many there are at its end; null when that is not known.
    pub total: Option<f64>,
    /// Days of the report that have a count.
    pub days_counted: usize,
    /// Days of the report.
    pub days: usize,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReportJob")]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// Who asked for it.
    pub by: String,
    /// The action or command.
    pub what: String,
    /// When it was asked for.
    pub created: Time,
    /// When the last server was done.
    pub ended: Option<Time>,
    /// On how many servers it ended how.
    pub outcomes: BTreeMap<String, usize>,
}

/// What somebody had run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Operator {
    /// Who.
    pub name: String,
    /// How many jobs.
    pub jobs: usize,
    /// On how many servers in sum they ended how.
    pub outcomes: BTreeMap<String, usize>,
}

/// A report for programs.
#[must_use]
pub fn json(report: &Report) -> Document {
    let available = |list: &[report::Availability]| list.iter().map(Available::from).collect();
    Document {
        from: report.span.from.into(),
        to: report.span.to.into(),
        until: report.until.into(),
        made: report.made.into(),
        period: report.span.period.map(|period| period.word().to_owned()),
        share: report::share_of(&report.servers),
        servers: available(&report.servers),
        services: available(&report.services),
        incidents: report.incidents.list.iter().map(Incident::from).collect(),
        incident_count: report.incidents.count,
        told: report.incidents.told.into(),
        lasted: report.incidents.lasted.into(),
        resources: report.resources.iter().map(Busy::from).collect(),
        statistics: report.statistics.iter().map(Counted::from).collect(),
        jobs: report.jobs.as_ref().map(|jobs| jobs.iter().map(Job::from).collect()),
        operators: report
            .jobs
            .as_ref()
            .map(|jobs| by_operator(jobs).into_iter().map(Operator::from).collect()),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl From<&report::Availability> for Available {
    fn from(one: &report::Availability) -> Self {
        Self {
            check: one.check.to_string(),
            share: one.share(),
            up_ms: millis(one.up),
            down_ms: millis(one.down),
            unknown_ms: millis(one.unknown),
            planned_ms: millis(one.planned),
        }
    }
}

impl From<&report::IncidentLine> for Incident {
    fn from(one: &report::IncidentLine) -> Self {
        let (told, after) = match one.told {
            Told::After(time) => ("yes", Some(millis(time))),
            Told::NotYet => ("no", None),
            _ => ("nobody", None),
        };
        Self {
            number: one.number,
            check: one.check.to_string(),
            worst: one.worst.to_string(),
            since: one.since.into(),
            closed: one.closed.map(|(end, _)| end.into()),
            close_reason: one.closed.map(|(_, reason)| reason.as_str().to_owned()),
            told: told.to_owned(),
            told_after_ms: after,
            lasted_ms: one.lasted().map(millis),
        }
    }
}

impl From<report::Times> for Times {
    fn from(times: report::Times) -> Self {
        let some = times.count > 0;
        Self {
            count: times.count,
            mean_ms: some.then(|| millis(times.mean)),
            longest_ms: some.then(|| millis(times.longest)),
        }
    }
}

impl From<&report::Busy> for Busy {
    fn from(one: &report::Busy) -> Self {
        Self {
            check: one.check.to_string(),
            unit: one.unit.clone(),
            mean: one.mean,
            max: one.max,
            max_at: one.max_at.into(),
            count: one.count,
        }
    }
}

impl From<&report::Counted> for Counted {
    fn from(one: &report::Counted) -> Self {
        Self {
            check: one.check.to_string(),
            growth: one.growth,
            total: one.total,
            days_counted: one.days.0,
            days: one.days.1,
        }
    }
}

impl From<&report::JobLine> for Job {
    fn from(one: &report::JobLine) -> Self {
        Self {
            id: one.id,
            by: one.by.clone(),
            what: one.what.clone(),
            created: one.created.into(),
            ended: one.ended.map(Into::into),
            outcomes: one.outcomes.clone(),
        }
    }
}

impl From<report::Operator> for Operator {
    fn from(one: report::Operator) -> Self {
        Self { name: one.name, jobs: one.jobs, outcomes: one.outcomes }
    }
}
