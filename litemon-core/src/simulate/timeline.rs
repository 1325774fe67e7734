//! A timeline that was understood: what happens when, and what is expected.

use std::{fmt, time::Duration};

use super::{
    expect::Expected,
    scene::{Act, Cure, Effect, Reporting, Sight, Way},
};
use crate::{
    config::{Plan, TimeSpan},
    model::{CheckId, IncidentNumber, Name, Timestamp, Zone},
    monitor::PlannedKind,
    notify::report::Report,
    policy::{Scope, WindowKind},
};

/// A timeline that can be [played](super::play).
#[derive(Debug)]
#[non_exhaustive]
pub struct Timeline {
    /// What it is about, in one line.
    pub about: Option<String>,
    /// In which people read times.
    pub zone: Zone,
    /// When it begins.
    pub start: Timestamp,
    /// How long it is played.
    pub lasts: Duration,
    /// The configuration, and those that reloads bring.
    pub(super) plans: Vec<Plan>,
    /// In the order of their times.
    pub(super) events: Vec<Event>,
    pub(super) expected: Expected,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    /// So long after the start.
    pub(super) after: Duration,
    pub(super) action: Action,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// Checks see something from now on.
    See(Vec<CheckId>, Act),
    /// Notifiers work, or do not, from now on.
    Way(Vec<Name>, Way),
    /// The same of one of their gateways, by its place from 0.
    Gateway(Vec<Name>, usize, Way),
    /// What gateways (one of them, or all) report from now on.
    Reports(Vec<Name>, Option<usize>, Reporting),
    /// What commands of remedies do from now on.
    Remedy(Vec<Name>, Cure),
    /// The monitor's own network goes away, or comes back.
    Network(bool),
    /// Somebody answers by SMS.
    Answer {
        from: String,
        text: String,
    },
    /// Somebody takes an incident.
    Acknowledge(Which, By),
    /// Nobody looks after it any more.
    Unacknowledge(Which),
    /// People want silence.
    Silence(WindowKind, Vec<Scope>, By),
    /// That silence is over.
    Unsilence(Vec<Scope>),
    /// Checks run at once.
    Run(Vec<CheckId>),
    /// The configuration becomes another one of the timeline's plans.
    Reload(usize, String),
    /// litemon ends, in order or killed, and starts again so much later.
    Restart {
        after: Duration,
        killed: bool,
    },
    /// litemon starts.
    Start,
    /// The wall clock is set by so many milliseconds.
    Clock(i64),
    Store(bool),
    Journal(bool),
    /// Somebody restarts a server, or shuts it down.
    Plan(Name, PlannedKind, By),
    /// The server was seen to have started anew.
    Back(Name),
}

/// An incident, by its number or by the check whose open one it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Which {
    Number(IncidentNumber),
    Check(CheckId),
}

/// Who does something, for how long, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct By {
    pub(super) who: String,
    pub(super) lasts: Option<Duration>,
    pub(super) note: String,
}

