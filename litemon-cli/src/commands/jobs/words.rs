//! Outcomes and stages in words.

use litemon_core::{
    manage::jobs::{Outcome, Stage},
    model::Status,
};

use crate::terminal;

/// `failed`, and what is known of why.
pub fn outcome(outcome: &Outcome) -> (String, Option<String>) {
    let (word, detail) = match outcome {
        Outcome::Ok => ("ok", None),
        Outcome::Failed(status) => ("failed", Some(format!("exit {status}"))),
        Outcome::Signalled(name) => ("signalled", Some(format!("SIG{name}"))),
        Outcome::SudoRefused(why) => ("refused by sudo", Some(why.clone())),
        Outcome::Unreachable(why) => ("unreachable", Some(why.clone())),
        Outcome::HostKey(why) => ("host key", Some(why.clone())),
        Outcome::Auth(why) => ("login", Some(why.clone())),
        Outcome::TimedOut { ended: true } => ("timed out", Some("ended".to_owned())),
        Outcome::TimedOut { ended: false } => ("timed out", Some("may still run".to_owned())),
        Outcome::Dropped(why) => ("dropped", Some(why.clone())),
        Outcome::Unwell(why) => ("not well after it", Some(why.clone())),
        Outcome::Cancelled => ("cancelled", None),
        Outcome::NotStarted(why) => ("not begun", Some(why.clone())),
        Outcome::Unknown(why) => ("unknown", Some(why.clone())),
        other => (other.word(), None),
    };
    (word.to_owned(), detail.map(|detail| terminal::clean_line(&detail)))
}

/// How far it is, in one line.
pub fn stage(stage: &Stage) -> String {
    match stage {
        Stage::Waiting(None) => "waiting".to_owned(),
        Stage::Waiting(Some(why)) => format!("waiting ({})", terminal::clean_line(why)),
        Stage::Away { until, .. } => format!("waiting (until it is back, by {until})"),
        Stage::Running => "running".to_owned(),
        Stage::Settling(checks) => format!("waiting for {}", terminal::clean_line(checks)),
        Stage::Cancelling => "cancelling".to_owned(),
        Stage::Done(done) => line(done),
        _ => "unknown".to_owned(),
    }
}

/// `failed (exit 3)`
pub fn line(done: &Outcome) -> String {
    match outcome(done) {
        (word, Some(detail)) => format!("{word} ({detail})"),
        (word, None) => word,
    }
}

/// How grave it is, for its colour.
pub const fn status(stage: &Stage) -> Status {
    match stage {
        Stage::Done(Outcome::Ok) => Status::Ok,
        Stage::Done(Outcome::Cancelled | Outcome::NotStarted(_) | Outcome::Unknown(_)) => {
            Status::Unknown
        }
        Stage::Done(_) => Status::Critical,
        _ => Status::Warning,
    }
}

/// `1 server`, `3 servers`
pub fn servers(count: usize) -> String {
    if count == 1 { "1 server".to_owned() } else { format!("{count} servers") }
}
