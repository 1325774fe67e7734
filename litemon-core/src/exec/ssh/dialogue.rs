//! A dialogue with a network device: a terminal at whose prompt one command follows the other.

use std::{sync::Arc, time::Duration};

use russh::{Channel, ChannelMsg, ChannelReadHalf, client::Msg};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout, timeout_at},
};

use super::{
    channel::{Closer, PATIENCE},
    fault,
    session::Session,
};
use crate::{
    exec::{
        Exit,
        device::{Dialect, Echo, Question, Screen},
        script::seconds,
        stream::{Heard, Sink, tell},
    },
    model::{Failure, FailureKind, one_line},
    secret::Secret,
};

/// How long nothing more may come behind what looks like the prompt before it is taken for that.
const SETTLE: Duration = Duration::from_millis(40);
/// The same of the very first one, before which a banner may stand that looks like it, and of a
/// question, which output may look like.
const SETTLE_FIRST: Duration = Duration::from_millis(250);
/// The same of one with another name than before (the device may have been given a new one), and of
/// one before which the command was not echoed (it may belong to the one before).
const SETTLE_STRANGE: Duration = Duration::from_millis(800);
/// How often one command is told yes.
const MOST_YES: u32 = 3;
/// What a device may print before its first prompt.
const BANNER: usize = 64 * 1024;
/// A terminal as wide as a device lets it be.
const COLUMNS: u32 = 511;

/// A channel with a shell that has shown its prompt. Dropping it closes the channel.
pub(super) struct Dialogue {
    dialect: Dialect,
    read: ChannelReadHalf,
    closer: Closer,
    session: Arc<Session>,
    screen: Screen,
    /// The prompt as it stands now; nothing stands there before the first.
    prompt: String,
    /// The first one.
    home: String,
    /// What stood in the last line when something was typed: as long as it stands there, the device
    /// has not answered.
    stale: Option<Vec<u8>>,
    /// When the prompt was seen last.
    pub(super) at: Instant,
    /// It was put into the privileged mode from here.
    raised: bool,
}

/// What was waited for.
enum Came {
    Prompt,
    Question(Question),
}

/// Where an answer goes.
pub(super) enum Taker<'a> {
    /// It is kept, as far as this.
    Keep(&'a mut Kept),
    /// It is handed on as it comes.
    Hand(&'a Sink),
}

/// An answer that is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) text: Vec<u8>,
    pub(super) limit: usize,
    pub(super) truncated: bool,
}

impl Taker<'_> {
    async fn take(&mut self, line: &str) -> Result<(), Failure> {
        match self {
            Self::Keep(kept) => {
                let room = kept.limit.saturating_sub(kept.text.len());
                kept.truncated |= line.len() >= room;
                kept.text.extend(line.bytes().chain([b'\n']).take(room));
                Ok(())
            }
            Self::Hand(sink) => tell(sink, Heard::Out(format!("{line}\n").into_bytes())).await,
        }
    }

    /// How much may come before it is a flood.
    const fn most(&self) -> usize {
        match self {
            Self::Keep(kept) => kept.limit.saturating_mul(PATIENCE),
            // What is handed on is bounded by who takes it.
            Self::Hand(_) => usize::MAX,
        }
    }
}

impl Dialogue {
    /// Asks for a terminal and waits for its prompt. The channel is closed if that fails.
    pub(super) async fn open(
        dialect: Dialect,
        session: Arc<Session>,
        (permit, channel): (OwnedSemaphorePermit, Channel<Msg>),
        deadline: Instant,
    ) -> Result<Self, Failure> {
        let begun = Instant::now();
        let (read, write) = channel.split();
        let closer = Closer::new(write, permit, Arc::clone(&session));
        let mut dialogue = Self {
            dialect,
            read,
            closer,
            session,
            screen: Screen::default(),
            prompt: String::new(),
            home: String::new(),
            stale: None,
            at: begun,
            raised: false,
        };
        let greeted = timeout_at(deadline, dialogue.greet()).await;
        greeted.unwrap_or_else(|_| {
            let line = format!("no prompt in {}", seconds(begun.elapsed()));
            Err(Failure::new(FailureKind::Silent, line))
        })?;
        Ok(dialogue)
    }