impl Action {
    /// What it is about and what happens to it, in words.
    pub(super) fn words(&self) -> (String, String) {
        match self {
            Self::See(checks, act) => (listed(checks), act.to_string()),
            Self::Way(notifiers, way) => (listed(notifiers), way.to_string()),
            Self::Gateway(notifiers, place, way) => {
                (format!("{} gateway {}", listed(notifiers), place + 1), way.to_string())
            }
            Self::Reports(notifiers, place, how) => {
                let gateway = place.map(|place| format!(" gateway {}", place + 1));
                let about = format!("{}{}", listed(notifiers), gateway.unwrap_or_default());
                (about, how.to_string())
            }
            Self::Remedy(remedies, cure) => (listed(remedies), cure.to_string()),
            Self::Network(up) => ("network".into(), up_down(*up).into()),
            Self::Answer { from, text } => (from.clone(), format!("answers {text:?}")),
            Self::Acknowledge(which, by) => (which.to_string(), format!("acknowledged{by}")),
            Self::Unacknowledge(which) => (which.to_string(), "not acknowledged any more".into()),
            Self::Silence(WindowKind::Maintenance, scopes, by) => {
                (listed(scopes), format!("maintenance{by}"))
            }
            Self::Silence(_, scopes, by) => (listed(scopes), format!("muted{by}")),
            Self::Unsilence(scopes) => (listed(scopes), "no silence any more".into()),
            Self::Run(checks) => (listed(checks), "run at once".into()),
            Self::Reload(_, name) => (own(), format!("reloads {name}")),
            Self::Restart { killed: true, .. } => (own(), "killed".into()),
            Self::Restart { .. } => (own(), "stops".into()),
            Self::Start => (own(), "starts".into()),
            Self::Clock(by) => ("clock".into(), format!("set by {}", signed(*by))),
            Self::Store(up) => ("store".into(), up_down(*up).into()),
            Self::Journal(up) => ("journal".into(), up_down(*up).into()),
            Self::Plan(server, PlannedKind::Restart, by) => {
                (server.to_string(), format!("to be restarted{by}"))
            }
            Self::Plan(server, _, by) => (server.to_string(), format!("to be shut down{by}")),
            Self::Back(server) => (server.to_string(), "started anew".into()),
        }
    }
}

fn own() -> String {
    "litemon".into()
}

const fn up_down(up: bool) -> &'static str {
    if up { "up" } else { "down" }
}

/// `+30m`, `-2h`
pub(super) fn signed(millis: i64) -> String {
    let span = TimeSpan(Duration::from_millis(millis.unsigned_abs()));
    format!("{}{span}", if millis < 0 { '-' } else { '+' })
}

/// `a, b` or `a, b and 18 more`
fn listed<T: fmt::Display>(all: &[T]) -> String {
    const NAMED: usize = 2;
    let named: Vec<String> = all.iter().take(NAMED).map(ToString::to_string).collect();
    match all.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "#{number}"),
            Self::Check(check) => check.fmt(f),
        }
    }
}

/// ` by ann for 2h: disk ordered`
impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.who.is_empty() {
            write!(f, " by {}", self.who)?;
        }
        if let Some(lasts) = self.lasts {
            write!(f, " for {}", TimeSpan(lasts))?;
        }
        if !self.note.is_empty() {
            write!(f, ": {}", self.note)?;
        }
        Ok(())
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.sight)?;
        if let (Sight::Number(_), Some(unit)) = (self.sight, &self.unit) {
            write!(f, " {unit}")?;
        }
        if let Some(takes) = self.takes {
            write!(f, ", after {}", TimeSpan(takes))?;
        }
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        Ok(())
    }
}

/// The word of the file.
impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Well => f.write_str("ok"),
            Self::Off => f.write_str("off"),
            Self::Says(status) => f.write_str(status.as_str()),
            Self::Number(value) => write!(f, "{value}"),
            Self::Fails(kind) => f.write_str(kind.as_str()),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up => f.write_str("up"),
            Self::Down => f.write_str("down"),
            Self::Fails => f.write_str("fails"),
            Self::Refuses => f.write_str("refuses"),
            Self::Queues => f.write_str("queues"),
            Self::Slow(takes) => write!(f, "slow, takes {}", TimeSpan(*takes)),
        }
    }
}

/// `reports delivered, after 2s`
impl fmt::Display for Reporting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            Some(what) => write!(f, "reports {}, after {}", report(what), TimeSpan(self.after)),
            None => f.write_str("reports nothing"),
        }
    }
}

/// The word of the file.
pub(super) const fn report(what: Report) -> &'static str {
    match what {
        Report::Delivered => "delivered",
        Report::Failed => "failed",
        Report::Underway => "underway",
    }
}

/// `fails, after 3s (exit 5)`
impl fmt::Display for Cure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.effect.fmt(f)?;
        if let Some(takes) = self.takes {
            write!(f, ", after {}", TimeSpan(takes))?;
        }
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        Ok(())
    }
}

/// The word of the file.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Useless => "useless",
            Self::Helps => "helps",
            Self::Fails => "fails",
        })
    }
}
