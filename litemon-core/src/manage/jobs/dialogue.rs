//! A run at the prompt of a network device: it is followed as long as the session is, and ended by
//! ending that.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    ended,
    model::{Outcome, Stage},
    place::{CONNECT, Place},
};
use crate::{
    exec::{CommandLine, Exec, Heard, Streamed, Sudo},
    manage::actions::Runnable,
    model::{Failure, FailureKind},
};

/// Chunks of output on their way.
const ON_THEIR_WAY: usize = 16;
/// How often output is told of and written.
const TELL: Duration = Duration::from_millis(100);

/// Runs it to its end.
pub(super) async fn run(place: &Place, exec: &Arc<dyn Exec>, how: &Runnable) -> Outcome {
    let begun = Instant::now();
    let what = streamed(how, begun + CONNECT.min(how.limit));
    let (sink, mut heard) = mpsc::channel(ON_THEIR_WAY);
    let mut began = false;
    let outcome = {
        let mut work = pin!(exec.stream(&what, &sink));
        let mut tell = interval(TELL);
        tell.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(more) = heard.recv() => hear(place, more, &mut began),
                result = &mut work => {
                    while let Ok(more) = heard.try_recv() {
                        hear(place, more, &mut began);
                    }
                    break match result {
                        Ok(exit) => ended::exit(exit),
                        Err(failure) => failed(place, failure, began),
                    };
                }
                () = place.cancel.cancelled() => {
                    place.stage(Stage::Cancelling);
                    break cancelled(began);
                }
                () = sleep_until(begun + how.limit) => break Outcome::TimedOut { ended: false },
                _ = tell.tick() => place.flush().await,
            }
        }
    };
    place.flush().await;
    outcome
}

fn streamed(how: &Runnable, connect_by: Instant) -> Streamed {
    let line = match &how.command.line {
        CommandLine::Shell(line) => line.clone(),
        CommandLine::Argv(words) => words.join(" "),
    };
    let mut what = Streamed::new(line, connect_by);
    what.privileged = !matches!(how.command.sudo, Sudo::No);
    what.confirm = how.command.confirm;
    what
}

fn hear(place: &Place, heard: Heard, began: &mut bool) {
    *began = true;
    if let Heard::Out(bytes) | Heard::Err(bytes) = heard {
        place.push(&bytes);
    }
}

fn failed(place: &Place, failure: Failure, began: bool) -> Outcome {
    match (began, failure.kind) {
        // It was asked something, and hung up on.
        (true, FailureKind::Exit) => {
            place.push(format!("litemon: {failure}\n").as_bytes());
            Outcome::Failed(1)
        }
        (true, _) => ended::after(failure),
        // The privileged mode was refused, or the command is none for a device.
        (false, FailureKind::Exit) if failure.message.starts_with("enable refused") => {
            Outcome::SudoRefused(failure.message)
        }
        (false, FailureKind::Exit) => Outcome::Unknown(failure.message),
        (false, _) => ended::before(failure),
    }
}

fn cancelled(began: bool) -> Outcome {
    if began {
        let why = "its session was ended; the device may go on with it";
        Outcome::Unknown(why.to_owned())
    } else {
        Outcome::Cancelled
    }
}