    async fn greet(&mut self) -> Result<(), Failure> {
        let write = self.closer.write().ok_or_else(fault::dropped)?;
        let gone = |_| fault::dropped();
        write.request_pty(false, "vt100", COLUMNS, 0, 0, 0, &[]).await.map_err(gone)?;
        write.request_shell(true).await.map_err(gone)?;
        self.until_prompt().await?;
        for line in self.dialect.prepare() {
            // One that the device does not know does no harm: its pages are turned.
            self.enter(line).await?;
            self.until_prompt().await?;
        }
        self.home.clone_from(&self.prompt);
        Ok(())
    }

    /// Whether it stands where it stood at first, and not in some mode or menu that a command left it
    /// in.
    pub(super) fn is_home(&self) -> bool {
        self.prompt.trim_end() == self.home.trim_end()
    }

    /// Waits for the prompt before any command.
    async fn until_prompt(&mut self) -> Result<(), Failure> {
        loop {
            match self.listen(&mut Vec::new()).await? {
                Came::Prompt => return Ok(()),
                Came::Question(Question::Greeting(answer)) => self.enter(answer).await?,
                Came::Question(Question::More) => self.send(" ").await?,
                Came::Question(_) => return Err(self.asked()),
            }
        }
    }

    /// The connection it goes over.
    pub(super) const fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Waits for a new prompt: a sign of life.
    pub(super) async fn nudge(&mut self, until: Instant) -> Result<(), Failure> {
        let begun = Instant::now();
        let answered = async {
            self.enter("").await?;
            self.until_prompt().await
        };
        let answered = timeout_at(until, answered).await;
        answered.unwrap_or_else(|_| Err(fault::silent(begun.elapsed())))
    }

    /// Puts the device into its privileged mode, or takes it out of it again if it was put there
    /// from here.
    pub(super) async fn be_privileged(
        &mut self,
        wanted: bool,
        password: Option<&Secret>,
    ) -> Result<(), Failure> {
        if !wanted {
            if self.raised {
                self.enter("disable").await?;
                self.until_prompt().await?;
                self.raised = false;
            }
            return Ok(());
        }
        if self.dialect.is_privileged(&self.prompt) {
            return Ok(());
        }
        self.enter("enable").await?;
        let mut lines = Vec::new();
        let mut came = self.listen(&mut lines).await?;
        if let (Came::Question(Question::Password), Some(password)) = (&came, password) {
            self.enter(password.expose()).await?;
            lines.clear();
            came = self.listen(&mut lines).await?;
        }
        self.raised = self.dialect.is_privileged(&self.prompt);
        match came {
            Came::Prompt if self.raised => Ok(()),
            Came::Question(Question::Password) if password.is_none() => {
                Err(refused("it asks for a password; set sudo_password"))
            }
            Came::Question(Question::Password) => Err(refused("the password is not the right one")),
            _ => {
                let line = lines.iter().find(|line| self.dialect.refusal(line).is_some());
                Err(refused(line.map_or("it was not allowed", String::as_str)))
            }
        }
    }

    /// Types a command and waits for the end of its answer. `Ok` even when the device refused it:
    /// then with the status that stands for that, and its own line.
    pub(super) async fn ask(
        &mut self,
        line: &str,
        confirm: bool,
        taker: &mut Taker<'_>,
    ) -> Result<(Exit, Option<String>), Failure> {
        let mut echo = Echo::new(&self.prompt, line);
        let (mut refusal, mut said_yes) = (None, 0);
        self.screen.restart();
        self.enter(line).await?;
        loop {
            let mut lines = Vec::new();
            let came = self.listen_some(taker.most(), &mut lines, Some(&mut echo)).await?;
            for line in lines {
                let status = self.dialect.refusal(&line);
                refusal = refusal.or_else(|| status.map(|status| (status, line.clone())));
                taker.take(&line).await?;
            }
            match came {
                None => {}
                Some(Came::Prompt) => break,
                Some(Came::Question(Question::More)) => self.send(" ").await?,
                Some(Came::Question(Question::Sure)) if confirm && said_yes < MOST_YES => {
                    said_yes += 1;
                    self.send(self.dialect.yes()).await?;
                }
                Some(Came::Question(_)) => return Err(self.asked()),
            }
        }
        Ok(refusal
            .map_or((Exit::Status(0), None), |(status, line)| (Exit::Status(status), Some(line))))
    }

