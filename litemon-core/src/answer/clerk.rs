use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{
    Admission, Command, Desk, LONGEST_ACK, LONGEST_MUTE, Message, Replies, SHORTEST, Target, find,
};
use crate::{
    clock::Clock,
    model::IncidentNumber,
    monitor::{MonitorHandle, Stopped},
    notify::masked,
    policy::{Acknowledged, NewWindow, Window, WindowKind},
};

/// Takes messages from a gateway, has done what they say, and answers them.
#[derive(Debug)]
pub struct Clerk {
    replies: Replies,
    /// What those who answer are called, by number.
    people: BTreeMap<String, String>,
    // Held while a message is answered: one that comes twice at once is done once. Of tokio, since
    // that takes a wait.
    desk: Mutex<Desk>,
}

/// Why a message is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unanswered {
    /// It is of somebody who is told nothing.
    #[error("it is of somebody who is told nothing")]
    Stranger,
    /// Too many came.
    #[error("too many came")]
    TooMany,
    /// Nothing stands in it.
    #[error("nothing stands in it")]
    Empty,
}

/// It could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undone {
    /// What it is about is not there any more.
    #[error("it is not there any more")]
    Gone,
    /// For this reason.
    #[error("{0}")]
    Other(String),
}

impl From<Stopped> for Undone {
    fn from(stopped: Stopped) -> Self {
        Self::Other(stopped.to_string())
    }
}

/// What messages can have done: by the monitor itself, or by somebody who writes it down as well.
///
/// Cancel safety: when the future is dropped, it may have been done.
#[async_trait]
pub trait Doer: Send + Sync {
    /// `by` looks after a problem.
    async fn acknowledge(
        &self,
        by: &str,
        number: IncidentNumber,
        taken: Acknowledged,
    ) -> Result<(), Undone>;

    /// `by` wants something not to be told for a time.
    async fn mute(&self, by: &str, window: NewWindow) -> Result<Window, Undone>;
}

#[async_trait]
impl Doer for MonitorHandle {
    async fn acknowledge(
        &self,
        _: &str,
        number: IncidentNumber,
        taken: Acknowledged,
    ) -> Result<(), Undone> {
        match Self::acknowledge(self, number, Some(taken)).await? {
            true => Ok(()),
            false => Err(Undone::Gone),
        }
    }

    async fn mute(&self, _: &str, window: NewWindow) -> Result<Window, Undone> {
        let added = self.add_window(window).await?;
        added.ok_or_else(|| Undone::Other("there are too many windows".to_owned()))
    }
}

/// Somebody who answered.
struct Asker<'a> {
    replies: &'a Replies,
    monitor: &'a MonitorHandle,
    doer: &'a dyn Doer,
    clock: &'a dyn Clock,
    /// His name, as others are told.
    by: String,
    /// His number.
    recipient: String,
}

impl Clerk {
    /// Answers in the words of `replies` those who are called so, by number; others are called by a
    /// part of the number.
    #[must_use]
    pub fn new(replies: Replies, people: BTreeMap<String, String>) -> Self {
        Self { replies, people, desk: Mutex::default() }
    }

    /// What a message is answered, once what it asks for was done.
    ///
    /// # Errors
    /// [`Unanswered`] when nothing goes back.
    ///
    /// Cancel safety: when the future is dropped, what was asked for may have been done.
    pub async fn answer(
        &self,
        message: &Message,
        monitor: &MonitorHandle,
        doer: &dyn Doer,
        clock: &dyn Clock,
    ) -> Result<String, Unanswered> {
        let mut desk = self.desk.lock().await;
        let Ok(Some(recipient)) = monitor.recipient_of(&message.from).await else {
            if desk.log_stranger(clock.instant()) {
                let from = masked(&message.from);
                tracing::warn!(from, "an SMS of somebody who is told nothing was left out");
            }
            return Err(Unanswered::Stranger);
        };
        let by = self.name(&recipient);
        let key = match desk.admit(message, &recipient, clock.instant(), clock.now()) {
            Admission::Fresh(key) => key,
            Admission::Again(reply) if reply.is_empty() => return Err(Unanswered::Empty),
            Admission::Again(reply) => return Ok(reply),
            Admission::Late(away) => return Ok(self.replies.late(away)),
            Admission::TooMany => {
                tracing::warn!(by, "an SMS was left out: there are too many of them");
                return Err(Unanswered::TooMany);
            }
        };
        let command = Command::parse(&message.text).ok_or(Unanswered::Empty)?;
        tracing::info!(by, "answers {:?} by SMS", command.name());
        let asker = Asker { replies: &self.replies, monitor, doer, clock, by, recipient };
        let reply = asker.gets(command).await;
        desk.remember(key, &reply, clock.instant());
        Ok(reply)
    }

    /// The name that others are told: his own where he has one, never the whole number.
    fn name(&self, recipient: &str) -> String {
        self.people.get(recipient).cloned().unwrap_or_else(|| masked(recipient))
    }
}

impl Asker<'_> {
    /// What he is answered.
    async fn gets(&self, command: Command) -> String {
        match command {
            Command::Acknowledge(Some(number), lasts) => self.acknowledge(number, lasts).await,
            Command::Acknowledge(None, _) => self.replies.which(&self.monitor.snapshot()),
            Command::Status(None) => self.replies.status(&self.monitor.snapshot()),
            Command::Status(Some(name)) => self.status_of(&name),
            Command::Mute(Some(name), Some(lasts)) => self.mute(&name, lasts).await,
            Command::Mute(..) => self.replies.how_to_mute(),
            Command::Help => self.replies.help(),
            Command::Unclear => self.replies.unclear(),
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
        let taken = Acknowledged::by(&self.by, self.clock.now()).lasting(lasts);
        let taken = taken.answered_by(&self.recipient);
        let until = taken.until;
        match self.doer.acknowledge(&self.by, number, taken).await {
            Ok(()) => self.replies.acknowledged(incident, until),
            Err(Undone::Gone) => self.replies.not_open(number),
            Err(Undone::Other(why)) => self.failed(&why),
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
        let new = NewWindow::new(WindowKind::Mute, vec![scope.clone()], lasts, &self.by);
        match self.doer.mute(&self.by, new.note("by SMS")).await {
            Ok(window) => self.replies.muted(&scope, window.until, lasts),
            Err(Undone::Gone) => self.replies.nothing_called(name),
            Err(Undone::Other(why)) => self.failed(&why),
        }
    }

    fn failed(&self, why: &str) -> String {
        tracing::warn!(by = self.by, "what an SMS asked for was not done: {why}");
        self.replies.failed()
    }
}
