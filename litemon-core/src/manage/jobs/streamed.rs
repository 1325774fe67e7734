//! A run over a connection: its output as it comes, and its end when it is asked for.

use std::{future::pending, pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    ended,
    mark::Marks,
    model::{Outcome, Stage},
    owner,
    place::{CONNECT, Place},
};
use crate::{
    exec::{
        Command, Exec, Exit, Heard, Sudo,
        wrap::{Wrap, end_session},
    },
    manage::actions::Runnable,
    model::Failure,
};

/// Chunks of output on their way.
const ON_THEIR_WAY: usize = 16;
/// How often output is told of and written.
const TELL: Duration = Duration::from_millis(100);
/// How long the end of a command is worked on: asked, made, looked at.
const END_WITHIN: Duration = Duration::from_secs(15);
/// How long the mark is waited for when a command is to end that has not said who it is.
const MARK_WITHIN: Duration = Duration::from_secs(3);
/// How long after the end of all processes the connection may take to say so.
const LAST_WORDS: Duration = Duration::from_millis(1500);

/// Why it is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Cancelled,
    TooLong,
}

/// How far it came.
struct Run<'a> {
    place: &'a Place,
    marks: Marks,
    began: bool,
    why: Option<Why>,
    /// Whether all of its session was seen to be gone, once that was looked at.
    gone: Option<bool>,
    /// When nothing more is waited for.
    until: Option<Instant>,
}

/// Runs it to its end.
pub(super) async fn run(place: &Place, exec: &Arc<dyn Exec>, how: &Runnable) -> Outcome {
    let mark = owner::word();
    let password = exec.sudo_password().cloned();
    let wrap = Wrap {
        command: &how.command,
        password: password.as_ref(),
        mark: &mark,
        limit: Some(how.limit),
        pty: place.live.stored.head.order.pty,
        merged: false,
    };
    let begun = Instant::now();
    let what = wrap.streamed(begun + CONNECT.min(how.limit));
    let mut run =
        Run { place, marks: Marks::new(&mark), began: false, why: None, gone: None, until: None };
    let (sink, mut heard) = mpsc::channel(ON_THEIR_WAY);
    let ended = {
        let work = pin!(exec.stream(&what, &sink));
        run.follow(work, &mut heard, exec, &how.command, begun + how.limit).await
    };
    while let Ok(more) = heard.try_recv() {
        run.hear(more);
    }
    let refused = run.refused(&wrap, &ended);
    let outcome = if refused {
        ended::sudo_refused(&run.last_words(&wrap), sudo_password(&how.command, &wrap))
    } else {
        place.push(&run.marks.finish());
        run.outcome(ended)
    };
    place.flush().await;
    outcome
}

fn sudo_password<'a>(command: &'a Command, wrap: &Wrap<'a>) -> Option<&'a crate::secret::Secret> {
    match &command.sudo {
        Sudo::Password(secret) => Some(secret),
        _ => wrap.password,
    }
}