    /// Whether a line was too long to be kept whole.
    pub(super) const fn cut(&self) -> bool {
        self.screen.cut()
    }

    /// Until a prompt or a question has come.
    async fn listen(&mut self, lines: &mut Vec<String>) -> Result<Came, Failure> {
        self.screen.restart();
        loop {
            if let Some(came) = self.listen_some(BANNER, lines, None).await? {
                return Ok(came);
            }
        }
    }

    /// Until something has come: lines, and perhaps a prompt or a question behind them. What is only
    /// the echo of a command is left out.
    async fn listen_some(
        &mut self,
        most: usize,
        lines: &mut Vec<String>,
        mut echo: Option<&mut Echo>,
    ) -> Result<Option<Came>, Failure> {
        let mut settle = None;
        loop {
            let more = match settle {
                None => Some(self.read.wait().await),
                Some(settle) => timeout(settle, self.read.wait()).await.ok(),
            };
            match more {
                None => return Ok(self.came()),
                Some(message) => self.hear(message)?,
            }
            if self.screen.total() > most {
                let line = format!("more than {} KiB of output", most / 1024);
                return Err(Failure::new(FailureKind::Output, line));
            }
            let text = self.screen.take_lines();
            if !text.is_empty() {
                self.stale = None;
            }
            let text = String::from_utf8_lossy(&text);
            let is_answer =
                |line: &&str| echo.as_deref_mut().is_none_or(|echo| echo.is_answer(line));
            lines.extend(text.lines().filter(is_answer).map(str::to_owned));
            settle = self.settles(echo.as_deref().is_none_or(Echo::was_seen));
            if settle.is_none() && !lines.is_empty() {
                return Ok(None);
            }
        }
    }

    fn hear(&mut self, message: Option<ChannelMsg>) -> Result<(), Failure> {
        match message {
            Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => {
                self.screen.feed(&data);
                Ok(())
            }
            Some(ChannelMsg::Failure) => {
                let line = "the device gives no terminal";
                Err(Failure::new(FailureKind::Protocol, line))
            }
            Some(ChannelMsg::Eof | ChannelMsg::Close) | None => Err(fault::dropped()),
            Some(_) => Ok(()),
        }
    }

    /// How long to wait for more behind what stands in the last line; `None` when that is nothing
    /// that could end an answer.
    fn settles(&self, echoed: bool) -> Option<Duration> {
        let tail = self.screen.tail();
        if self.stale.as_deref() == Some(tail) {
            return None;
        }
        let tail = String::from_utf8_lossy(tail);
        let Some(name) = self.dialect.prompt(&tail) else {
            return self.dialect.question(&tail).map(|_| SETTLE_FIRST);
        };
        Some(match self.dialect.prompt(&self.prompt) {
            None => SETTLE_FIRST,
            Some(known) if known == name && echoed => SETTLE,
            Some(_) => SETTLE_STRANGE,
        })
    }

    /// What the last line is, now that nothing came behind it.
    fn came(&mut self) -> Option<Came> {
        let tail = String::from_utf8_lossy(self.screen.tail()).into_owned();
        if self.dialect.prompt(&tail).is_some() {
            self.prompt = tail;
            self.at = Instant::now();
            return Some(Came::Prompt);
        }
        self.dialect.question(&tail).map(Came::Question)
    }

    /// A question that nobody answers: what it is.
    fn asked(&self) -> Failure {
        let tail = String::from_utf8_lossy(self.screen.tail());
        let question = one_line(&tail, 120);
        Failure::new(FailureKind::Exit, format!("it asks, and was not answered: {question}"))
    }

    async fn enter(&mut self, line: &str) -> Result<(), Failure> {
        self.send(&format!("{line}{}", self.dialect.enter())).await
    }

    async fn send(&mut self, text: &str) -> Result<(), Failure> {
        self.stale = Some(self.screen.tail().to_vec());
        let write = self.closer.write().ok_or_else(fault::dropped)?;
        write.data_bytes(text.as_bytes().to_vec()).await.map_err(|_| fault::dropped())
    }
}

fn refused(why: &str) -> Failure {
    Failure::new(FailureKind::Exit, format!("enable refused: {why}"))
}
