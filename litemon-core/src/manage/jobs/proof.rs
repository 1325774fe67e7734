//! What is proved by more than an exit status: a restart, and a server that goes away.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    model::Outcome,
    place::{CONNECT, Place},
    streamed,
};
use crate::{
    exec::{Command, Exec},
    manage::actions::{Proof, Runnable},
    model::one_line,
};

/// How often a server that goes or comes back is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How long a server may take to go away.
const GONE_WITHIN: Duration = Duration::from_secs(180);

/// Tells one start of a machine from another.
const BOOT_ID: &str = "cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime";

/// Runs it, and looks for the proof. `None` when litemon stops before that.
pub(super) async fn run(place: &Place, exec: &Arc<dyn Exec>, how: &Runnable) -> Outcome {
    let before = match how.proof {
        Proof::Restarted(_) => match boot_id(exec, CONNECT).await {
            Ok(id) => id,
            Err(outcome) => return outcome,
        },
        _ => String::new(),
    };
    let outcome = streamed::run(place, exec, how).await;
    // A connection that breaks is what was to be expected, and so is the signal to what runs.
    if !matches!(outcome, Outcome::Ok | Outcome::Dropped(_) | Outcome::Signalled(_)) {
        return outcome;
    }
    let looked = async {
        match how.proof {
            Proof::Restarted(within) => restarted(place, exec, &before, within).await,
            Proof::Gone => gone(place, exec).await,
            Proof::Exit => outcome,
        }
    };
    tokio::select! {
        outcome = looked => outcome,
        () = place.cancel.cancelled() => {
            let why = "it was begun, and its end was not waited for";
            Outcome::Unknown(why.to_owned())
        }
    }
}

async fn boot_id(exec: &Arc<dyn Exec>, within: Duration) -> Result<String, Outcome> {
    let command = Command::shell(BOOT_ID);
    match exec.run(&command, Instant::now() + within).await {
        Ok(output) if output.success() => {
            Ok(one_line(&String::from_utf8_lossy(&output.stdout), 200))
        }
        Ok(output) => Err(Outcome::Unknown(format!("no boot id: {}", output.failure()))),
        Err(failure) => Err(super::ended::before(failure)),
    }
}

async fn restarted(
    place: &Place,
    exec: &Arc<dyn Exec>,
    before: &str,
    within: Duration,
) -> Outcome {
    let until = Instant::now() + within;
    place.push(b"litemon: waiting for the server to come back\n");
    place.flush().await;
    while Instant::now() < until {
        if let Ok(now) = boot_id(exec, CONNECT).await
            && !now.is_empty()
            && now != before
        {
            place.push(b"litemon: it is back, with a new boot id\n");
            place.flush().await;
            return Outcome::Ok;
        }
        sleep(LOOK).await;
    }
    let within = crate::exec::seconds(within);
    Outcome::Unknown(format!("it was not seen to come back with a new boot id in {within}"))
}

async fn gone(place: &Place, exec: &Arc<dyn Exec>) -> Outcome {
    let until = Instant::now() + GONE_WITHIN;
    while Instant::now() < until {
        if exec.reach(Instant::now() + CONNECT).await.is_err() {
            place.push(b"litemon: the server does not answer any more\n");
            place.flush().await;
            return Outcome::Ok;
        }
        sleep(LOOK).await;
    }
    let within = crate::exec::seconds(GONE_WITHIN);
    Outcome::Unknown(format!("the server still answers after {within}"))
}
