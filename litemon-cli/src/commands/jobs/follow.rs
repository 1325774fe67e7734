//! A job from its beginning to its end, as it is seen at a terminal or in a pipe.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use litemon_core::{
    manage::jobs::{Job, JobChange, Outcome, RollState, Stage},
    model::Name,
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    Desk,
    begin::{Begun, LOOK},
    lines::Lines,
    report,
};
use crate::{
    error::{CliError, Result},
    management::refused,
    signals::{Event, Signals},
    terminal,
};

/// Exit status when it was cancelled, as a shell has it for Ctrl-C.
const CANCELLED: u8 = 130;
/// How long what still runs has to end once the job is over, or given up.
const END_WITHIN: Duration = Duration::from_secs(5);

/// Begins a job, shows what comes, and ends as it ended: 0 all succeeded, 1 some did not, 130 it was
/// cancelled. The first Ctrl-C cancels it, a second one leaves at once.
pub async fn to_the_end(
    desk: &Desk,
    json: bool,
    begin: impl AsyncFnOnce() -> Result<Begun>,
) -> Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let mut changes = desk.jobs().watch();
    let Begun { job, elsewhere } = begin().await?;
    let mut show = Show::new(desk, &job, json);
    if elsewhere && !json {
        show.say(&format!(
            "job {} is run by the monitor, and goes on without this terminal",
            job.id
        ))?;
    }
    let mut stopped = false;
    loop {
        tokio::select! {
            change = next(&mut changes, job.id) => {
                if !show.follow(change).await? {
                    break;
                }
            }
            () = tokio::time::sleep(LOOK), if elsewhere => {
                if !show.follow(None).await? {
                    break;
                }
            }
            event = signals.next() => {
                if event != Event::Stop {
                    continue;
                }
                if stopped {
                    show.say("left; what runs is not waited for")?;
                    break;
                }
                stopped = true;
                show.say("cancelling; once more to leave without waiting")?;
                desk.jobs().cancel(&desk.by, job.id, None).await.map_err(refused)?;
            }
        }
    }
    let job = desk.jobs().job(&desk.by, job.id).await.map_err(refused)?;
    show.end(&job).await?;
    if job.is_away() {
        let number = job.id;
        let line = format!("the running monitor waits for them; see `litemon job show {number}`");
        show.say(&line)?;
    }
    desk.jobs().shutdown(END_WITHIN).await;
    let cancelled = |outcome: &Outcome| *outcome == Outcome::Cancelled;
    let any = job.results.iter().any(|result| result.outcome().is_some_and(cancelled));
    Ok(match (job.all_ok(), stopped || any) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(CANCELLED),
        (false, false) => ExitCode::from(crate::error::FAILED),
    })
}

/// The next change of a job; `None`: some were missed.
async fn next(changes: &mut Receiver<JobChange>, job: i64) -> Option<JobChange> {
    loop {
        match changes.recv().await {
            Ok(change) if change.job == job => return Some(change),
            Ok(_) => {}
            Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
        }
    }
}

struct Show<'a> {
    desk: &'a Desk,
    job: i64,
    json: bool,
    lines: BTreeMap<Name, Lines>,
    /// The width of the longest name.
    width: usize,
    colour: bool,
    /// How far a rolling job is, as it was last said.
    rolled: Option<RollState>,
    /// Whether a line of progress is kept at the bottom, and stands there now.
    progress: bool,
    standing: bool,
}

impl<'a> Show<'a> {
    fn new(desk: &'a Desk, job: &Job, json: bool) -> Self {
        let names = job.results.iter().map(|result| result.server.as_str().len());
        Self {
            desk,
            job: job.id,
            json,
            lines: BTreeMap::new(),
            width: names.max().unwrap_or(0),
            colour: terminal::colour(&io::stdout()),
            rolled: None,
            progress: io::stderr().is_terminal() && io::stdout().is_terminal() && !json,
            standing: false,
        }
    }

