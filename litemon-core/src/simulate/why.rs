//! Why people are told, and why not, in words.

use crate::{
    config::Plan,
    model::{Notice, Reason, Zone},
    policy::{Silence, WindowKind},
};

/// Why nothing is known of what is beyond the network.
pub(super) const NETWORK: &str = "litemon's own network is away";

/// Why a notice exists.
pub(super) fn told(notice: &Notice, plan: &Plan, held: Option<&str>) -> String {
    match (notice.reason, held) {
        (Reason::Raised, Some(held)) => format!("held back before: {held}"),
        (Reason::Raised, None) => raised(notice, plan),
        (Reason::Escalated, _) => "worse than what was told".to_owned(),
        (Reason::Reminder, _) => "still so, and nobody takes it".to_owned(),
        (Reason::Unacknowledged, _) => "nobody took it in time".to_owned(),
        (Reason::Acknowledged, _) => "somebody takes it".to_owned(),
        (Reason::Flapping, _) => "it comes and goes".to_owned(),
        (Reason::Recovered, _) => "it is over".to_owned(),
        (Reason::RaisedAndRecovered, _) => "over before it could be told".to_owned(),
        (Reason::Undelivered, _) => "another notifier could not deliver it".to_owned(),
        (Reason::Remedy, _) => "to put it right".to_owned(),
        (Reason::RemedyFailed, _) => "what was to put it right did not".to_owned(),
        (other, _) => other.as_str().replace('_', " "),
    }
}

fn raised(notice: &Notice, plan: &Plan) -> String {
    let check = plan.checks.iter().find(|check| check.id == notice.check);
    match check.map(|check| check.schedule.attempts) {
        Some(1) => "1 bad result".to_owned(),
        Some(attempts) => format!("{attempts} bad results in a row"),
        None => "a fault of litemon's own".to_owned(),
    }
}

/// What speaks for silence.
pub(super) fn not_told(silence: &Silence, zone: &Zone) -> String {
    match silence {
        Silence::Window { kind, until, by } => {
            let (what, until) = match kind {
                WindowKind::Maintenance => ("maintenance", zone.hour_minute(*until)),
                WindowKind::Mute => ("muted", zone.hour_minute(*until)),
            };
            format!("{what} until {until} ({by})")
        }
        Silence::Dependency(check) => format!("{check} is a problem"),
        Silence::Awaiting(check) => format!("{check} is being asked"),
        other => match other.word() {
            "planned" => "its server is being restarted or was shut down".to_owned(),
            "isolated" => NETWORK.to_owned(),
            word => word.replace('_', " "),
        },
    }
}
