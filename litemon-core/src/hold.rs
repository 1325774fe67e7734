//! Alerts that are held, because somebody restarts a server or shuts it down. Pure functions of what
//! happened and a time.
//!
//! ```text
//!   restart:   leaving ──────────────── another boot id ───────────→ back ── its checks are OK ──→ over
//!   shutdown:  leaving ── unreachable ──→ off ── can be reached ───→ back
//!              any, but off ── its time has passed, or it was given up ──→ over
//! ```
//!
//! Checks go on and incidents are opened; only telling is held. When it is over, incidents that are
//! still open are told at once; those that ended meanwhile never were.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use crate::model::{CheckId, Status, Timestamp};

/// What is about to happen to a server, and who wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Planned {
    /// What.
    pub kind: PlannedKind,
    /// Who wants it.
    pub by: String,
    /// The number of the job that does it.
    pub job: Option<i64>,
    /// For how long alerts are held at most: until it is back, for a restart; until it is gone, and
    /// then again from when it is seen until its checks are OK, for a shutdown.
    pub within: Duration,
    /// It begins so much later.
    pub delay: Duration,
    /// Since when it is planned, when not since just now.
    pub since: Option<Timestamp>,
}

impl Planned {
    /// A restart, which is to be over within this time.
    #[must_use]
    pub fn restart(by: impl Into<String>, within: Duration) -> Self {
        Self {
            kind: PlannedKind::Restart,
            by: by.into(),
            job: None,
            within,
            delay: Duration::ZERO,
            since: None,
        }
    }

    /// A shutdown.
    #[must_use]
    pub fn shutdown(by: impl Into<String>, within: Duration) -> Self {
        Self { kind: PlannedKind::Shutdown, ..Self::restart(by, within) }
    }

    /// The same, by this job.
    #[must_use]
    pub const fn job(mut self, job: i64) -> Self {
        self.job = Some(job);
        self
    }

    /// The same, planned since then.
    #[must_use]
    pub const fn since(mut self, at: Timestamp) -> Self {
        self.since = Some(at);
        self
    }

    /// The same, so much later.
    #[must_use]
    pub const fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// What is done to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PlannedKind {
    /// It is restarted.
    Restart,
    /// It is shut down.
    Shutdown,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// It is about to go away, or is away for a restart.
    Leaving,
    /// It is off.
    Off,
    /// It is there again, since this time; not all of its checks have been OK since.
    Back(Timestamp),
}

/// What was planned for a server, as it is shown: why its alerts are held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlannedView {
    /// What.
    pub kind: PlannedKind,
    /// How far it is.
    pub phase: Phase,
    /// Who wanted it.
    pub by: String,
    /// The number of the job that does it.
    pub job: Option<i64>,
    /// Since when.
    pub since: Timestamp,
    /// When alerts are told in any case; `None` while the server is off.
    pub until: Option<Timestamp>,
}

/// The held alerts of one server, as the journal keeps them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hold {
    /// What is shown of it.
    pub view: PlannedView,
    within: Duration,
    /// Checks that were a problem before: nobody waits for them.
    broken: BTreeSet<CheckId>,
}

/// A check of the server, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) id: &'a CheckId,
    /// When its last run began.
    pub(crate) began: Option<Timestamp>,
    /// What its last result was by itself.
    pub(crate) status: Option<Status>,
}

impl Hold {
    pub(crate) fn begin(planned: Planned, broken: BTreeSet<CheckId>, now: Timestamp) -> Self {
        let Planned { kind, by, job, within, delay, since } = planned;
        let now = since.unwrap_or(now);
        let until = Some(now.plus(delay).plus(within));
        let view = PlannedView { kind, phase: Phase::Leaving, by, job, since: now, until };
        Self { view, within, broken }
    }

    /// The same server is to be restarted or shut down once more: what was a problem before the
    /// first time still is none of it.
    pub(crate) fn follow(mut self, before: Self) -> Self {
        self.broken = before.broken;
        self
    }

    /// Whether the server is to be looked at as gone from now on.
    pub(crate) fn unreachable(&mut self) -> bool {
        let leaves = self.view.kind == PlannedKind::Shutdown && self.view.phase == Phase::Leaving;
        if leaves {
            (self.view.phase, self.view.until) = (Phase::Off, None);
        }
        leaves
    }

    /// The server can be reached. Whether it is back by that.
    pub(crate) fn reached(&mut self, now: Timestamp) -> bool {
        let returns = self.view.phase == Phase::Off;
        if returns {
            self.view.phase = Phase::Back(now);
            self.view.until = Some(now.plus(self.within));
        }
        returns
    }

    /// It was seen to have started anew. Whether that is news.
    pub(crate) fn back(&mut self, now: Timestamp) -> bool {
        if matches!(self.view.phase, Phase::Back(_)) {
            return false;
        }
        if self.view.until.is_none() {
            self.view.until = Some(now.plus(self.within));
        }
        self.view.phase = Phase::Back(now);
        true
    }

    /// Whether all that is waited for was OK since the server is back.
    pub(crate) fn is_settled<'a>(&self, mut checks: impl Iterator<Item = Seen<'a>>) -> bool {
        let Phase::Back(since) = self.view.phase else { return false };
        checks.all(|check| {
            let fresh = check.began.is_some_and(|began| began >= since);
            self.broken.contains(check.id) || fresh && check.status == Some(Status::Ok)
        })
    }

    pub(crate) fn has_lapsed(&self, now: Timestamp) -> bool {
        self.view.until.is_some_and(|until| until <= now)
    }
}
