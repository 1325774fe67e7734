//! The words that everything else is made of: plain data, no I/O, no clock.

mod check;
mod cron;
mod device;
mod digest;
mod failure;
mod history;
mod incident;
mod job;
mod language;
mod name;
mod notice;
mod observation;
mod param;
mod remedy;
mod route;
mod status;
mod time;

pub use check::{CheckKind, Criteria, Schedule, Threshold};
pub use cron::{Cron, NoPattern};
pub use device::Device;
pub use digest::{Digest, DigestPart, Gathering, Happening, Numbers, ToldIn};
pub use failure::{Failure, FailureKind};
pub(crate) use failure::{is_bidi, one_line};
pub use history::{
    AttemptRecord, AttemptResult, CurrentStatus, HistoryRecord, NoticeRecord, NoticeState,
    Resolution, Sample, Series, StatusChange, Uptime, ValueRecord,
};
pub use incident::{CloseReason, Incident, IncidentNumber};
pub use job::{JobEnd, JobFailure, TellOn};
pub use language::Language;
pub use name::{CheckId, Name, NameError};
pub use notice::{EventKind, Notice, NoticeId, OutboxEntry, OutboxState, Reason};
pub use observation::{Number, Observation, Outcome, Reading};
pub use param::{Param, ParamKind, UnsoundParam};
pub use remedy::{Remedied, RemedyOutcome};
pub use route::Route;
pub use status::Status;
pub use time::{Timestamp, UnknownZone, Zone};
