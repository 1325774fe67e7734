//! What `/api/v1` says, as types. Fields are only ever added; readers pass over what they do not
//! know.
//!
//! Times are RFC 3339 in UTC; durations are whole milliseconds in fields that end in `_ms`. What a
//! reader may not know (errors, addresses, recipients; see [`MonitorInfo::detail`]) is `null`.

use litemon_core::model::{
    AttemptResult, CheckKind, CloseReason, FailureKind, IncidentNumber, NoticeId, NoticeState,
    Reason, Status,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::time::Time;
use super::words;

/// Everything that is known now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatusReport {
    /// The worst of everything, the monitor itself included.
    #[schemars(with = "words::StatusWord")]
    pub status: Status,
    /// How many are what.
    pub counts: Counts,
    /// The monitor itself.
    pub monitor: MonitorInfo,
    /// Servers with their checks, in the order of the configuration.
    pub servers: Vec<Server>,
    /// Checks that belong to no server.
    pub others: Vec<Check>,
    /// Open incidents, by number.
    pub incidents: Vec<Incident>,
    /// Notices on their way.
    pub outbox: Outbox,
    /// Who is on call, for those who may see people's names.
    #[serde(default)]
    pub on_call: Option<Vec<OnCall>>,
}

/// People who take turns: who is on call now, and who comes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OnCall {
    /// The name of the rota.
    pub rota: String,
    /// Who is on call; never nobody.
    pub who: Vec<String>,
    /// Until when; null when nobody else comes.
    pub until: Option<Time>,
    /// Who then.
    pub then: Vec<String>,
}

/// How many are what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Servers.
    pub servers: usize,
    /// Checks; the sum of the six below.
    pub checks: usize,
    /// As they should be.
    pub ok: usize,
    /// A warning.
    pub warning: usize,
    /// Unknown, on a server that can be reached.
    pub unknown: usize,
    /// Off, unreachable, failed, or above the threshold.
    pub critical: usize,
    /// Unknown because their server cannot be reached.
    pub blocked: usize,
    /// Without a result yet.
    pub pending: usize,
    /// Checks that need a person: warning, unknown and critical.
    pub problems: usize,
    /// Open incidents.
    pub incidents: usize,
}

/// The monitor itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorInfo {
    /// Its version.
    pub version: String,
    /// The time on its clock.
    pub now: Time,
    /// The IANA name of the zone that its people read times in, where it has one.
    #[serde(default)]
    pub timezone: Option<String>,
    /// When what is told here was put together.
    pub at: Time,
    /// The word of `/healthz`: `ok`, `starting`, `stale`, `journal` or `isolated`.
    pub health: String,
    /// The latest result of any check.
    pub last_result: Option<Time>,
    /// How many things are wrong with the monitor itself.
    pub faults: usize,
    /// Them, a line each.
    pub fault_lines: Option<Vec<String>>,
    /// Whether this reader is told errors, addresses and recipients.
    pub detail: bool,
}

/// Notices that were not accepted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outbox {
    /// How many.
    pub pending: usize,
    /// How many of them are held: gathered into one message, over the budget of their recipient, or
    /// kept for the end of quiet hours.
    #[serde(default)]
    pub held: usize,
}

/// The servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerList {
    /// In the order of the configuration.
    pub servers: Vec<Server>,
}

/// A server and its checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Its address, as configured.
    pub address: Option<String>,
    /// Its groups.
    pub groups: Vec<String>,
    /// The worst of its checks.
    #[schemars(with = "words::StatusWord")]
    pub status: Status,
    /// Whether it is known that it cannot be logged in to.
    pub unreachable: bool,
    /// It is being restarted or was shut down, so that its alerts are held.
    #[serde(default)]
    pub planned: Option<Planned>,
    /// Its checks: `ssh` first, then in the order of the configuration.
    pub checks: Vec<Check>,
}

/// What was planned for a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Planned {
    /// What.
    pub kind: PlannedWork,
    /// How far it is.
    pub phase: PlannedPhase,
    /// Who wanted it; only for those who may see people's names.
    pub by: Option<String>,
    /// The number of the job that does it.
    pub job: Option<i64>,
    /// Since when.
    pub since: Time,
    /// When its alerts are told in any case; null while it is off.
    pub until: Option<Time>,
}

/// What is done to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlannedWork {
    /// It is restarted.
    Restart,
    /// It is shut down.
    Shutdown,
}

/// How far it is with a server that is restarted or shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlannedPhase {
    /// About to go away, or away for a restart.
    Leaving,
    /// Off.
    Off,
    /// There again, but not all of its checks have been OK since.
    Back,
}