impl Run<'_> {
    /// Until it ended, or nothing more is waited for.
    async fn follow(
        &mut self,
        mut work: std::pin::Pin<&mut impl Future<Output = Result<Exit, Failure>>>,
        heard: &mut mpsc::Receiver<Heard>,
        exec: &Arc<dyn Exec>,
        command: &Command,
        limit: Instant,
    ) -> Option<Result<Exit, Failure>> {
        let mut tell = interval(TELL);
        tell.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = 0;
        let mut killing = pin!(None);
        let mut ended = None;
        loop {
            if self.why.is_some() && killing.is_none() && ended.is_none() {
                if !self.began {
                    return None;
                }
                if let Some(session) = self.marks.session {
                    killing.set(Some(end(exec, command, session)));
                    self.until = None;
                }
            }
            let until = self.until;
            let kill = async {
                match killing.as_mut().as_pin_mut() {
                    Some(killing) => killing.await,
                    None => pending().await,
                }
            };
            tokio::select! {
                Some(more) = heard.recv() => self.hear(more),
                result = &mut work, if ended.is_none() => {
                    // What a signal to its session leaves behind is looked at to the end.
                    if killing.is_none() || self.gone.is_some() {
                        return Some(result);
                    }
                    ended = Some(result);
                }
                () = self.place.cancel.cancelled(), if self.why.is_none() => {
                    self.ask_to_end(Why::Cancelled);
                }
                () = sleep_until(limit), if self.why.is_none() => self.ask_to_end(Why::TooLong),
                gone = kill, if self.gone.is_none() => {
                    self.gone = Some(gone);
                    if ended.is_some() {
                        return ended;
                    }
                    self.until = Some(Instant::now() + LAST_WORDS);
                }
                () = sleep_until(until.unwrap_or(limit)), if until.is_some() => return ended,
                _ = tell.tick() => {
                    let total = self.total();
                    if total != told {
                        told = total;
                        self.place.flush().await;
                    }
                }
            }
        }
    }

    fn total(&self) -> u64 {
        let record = self.place.live.record(self.place.place);
        record.map_or(0, |record| record.result.bytes)
    }

    fn hear(&mut self, heard: Heard) {
        self.began = true;
        let bytes = self.marks.pass(heard);
        self.place.push(&bytes);
    }

    fn ask_to_end(&mut self, why: Why) {
        self.why = Some(why);
        self.until = Some(Instant::now() + MARK_WITHIN);
        if why == Why::Cancelled {
            self.place.stage(Stage::Cancelling);
        }
    }

    fn outcome(&self, ended: Option<Result<Exit, Failure>>) -> Outcome {
        match (self.why, ended) {
            // It was done before it was to end.
            (_, Some(Ok(Exit::Status(0)))) if self.gone != Some(false) => Outcome::Ok,
            (None, Some(Ok(exit))) => ended::exit(exit),
            (None, Some(Err(failure))) if self.began => ended::after(failure),
            (_, Some(Err(failure))) if !self.began => ended::before(failure),
            (Some(Why::Cancelled), _) if !self.began || self.gone == Some(true) => {
                Outcome::Cancelled
            }
            (Some(Why::Cancelled), _) => {
                let why = "it was asked to end, and was not seen to: it may still run";
                Outcome::Unknown(why.to_owned())
            }
            (Some(Why::TooLong), _) => Outcome::TimedOut { ended: self.gone == Some(true) },
            (None, None) => Outcome::Unknown("it was not followed to its end".to_owned()),
            (None, Some(Err(failure))) => ended::before(failure),
        }
    }

    /// Whether sudo did not let it run: it ended, and its mark, which is printed behind sudo, never
    /// came. A program that sudo runs by itself prints no mark there: sudo's own words tell.
    fn refused(&self, wrap: &Wrap<'_>, ended: &Option<Result<Exit, Failure>>) -> bool {
        let Some(Ok(Exit::Status(status))) = ended else { return false };
        match &wrap.command.sudo {
            Sudo::No => false,
            _ if wrap.marks_behind_sudo() => *status != 0 && !self.marks.seen(),
            _ => *status == 1 && self.end_of_output().windows(6).any(|part| part == b"sudo: "),
        }
    }

    fn last_words(&mut self, wrap: &Wrap<'_>) -> Vec<u8> {
        if wrap.marks_behind_sudo() { self.marks.finish() } else { self.end_of_output() }
    }

    fn end_of_output(&self) -> Vec<u8> {
        let part = self.place.live.with_output(self.place.place, |output| {
            output.as_ref().map(|output| output.part(output.total().saturating_sub(2048)).bytes)
        });
        part.flatten().unwrap_or_default()
    }
}

/// Ends all processes of a session; whether they were seen to be gone.
pub(super) async fn end(exec: &Arc<dyn Exec>, command: &Command, session: u32) -> bool {
    let end = end_session(command, session);
    let done = exec.run(&end, Instant::now() + END_WITHIN).await;
    done.is_ok_and(|output| output.stdout.trim_ascii().ends_with(b"gone"))
}