    /// Shows what changed; whether the job goes on.
    async fn follow(&mut self, change: Option<JobChange>) -> Result<bool> {
        let job = self.desk.jobs().job(&self.desk.by, self.job).await.map_err(refused)?;
        match change.and_then(|change| change.server) {
            Some(server) => self.server(&job, &server).await?,
            None => self.all(&job).await?,
        }
        self.rolled(&job)?;
        self.stand(&job)?;
        Ok(job.ended.is_none() && !job.is_away())
    }

    async fn all(&mut self, job: &Job) -> Result<()> {
        for result in &job.results {
            self.server(job, &result.server).await?;
        }
        Ok(())
    }

    /// Prints what came from a server since it was looked at.
    async fn server(&mut self, job: &Job, server: &Name) -> Result<()> {
        if self.json {
            return Ok(());
        }
        let done = job.result(server).is_some_and(|(_, result)| result.outcome().is_some());
        loop {
            let lines = self.lines.entry(server.clone()).or_default();
            let part = self.desk.jobs().output(&self.desk.by, self.job, server, lines.at).await;
            let part = part.map_err(refused)?;
            let mut whole = lines.take(part.from, &part.bytes);
            let more = !part.bytes.is_empty();
            if done && !more {
                whole.extend(lines.finish());
            }
            for line in whole {
                self.print(server, &line)?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn print(&mut self, server: &Name, line: &str) -> Result<()> {
        self.clear()?;
        let width = self.width;
        let name = if self.colour {
            format!("\u{1b}[36m{server:width$}\u{1b}[0m")
        } else {
            format!("{server:width$}")
        };
        terminal::print(&format!("{name} | {line}\n"))
            .map_err(|error| CliError::failed("standard output cannot be written").because(error))
    }

    /// Says something beside the output.
    fn say(&mut self, line: &str) -> Result<()> {
        self.clear()?;
        tell(&format!("litemon: {line}\n"))
    }

    /// Says why a rolling job does not go on, or that it does again.
    fn rolled(&mut self, job: &Job) -> Result<()> {
        let state = job.rolled.as_ref().map(|rolled| &rolled.state);
        if self.json || state == self.rolled.as_ref() || job.ended.is_some() {
            return Ok(());
        }
        let first = self.rolled.is_none();
        self.rolled = state.cloned();
        match &self.rolled {
            Some(RollState::Going) if first => Ok(()),
            Some(state) => self.say(&terminal::clean_line(&state.to_string())),
            None => Ok(()),
        }
    }

    fn stand(&mut self, job: &Job) -> Result<()> {
        if !self.progress || job.ended.is_some() {
            return Ok(());
        }
        self.clear()?;
        let count = |stages: fn(&Stage) -> bool| {
            job.results.iter().filter(|result| stages(&result.stage)).count()
        };
        let done = count(|stage| matches!(stage, Stage::Done(_)));
        let waiting = count(|stage| matches!(stage, Stage::Waiting(_) | Stage::Away { .. }));
        let running = job.results.len() - done - waiting;
        self.standing = true;
        tell(&format!("{done} of {} done, {running} running", job.results.len()))
    }

    fn clear(&mut self) -> Result<()> {
        if std::mem::take(&mut self.standing) {
            return tell("\r\u{1b}[K");
        }
        Ok(())
    }

    async fn end(&mut self, job: &Job) -> Result<()> {
        self.all(job).await?;
        self.clear()?;
        let printed = if self.json {
            terminal::print(&report::job_json(self.desk.jobs(), &self.desk.by, job).await?)
        } else {
            return tell(&report::summary(job));
        };
        printed
            .map_err(|error| CliError::failed("standard output cannot be written").because(error))
    }
}

/// What is not output goes to standard error, so that a pipe holds the servers' words only.
fn tell(text: &str) -> Result<()> {
    // There is nowhere left to say that standard error is gone.
    let _ = io::stderr().write_all(text.as_bytes());
    Ok(())
}
