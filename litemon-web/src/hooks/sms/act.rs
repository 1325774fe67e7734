//! Does what somebody wants, and says so.

use std::time::Duration;

use litemon_core::{
    answer::{Command, LONGEST_ACK, LONGEST_MUTE, Replies, SHORTEST, Target, find},
    manage::{Manage, ManageError, Principal, Role, Via},
    model::{IncidentNumber, Timestamp},
    monitor::{MonitorHandle, Stopped},
    policy::{Acknowledged, NewWindow, Scope, Window, WindowKind},
};

/// Somebody who answered.
pub(super) struct Doer<'a> {
    pub(super) replies: &'a Replies,
    pub(super) monitor: &'a MonitorHandle,
    /// Where there are accounts, what is done is audited.
    pub(super) manage: Option<&'a Manage>,
    /// His name, as others are told.
    pub(super) by: String,
    /// His number.
    pub(super) recipient: String,
    pub(super) now: Timestamp,
}

/// It could not be done.
enum Failed {
    Gone,
    Other(String),
}

impl Doer<'_> {
    /// What he is answered.
    pub(super) async fn does(&self, command: Command) -> String {
        match command {
            Command::Acknowledge(Some(number), lasts) => self.acknowledge(number, lasts).await,
            Command::Acknowledge(None, _) => self.replies.which(&self.monitor.snapshot()),
            Command::Status(None) => self.replies.status(&self.monitor.snapshot()),
            Command::Status(Some(name)) => self.status_of(&name),
            Command::Mute(Some(name), Some(lasts)) => self.mute(&name, lasts).await,
            Command::Mute(..) => self.replies.how_to_mute(),
            Command::Help => self.replies.help(),
            _ => self.replies.unclear(),
        }
    }

    fn status_of(&self, name: &str) -> String {
        let snapshot = self.monitor.snapshot();
        match find(name, &snapshot) {
            Some(target) => self.replies.status_of(&target, &snapshot),
            None => self.replies.nothing_called(name),
        }
    }

    async fn acknowledge(&self, number: IncidentNumber, lasts: Option<Duration>) -> String {
        if lasts.is_some_and(|lasts| !(SHORTEST..=LONGEST_ACK).contains(&lasts)) {
            return self.replies.how_long();
        }
        let snapshot = self.monitor.snapshot();
        let open = snapshot.incidents.iter().find(|incident| incident.number == number);
        let Some(incident) = open else { return self.replies.not_open(number) };
        let taken = Acknowledged::by(&self.by, self.now).lasting(lasts);
        let taken = taken.answered_by(&self.recipient);
        let until = taken.until;
        match self.take(number, taken).await {
            Ok(()) => self.replies.acknowledged(incident, until),
            Err(Failed::Gone) => self.replies.not_open(number),
            Err(Failed::Other(why)) => self.failed(&why),
        }
    }

    async fn take(&self, number: IncidentNumber, taken: Acknowledged) -> Result<(), Failed> {
        if let Some(manage) = self.manage {
            return Ok(manage
                .acknowledge(&self.principal(), self.monitor, number, Some(taken))
                .await?);
        }
        match self.monitor.acknowledge(number, Some(taken)).await? {
            true => Ok(()),
            false => Err(Failed::Gone),
        }
    }

    async fn mute(&self, name: &str, lasts: Duration) -> String {
        if !(SHORTEST..=LONGEST_MUTE).contains(&lasts) {
            return self.replies.how_to_mute();
        }
        let scope = match find(name, &self.monitor.snapshot()) {
            None => return self.replies.nothing_called(name),
            // Who sends an SMS is not proved beyond doubt.
            Some(Target::All) => return self.replies.not_all(),
            Some(target) => target.scope(),
        };
        match self.add(scope.clone(), lasts).await {
            Ok(window) => self.replies.muted(&scope, window.until, lasts),
            Err(Failed::Gone) => self.replies.nothing_called(name),
            Err(Failed::Other(why)) => self.failed(&why),
        }
    }

    async fn add(&self, scope: Scope, lasts: Duration) -> Result<Window, Failed> {
        let new = NewWindow::new(WindowKind::Mute, vec![scope], lasts, &self.by).note("by SMS");
        if let Some(manage) = self.manage {
            return Ok(manage.add_window(&self.principal(), self.monitor, new).await?);
        }
        let added = self.monitor.add_window(new).await?;
        added.ok_or_else(|| Failed::Other("there are too many windows".to_owned()))
    }

    fn failed(&self, why: &str) -> String {
        tracing::warn!(by = self.by, "what an SMS asked for was not done: {why}");
        self.replies.failed()
    }

    fn principal(&self) -> Principal {
        Principal::new(&self.by, Role::Operator, Via::Sms)
    }
}

impl From<ManageError> for Failed {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::NotFound { .. } => Self::Gone,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<Stopped> for Failed {
    fn from(stopped: Stopped) -> Self {
        Self::Other(stopped.to_string())
    }
}
