//! Who is told what, and when nobody is. Pure functions of what happened and a time.
//!
//! An incident is a fact; [`Telling`] is what people know of it. Whatever speaks for silence (a
//! [window](Window), something that it [depends](Silence::Dependency) on, a plan) holds back
//! problems, never recoveries; when it ends, what people know is reconciled with what is true.

mod agenda;
mod flaps;
mod flow;
mod gathered;
mod hours;
mod isolation;
mod quiet;
mod remedy;
mod rota;
mod telling;
mod window;

use serde::{Deserialize, Serialize};

pub use crate::model::NoPattern;
pub(crate) use agenda::Agenda;
pub(crate) use flaps::Flapped;
pub use flaps::{FlapMarks, Flaps};
pub use flow::{Budget, Channel, Flow, FlowRules};
pub(crate) use flow::{OnItsWay, Waiting};
pub(crate) use gathered::{digest, follow};
pub use hours::Hours;
pub(crate) use isolation::{Finding, Isolation, began_after, is_doubtful, is_proof};
pub use quiet::Quiet;
pub(crate) use remedy::Turn;
pub use remedy::{Healing, Remedy, Runs, Stage};
pub use rota::{Duty, Place, Rota, Shift};
pub use telling::{Acknowledged, Escalation, Reminding, Telling};
pub use window::{NewWindow, NoScope, Recurring, Scope, Window, WindowId, WindowKind};

use crate::model::{CheckId, Timestamp};

/// Why people are not told of a problem now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Silence {
    /// Its server is being restarted, or was shut down.
    Planned,
    /// Somebody wanted silence until then: maintenance, or muted.
    Window {
        /// What for, and until when.
        kind: WindowKind,
        /// Until when.
        until: Timestamp,
        /// Who wanted it; for a window of the configuration, its name.
        by: String,
    },
    /// Something that it depends on is a problem, and told instead.
    Dependency(CheckId),
    /// Something that it depends on is being looked at.
    Awaiting(CheckId),
    /// The monitor's own network is away, or was until a moment ago.
    Isolated,
}

impl Silence {
    /// The word in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Window { .. } => "window",
            Self::Dependency(_) => "dependency",
            Self::Awaiting(_) => "awaiting",
            Self::Isolated => "isolated",
        }
    }
}