/// A check as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its full name, as `web-1/nginx`.
    pub id: String,
    /// What sort of check.
    #[schemars(with = "words::KindWord")]
    pub kind: CheckKind,
    /// Its status; `unknown` while `blocked` or `pending`.
    #[schemars(with = "words::StatusWord")]
    pub status: Status,
    /// The status in the words of its kind: `On`, `Off`, `reachable`, `unreachable`, `Unknown`, …
    pub state: String,
    /// Since when it has that status.
    pub since: Option<Time>,
    /// It has no result yet.
    pub pending: bool,
    /// Nothing is known of it because its server cannot be reached.
    pub blocked: bool,
    /// Whether the last result is younger than three intervals and the timeout.
    pub current: bool,
    /// Results in a row that speak against `status`.
    pub soft: Option<Soft>,
    /// The last result.
    pub last: Option<LastResult>,
    /// The last value that was measured, which may be older than `last`.
    pub last_value: Option<Value>,
    /// Above it is critical.
    pub threshold: Option<f64>,
    /// Above it is a warning.
    pub warn: Option<f64>,
    /// From one run to the next.
    pub interval_ms: u64,
    /// The longest one run may take.
    pub timeout_ms: u64,
    /// Its open incident.
    pub incident: Option<IncidentNumber>,
    /// Whether anybody is told when it fails.
    pub notifies: bool,
    /// Runs that were skipped because the one before was not done.
    pub overruns: u64,
}

/// Results in a row that speak against a check's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Soft {
    /// What they say.
    #[schemars(with = "words::StatusWord")]
    pub status: Status,
    /// How many there were.
    pub count: u32,
    /// How many count.
    pub of: u32,
}

/// A check's last result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LastResult {
    /// When the run ended.
    pub at: Time,
    /// How long it took.
    pub took_ms: u64,
    /// What it was judged to be, by itself.
    #[schemars(with = "words::StatusWord")]
    pub status: Status,
    /// What was seen.
    pub seen: Seen,
}

/// A number and when it was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Value {
    /// When.
    pub at: Time,
    /// The number.
    pub value: f64,
}

/// What a run saw, or why it saw nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// The number that was measured.
    pub value: Option<f64>,
    /// Its unit, as `%`; empty where it has none.
    pub unit: String,
    /// Whether the thing is on.
    pub on: Option<bool>,
    /// Several numbers that belong together.
    pub numbers: Vec<Number>,
    /// What stands beside it, as a mount point or what the command said.
    pub detail: Option<String>,
    /// Why nothing was seen.
    pub failure: Option<Failure>,
}

/// One of several numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Number {
    /// What it is, as `today`.
    pub name: String,
    /// The last one that is known.
    pub value: Option<f64>,
    /// When that one was seen.
    pub at: Option<Time>,
    /// Why there is no newer one.
    pub failure: Option<Failure>,
}

/// Why a run saw nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The kind that decisions rest on.
    #[schemars(with = "words::FailureWord")]
    pub kind: FailureKind,
    /// One line.
    pub message: String,
}

/// From a problem to its recovery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// The number by which people speak of it.
    pub number: IncidentNumber,
    /// The check, as `web-1/nginx`.
    pub check: String,
    /// What sort of check.
    #[schemars(with = "words::KindWord")]
    pub kind: CheckKind,
    /// Whether it goes on.
    pub open: bool,
    /// Its status now, or when it ended.
    #[schemars(with = "words::StatusWord")]
    pub status: Status,
    /// The status in the words of its kind: `On`, `Off`, `reachable`, `unreachable`, `Unknown`, …
    pub state: String,
    /// The first result that was not OK.
    pub since: Time,
    /// When it ended.
    pub closed: Option<Time>,
    /// Why it ended.
    #[schemars(with = "Option<words::CloseWord>")]
    pub close_reason: Option<CloseReason>,
    /// What was last seen while it was a problem.
    pub seen: Seen,
    /// The limit that a value passed.
    pub limit: Option<f64>,
    /// Who looks after it, while it is open; for those who may read everything.
    #[serde(default)]
    pub acknowledged: Option<Taken>,
    /// Why not all of it is told, as `planned`, `window`, `dependency` or `awaiting`.
    #[serde(default)]
    pub silence: Option<String>,
    /// What remedies did about it, while it is open; for those who may read everything.
    #[serde(default)]
    pub remedies: Vec<TriedRemedy>,
}

/// What a remedy did about an open incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TriedRemedy {
    /// The notifier.
    pub name: String,
    /// How often it was run about this incident.
    pub runs: u32,
    /// `running`, `verifying`, `failed` or `given_up`.
    pub stage: String,
    /// While it is verified: when all has to be well again.
    pub until: Option<Time>,
    /// Why its command failed.
    pub why: Option<String>,
}

/// Somebody looks after an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Taken {
    /// Who.
    pub by: String,
    /// Since when.
    pub at: Time,
    /// Until when; `null` until it is over.
    pub until: Option<Time>,
    /// What was said to it.
    pub note: String,
}

