//! A run that no broken connection ends: it goes on in a session of its own on the server, which
//! keeps its output and exit status, and is followed from here.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    ended,
    handle::blocking,
    mark::Marks,
    model::{Outcome, Stage},
    output::OutputFile,
    owner,
    place::{CONNECT, Place},
    streamed,
};
use crate::{
    exec::{
        Exec, Heard,
        detach::{Detach, Look},
        wrap::Wrap,
    },
    manage::actions::Runnable,
    model::{Failure, FailureKind},
};

/// Waits between two looks.
const LOOKS: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// How long one look may take.
const LOOK_WITHIN: Duration = Duration::from_secs(20);
/// How long after a failure the connection is tried again.
const AGAIN: Duration = Duration::from_secs(3);
/// How many looks find nothing before it counts as ended without a trace.
const LOST: u32 = 3;

/// Begins it, unless it is known to have begun by the word `known`, and follows it to its end.
/// `None` when litemon stops before that.
pub(super) async fn run(
    place: &Place,
    exec: &Arc<dyn Exec>,
    how: &Runnable,
    known: Option<String>,
) -> Option<Outcome> {
    let mark = known.clone().unwrap_or_else(owner::word);
    let mut follow = Follow {
        place,
        exec,
        how,
        marks: Marks::new(&mark),
        read: 0,
        mark,
        until: Instant::now() + how.limit,
        cancelling: false,
        lost: 0,
        settled: false,
    };
    if known.is_some() {
        // All of it is fetched again.
        let file = OutputFile::of(&place.shared.folder, place.live.id(), place.place);
        if let Err(error) = blocking(move || file.clear()).await {
            tracing::warn!(job = place.live.id(), "{error}");
        }
    } else {
        // Written before it begins, so that it is found again whatever happens then.
        let word = follow.mark.clone();
        let version = place.live.set(place.place, |record| record.mark = Some(word));
        if !place.live.written(version).await {
            let why = "it could not be written down, so it was not run";
            return Some(Outcome::Unknown(why.to_owned()));
        }
        if let Err(outcome) = follow.begin().await {
            place.live.set(place.place, |record| record.mark = None);
            return Some(outcome);
        }
    }
    let outcome = follow.until_over().await;
    place.flush().await;
    outcome
}

/// Removes what a run left on its server, unless it still goes on there; whether nothing is left. To
/// be called once its outcome is written down: until then it has to be found again.
pub(super) async fn tidy(exec: &Arc<dyn Exec>, mark: &str) -> bool {
    let within = || Instant::now() + LOOK_WITHIN;
    // Only how it is going is of interest, not what it put out.
    let Ok(output) = exec.run(&Look::command(mark, u64::from(u32::MAX)), within()).await else {
        return false;
    };
    match Look::parse(mark, &output.stdout) {
        None | Some(Look::Running(_)) => false,
        Some(Look::Nowhere) => true,
        Some(Look::Ended(..) | Look::Lost(_)) => {
            let cleaned = exec.run(&Look::clean(mark), within()).await;
            cleaned.is_ok_and(|output| output.success())
        }
    }
}

struct Follow<'a> {
    place: &'a Place,
    exec: &'a Arc<dyn Exec>,
    how: &'a Runnable,
    marks: Marks,
    /// How many bytes were fetched.
    read: u64,
    mark: String,
    until: Instant,
    cancelling: bool,
    lost: u32,
    settled: bool,
}

