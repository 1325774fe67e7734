//! What is proved by more than an exit status: a restart, and a server that goes away. The monitor is
//! told before, so that nobody is woken by it.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    ended,
    model::Outcome,
    place::{CONNECT, Place},
};
use crate::{
    exec::Exec,
    manage::actions::{
        Announcement, Proof, Runnable,
        boot::{Life, NotProved, life, prove},
    },
};

/// How often a server that goes or comes back is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How long a server may take to go away.
const GONE_WITHIN: Duration = Duration::from_secs(180);

/// Runs it, and looks for the proof.
pub(super) async fn run(place: &Place, exec: &Arc<dyn Exec>, how: &Runnable) -> Outcome {
    let clock = place.shared.manage.clock();
    let before = match how.proof {
        Proof::Restarted(_) => match life(&**exec, clock, Instant::now() + CONNECT).await {
            Ok(life) => Some(life),
            Err(failure) => return ended::before(failure),
        },
        _ => None,
    };
    if let Some(planned) = how.proof.planned(&place.live.stored.head.by.name, place.live.id()) {
        let manage = &place.shared.manage;
        if let Err(error) = manage.announce(&place.server.name, &Announcement::Hold(planned)).await
        {
            return Outcome::Unknown(format!(
                "the monitor was not told, so it was not run: {error}"
            ));
        }
    }
    let outcome = place.follow(exec, how).await;
    // A connection that breaks is what was to be expected, and so is the signal to what runs.
    if !matches!(outcome, Outcome::Ok | Outcome::Dropped(_) | Outcome::Signalled(_)) {
        if how.proof != Proof::Stays {
            announce(place, Announcement::Release).await;
        }
        return outcome;
    }
    let looked = async {
        match (how.proof, before) {
            (Proof::Restarted(within), Some(before)) => {
                restarted(place, exec, &before, within).await
            }
            (Proof::Gone { delay: Duration::ZERO, .. }, _) => gone(place, exec).await,
            (Proof::Stays, _) => {
                if outcome.is_ok() {
                    announce(place, Announcement::Release).await;
                }
                outcome
            }
            _ => outcome,
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

async fn restarted(
    place: &Place,
    exec: &Arc<dyn Exec>,
    before: &Life,
    within: Duration,
) -> Outcome {
    place.push(b"litemon: waiting for the server to come back\n");
    place.flush().await;
    let clock = place.shared.manage.clock();
    match prove(&**exec, clock, before, Instant::now() + within).await {
        Ok(_) => {
            place.push(match before {
                Life::Boot(_) => b"litemon: it is back, with a new boot id\n".as_slice(),
                Life::Since(_) => b"litemon: it is back, and its uptime began anew\n",
            });
            place.flush().await;
            announce(place, Announcement::Back).await;
            Outcome::Ok
        }
        Err(why) => {
            if matches!(why, NotProved::SameBoot | NotProved::GoesOn) {
                announce(place, Announcement::Release).await;
            }
            Outcome::Unknown(why.to_string())
        }
    }
}

/// Tells the monitor. When it cannot be told, what it holds is told when its time is over.
pub(super) async fn announce(place: &Place, what: Announcement) {
    if let Err(error) = place.shared.manage.announce(&place.server.name, &what).await {
        tracing::warn!(server = %place.server.name, "the monitor was not told: {error}");
    }
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
    announce(place, Announcement::Release).await;
    let within = crate::exec::seconds(GONE_WITHIN);
    Outcome::Unknown(format!("the server still answers after {within}"))
}