/// A page of incidents, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentPage {
    /// They; fewer than `limit` does not mean that there are no more.
    pub incidents: Vec<Incident>,
    /// What `before` is for the next page; `null` on the last one.
    pub next: Option<IncidentNumber>,
    /// The IANA name of the zone that its people read times in, where it has one.
    #[serde(default)]
    pub timezone: Option<String>,
}

/// An incident with what happened in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentReport {
    /// The incident.
    pub incident: Incident,
    /// Status changes of its check meanwhile, oldest first.
    pub changes: Vec<StatusChange>,
    /// Who was told, oldest first.
    pub notices: Vec<Notice>,
    /// Whether history could be asked; without it, changes and attempts are missing.
    pub complete: bool,
    /// The IANA name of the zone that its people read times in, where it has one.
    #[serde(default)]
    pub timezone: Option<String>,
}

/// One notice for one recipient of one notifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Its number, where history knows it.
    pub id: Option<NoticeId>,
    /// The notifier.
    pub notifier: String,
    /// To whom.
    pub recipient: Option<String>,
    /// Why.
    #[schemars(with = "words::ReasonWord")]
    pub reason: Reason,
    /// When it was decided.
    pub at: Option<Time>,
    /// How far it is.
    #[schemars(with = "words::NoticeWord")]
    pub state: NoticeState,
    /// When it came to that state.
    pub state_at: Time,
    /// The message that tells it together with others, while the incident is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<NoticeDigest>,
    /// Attempts to send it, oldest first; those of a message that tells several are not among them.
    pub attempts: Vec<Attempt>,
}

/// One message that tells several notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeDigest {
    /// Its number.
    pub id: NoticeId,
    /// How many notices it tells.
    pub count: usize,
    /// The numbers of their incidents, as ranges of a first and a last one.
    pub incidents: Vec<(IncidentNumber, IncidentNumber)>,
}

/// One attempt to send a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// Its number, from 1.
    pub attempt: u32,
    /// When it began.
    pub at: Time,
    /// How long it took.
    pub took_ms: i64,
    /// What came of it.
    #[schemars(with = "words::AttemptWord")]
    pub result: AttemptResult,
    /// The gateway's answer or the error, in one line.
    pub detail: Option<String>,
}

/// A check's status changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusChange {
    /// When.
    pub at: Time,
    /// Into what.
    #[schemars(with = "words::StatusWord")]
    pub status: Status,
    /// Why, in one line.
    pub detail: Option<String>,
}

/// A check's status changes over a time, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeList {
    /// The check.
    pub check: String,
    /// From when on.
    pub from: Time,
    /// Until when, that moment excluded.
    pub to: Time,
    /// They.
    pub changes: Vec<StatusChange>,
    /// What `from` is for the rest, if there is more.
    pub next: Option<Time>,
}

/// A check's values over a time, in at most as many rows as were asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// The check.
    pub check: String,
    /// From when on.
    pub from: Time,
    /// Until when, that moment excluded.
    pub to: Time,
    /// The time that each sample stands for, at most.
    pub step_ms: u64,
    /// Oldest first; where nothing was measured there is none.
    pub samples: Vec<Sample>,
}

/// What was measured from `at` on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// When the first of its values was measured, or its row begins.
    pub at: Time,
    /// The lowest value.
    pub min: f64,
    /// The mean.
    pub avg: f64,
    /// The highest value.
    pub max: f64,
    /// Of how many values.
    pub count: u64,
}

/// How long a check was what, over a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Uptime {
    /// The check.
    pub check: String,
    /// From when on.
    pub from: Time,
    /// Until when, that moment excluded.
    pub to: Time,
    /// It was OK, or a warning.
    pub up_ms: u64,
    /// It was critical.
    pub down_ms: u64,
    /// Nothing is known.
    pub unknown_ms: u64,
    /// The part of the known time in which it ran, 0 to 1.
    pub share: Option<f64>,
}

/// `event: summary`: how it stands. The first event of a stream, one each second while results
/// arrive, and one each five seconds otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// When.
    pub at: Time,
    /// The worst of everything.
    #[schemars(with = "words::StatusWord")]
    pub status: Status,
    /// The word of `/healthz`.
    pub health: String,
    /// How many are what.
    pub counts: Counts,
    /// Notices on their way.
    pub outbox: Outbox,
    /// The latest result of any check.
    pub last_result: Option<Time>,
}

/// `event: changes`: what is different from the event before. A reader that is slow is told where
/// things ended, not each step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// Checks whose status changed, and checks that are new.
    pub checks: Vec<Check>,
    /// Checks that are gone.
    pub removed: Vec<String>,
    /// Incidents that began, or whose status changed.
    pub incidents: Vec<Incident>,
    /// Incidents that are over.
    pub closed: Vec<IncidentNumber>,
}

/// A check was asked to run at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The check.
    pub check: String,
}

/// Why a request was not answered (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request, and what to do.
    pub detail: String,
}
