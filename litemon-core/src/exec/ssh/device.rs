//! A network device: one connection with one dialogue, in which one command follows the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::MutexGuard,
    time::{Instant, timeout_at},
};

use super::{
    REUSE, SshExec,
    dialogue::{Dialogue, Kept, Taker},
    fault,
};
use crate::{
    clock::SystemClock,
    exec::{
        Command, Exec, Exit, Output, SshTarget,
        device::{Dialect, Order, of_command, of_line},
        script::seconds,
        stream::{Heard, Sink, Streamed, tell},
    },
    measures::Measures,
    model::{Device, Failure, FailureKind},
    secret::Secret,
};

/// A dialogue that was silent for longer has to show its prompt before a command is given to it.
const STOOD: Duration = Duration::from_secs(1);

/// A device that is spoken to at its prompt.
///
/// Devices have room for few sessions, and some end the connection with the first of them: one is
/// kept open, and all who use the value take turns. A dialogue of which it is not known where it
/// stands (an answer did not end in time, a question was asked, the future was dropped) is given up
/// with its connection, and the next command begins a new one. A command that was typed is never
/// typed again.
#[derive(Debug)]
pub(super) struct DeviceExec {
    ssh: SshExec,
    dialect: Dialect,
    current: tokio::sync::Mutex<Option<Dialogue>>,
    /// A command is being answered: the connection works.
    at_work: AtomicBool,
}

impl std::fmt::Debug for Dialogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialogue").field("session", self.session()).finish_non_exhaustive()
    }
}

/// A dialogue in use: unless it is given back, its connection is given up.
struct Using<'a> {
    exec: &'a DeviceExec,
    place: MutexGuard<'a, Option<Dialogue>>,
    dialogue: Option<Dialogue>,
}

impl Using<'_> {
    fn dialogue(&mut self) -> Result<&mut Dialogue, Failure> {
        self.dialogue.as_mut().ok_or_else(fault::dropped)
    }

    /// The next command goes on with it, unless this one left it in another mode or menu.
    fn give_back(mut self) {
        if self.dialogue.as_ref().is_some_and(Dialogue::is_home) {
            *self.place = self.dialogue.take();
        }
    }

    fn give_up(&mut self) {
        if let Some(dialogue) = self.dialogue.take() {
            self.exec.ssh.retire(dialogue.session());
        }
    }
}

impl Drop for Using<'_> {
    fn drop(&mut self) {
        self.exec.at_work.store(false, Ordering::Relaxed);
        self.give_up();
    }
}

impl DeviceExec {
    pub(super) fn new(dialect: Dialect, mut target: SshTarget, measures: Arc<Measures>) -> Self {
        target.settings.user = dialect.login(&target.settings.user);
        Self {
            ssh: SshExec::new(target, Arc::new(SystemClock)).measured(measures),
            dialect,
            current: tokio::sync::Mutex::default(),
            at_work: AtomicBool::new(false),
        }
    }