impl Follow<'_> {
    /// Starts it on the server.
    async fn begin(&self) -> Result<(), Outcome> {
        let password = self.exec.sudo_password();
        let wrap = Wrap {
            command: &self.how.command,
            password,
            mark: &self.mark,
            limit: None,
            pty: false,
            merged: true,
        };
        let start = Detach(&wrap).command();
        let deadline = Instant::now() + CONNECT.min(self.how.limit);
        tokio::select! {
            started = self.exec.run(&start, deadline) => match started {
                Ok(output) if output.success() => Ok(()),
                Ok(output) => Err(Outcome::Unknown(format!("not begun: {}", output.failure()))),
                Err(failure) => self.may_have_begun(failure).await,
            },
            () = self.place.cancel.cancelled() => Err(Outcome::Cancelled),
        }
    }

    /// A connection that broke: whether it began before that is looked at.
    async fn may_have_begun(&self, failure: Failure) -> Result<(), Outcome> {
        let broke = matches!(failure.kind, FailureKind::Dropped | FailureKind::Timeout);
        if !broke {
            return Err(ended::before(failure));
        }
        match self.look().await {
            Ok(Look::Nowhere) => Err(ended::before(failure)),
            Ok(_) => Ok(()),
            Err(_) => Err(ended::after(failure)),
        }
    }

    async fn look(&self) -> Result<Look, Failure> {
        let command = Look::command(&self.mark, self.read);
        let output = self.exec.run(&command, Instant::now() + LOOK_WITHIN).await?;
        Look::parse(&self.mark, &output.stdout).ok_or_else(|| output.failure())
    }

    async fn until_over(&mut self) -> Option<Outcome> {
        let mut quiet: usize = 0;
        loop {
            let stop = &self.place.shared.end;
            if stop.is_cancelled() {
                return None;
            }
            if self.place.cancel.is_cancelled() && !self.cancelling {
                self.cancelling = true;
                self.place.stage(Stage::Cancelling);
            }
            let wait = match self.step().await {
                Ok(Step::Done(outcome)) => return Some(outcome),
                Ok(Step::More) => {
                    quiet = 0;
                    continue;
                }
                Ok(Step::Nothing) => {
                    quiet += 1;
                    LOOKS.get(usize::from(quiet > 5)).copied().unwrap_or(AGAIN)
                }
                // Nothing is known until it is reached again.
                Err(_) => AGAIN,
            };
            if Instant::now() >= self.until {
                return Some(Outcome::TimedOut { ended: false });
            }
            tokio::select! {
                () = sleep(wait) => {}
                () = stop.cancelled() => return None,
                () = self.place.cancel.cancelled(), if !self.cancelling => {}
            }
        }
    }

    async fn step(&mut self) -> Result<Step, Failure> {
        let look = self.look().await?;
        let got = !look.bytes().is_empty();
        self.read = self.read.saturating_add(look.bytes().len() as u64);
        let bytes = self.marks.pass(Heard::Out(look.bytes().to_vec()));
        self.place.push(&bytes);
        if got {
            self.place.flush().await;
            return Ok(Step::More);
        }
        match look {
            // Its last words may still be on their way into the file.
            Look::Ended(..) if !self.settled => {
                self.settled = true;
                Ok(Step::Nothing)
            }
            Look::Ended(status, _) => Ok(Step::Done(self.ended(status))),
            Look::Running(_) if self.cancelling => self.end().await,
            Look::Running(_) => Ok(Step::Nothing),
            Look::Lost(_) | Look::Nowhere => {
                self.lost += 1;
                if self.lost < LOST {
                    return Ok(Step::Nothing);
                }
                let why = "it ended on the server without leaving its exit status";
                Ok(Step::Done(Outcome::Unknown(why.to_owned())))
            }
        }
    }

    fn ended(&mut self, status: i32) -> Outcome {
        let asked = !matches!(self.how.command.sudo, crate::exec::Sudo::No);
        if asked && status != 0 && !self.marks.seen() {
            let words = self.marks.finish();
            return ended::sudo_refused(&words, self.exec.sudo_password());
        }
        self.place.push(&self.marks.finish());
        match ended::shell_status(status) {
            outcome if self.cancelling && !outcome.is_ok() => Outcome::Cancelled,
            outcome => outcome,
        }
    }

    /// Ends it on the server, as it was asked for.
    async fn end(&mut self) -> Result<Step, Failure> {
        let Some(session) = self.marks.session else { return Ok(Step::Nothing) };
        let gone = streamed::end(self.exec, &self.how.command, session).await;
        if !gone {
            let why = "it was asked to end, and was not seen to: it may still run";
            return Ok(Step::Done(Outcome::Unknown(why.to_owned())));
        }
        // What it wrote before that is fetched.
        while let Ok(look) = self.look().await
            && !look.bytes().is_empty()
        {
            self.read = self.read.saturating_add(look.bytes().len() as u64);
            let bytes = self.marks.pass(Heard::Out(look.bytes().to_vec()));
            self.place.push(&bytes);
        }
        Ok(Step::Done(Outcome::Cancelled))
    }
}

enum Step {
    /// There was output: more may be there at once.
    More,
    /// It still runs.
    Nothing,
    Done(Outcome),
}