    /// Waits for its turn.
    async fn turn(&self, deadline: Instant) -> Result<Using<'_>, Failure> {
        let begun = Instant::now();
        let Ok(mut place) = timeout_at(deadline, self.current.lock()).await else {
            let line = format!("not its turn in {}", seconds(begun.elapsed()));
            return Err(Failure::new(FailureKind::Timeout, line));
        };
        let dialogue = place.take();
        Ok(Using { exec: self, place, dialogue })
    }

    /// A dialogue that stands at its prompt. `times`: how many times older than usual its connection
    /// may be.
    async fn ready<'a>(
        &'a self,
        mut using: Using<'a>,
        must_answer: bool,
        times: u8,
        deadline: Instant,
    ) -> Result<Using<'a>, Failure> {
        if let Some(dialogue) = &mut using.dialogue {
            let now = Instant::now();
            let session = dialogue.session();
            let stood = must_answer || now.duration_since(dialogue.at) >= STOOD;
            let half = now + (deadline.saturating_duration_since(now) / 2).min(REUSE);
            let usable = !session.closed()
                && !session.is_spent(self.ssh.refresh, times)
                && (!stood || dialogue.nudge(half).await.is_ok());
            if usable {
                return Ok(using);
            }
            using.give_up();
        }
        // Each dialogue has a connection of its own, since some devices end it with the dialogue.
        if let Some(old) = self.ssh.current() {
            self.ssh.retire(&old);
        }
        let lease = self.ssh.lease(deadline).await?;
        let (session, start) = self.ssh.start(lease, true, deadline).await?;
        let start = start.ok_or_else(fault::dropped)?;
        let opened = Dialogue::open(self.dialect, Arc::clone(&session), start, deadline).await;
        using.dialogue = Some(opened.inspect_err(|_| self.ssh.retire(&session))?);
        Ok(using)
    }

    async fn answer(
        &self,
        using: &mut Using<'_>,
        order: &Order,
        taker: &mut Taker<'_>,
    ) -> Result<(Exit, Option<String>), Failure> {
        let password = self.sudo_password();
        let dialogue = using.dialogue()?;
        let mut last = (Exit::Status(0), None);
        for line in &order.lines {
            last = dialogue.ask(line, order.confirm, taker).await?;
            if last.1.is_some() {
                break;
            }
        }
        dialogue.be_privileged(false, password).await?;
        Ok(last)
    }
}

#[async_trait]
impl Exec for DeviceExec {
    async fn run(&self, command: &Command, deadline: Instant) -> Result<Output, Failure> {
        let order = of_command(self.dialect, command)?;
        let using = self.turn(deadline).await?;
        let mut using = self.ready(using, false, 3, deadline).await?;
        let begun = Instant::now();
        self.at_work.store(true, Ordering::Relaxed);
        let mut kept = Kept { limit: command.output_limit, ..Kept::default() };
        let work = async {
            let dialogue = using.dialogue()?;
            dialogue.be_privileged(order.privileged, self.sudo_password()).await?;
            self.answer(&mut using, &order, &mut Taker::Keep(&mut kept)).await
        };
        let answered = timeout_at(deadline, work).await.unwrap_or_else(|_| {
            let line = format!("not done in {}", seconds(begun.elapsed()));
            Err(Failure::new(FailureKind::Timeout, line))
        });
        let (exit, refusal) = answered?;
        kept.truncated |= using.dialogue()?.cut();
        using.give_back();
        let refusal = refusal.unwrap_or_default().into_bytes();
        Ok(Output::new(exit, kept.text, refusal, kept.truncated))
    }

    async fn stream(&self, what: &Streamed, sink: &Sink) -> Result<Exit, Failure> {
        let order = of_line(self.dialect, &what.line, what.privileged, what.confirm)?;
        let using = self.turn(what.connect_by).await?;
        let mut using = self.ready(using, false, 3, what.connect_by).await?;
        self.at_work.store(true, Ordering::Relaxed);
        let password = self.sudo_password();
        let raised = using.dialogue()?.be_privileged(order.privileged, password);
        let raised = timeout_at(what.connect_by, raised).await;
        raised.unwrap_or_else(|_| Err(fault::silent(Duration::ZERO)))?;
        tell(sink, Heard::Began).await?;
        let (exit, _) = self.answer(&mut using, &order, &mut Taker::Hand(sink)).await?;
        using.give_back();
        Ok(exit)
    }

    fn device(&self) -> Device {
        self.ssh.common.target.settings.device
    }

    fn sudo_password(&self) -> Option<&Secret> {
        self.ssh.sudo_password()
    }

    async fn reach(&self, deadline: Instant) -> Result<(), Failure> {
        let now = Instant::now();
        let half = now + deadline.saturating_duration_since(now) / 2;
        let using = match self.turn(half).await {
            Ok(using) => using,
            // Somebody's command is being answered: the connection's own answer is life enough.
            Err(_) if self.at_work.load(Ordering::Relaxed) => {
                return match self.ssh.current() {
                    Some(session) => session.ping(deadline).await,
                    None => Err(fault::silent(now.elapsed())),
                };
            }
            Err(_) => self.turn(deadline).await?,
        };
        self.ready(using, true, 1, deadline).await?.give_back();
        Ok(())
    }
}
