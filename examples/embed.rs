//! A monitor inside a program of your own: two checks on this machine, a notifier, and what it all
//! looks like from the outside.
//!
//! ```sh
//! cargo run -p litemon-core --example embed
//! ```
#![allow(clippy::print_stdout, reason = "it is what an example shows")]

use std::{error::Error, sync::Arc, time::Duration};

use litemon_core::{
    clock::{Clock, SystemClock},
    exec::{self, Address, SshSettings},
    model::{CheckId, CheckKind, Name, Notice, Schedule, Status},
    monitor::{Check, Monitor, NotifierSetup, Server},
    notify::{Accepted, Notifier, SendError},
    probe::{Recipe, Site, service::CommandService},
};
use tokio::time::Instant;

/// Prints what an SMS would say.
#[derive(Debug)]
struct Print;

#[async_trait::async_trait]
impl Notifier for Print {
    fn recipients(&self) -> Vec<String> {
        vec!["terminal".to_owned()]
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn send(&self, notice: &Notice, _: &str, _: Instant) -> Result<Accepted, SendError> {
        println!("{} {} is {}", notice.reason.as_str(), notice.check, notice.status);
        Ok(Accepted::now("printed"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let here = Name::new("here")?;
    let printer = Name::new("printer")?;

    // Where commands run: this machine. For a far one, `Address::from_str("web-1:22")` and the
    // settings to log in with (feature `ssh`).
    let exec = exec::connect(&Address::Local, &SshSettings::new("nobody"));
    let site = Site::new(exec, Arc::clone(&clock));

    // Often, so that the example is short; one bad result is enough.
    let schedule =
        Schedule { interval: Duration::from_millis(200), attempts: 1, ..Schedule::default() };
    let service = |name: &str, command: &str| -> Result<Check, Box<dyn Error>> {
        let probe = CommandService::new(command.to_owned(), false, None)?.build(&site);
        Ok(Check::new(CheckId::new(&here, &Name::new(name)?), CheckKind::Service, probe)
            .on(here.clone())
            .schedule(schedule.clone())
            .notify(vec![printer.clone()]))
    };

    let monitor = Monitor::builder()
        .clock(clock)
        .server(Server::new(here.clone(), "local"))
        .check(service("shell", "true")?)
        .check(service("broken", "echo 'no such thing' >&2; exit 3")?)
        .notifier(NotifierSetup::new(printer.clone(), Arc::new(Print)))
        .start()
        .await?;

    // Wait until everything was looked at and the problem was told.
    let mut snapshots = monitor.handle().watch();
    let known = snapshots.wait_for(|now| {
        now.checks().all(|check| check.last.is_some())
            && !now.incidents.is_empty()
            && now.outbox == 0
    });
    let snapshot = tokio::time::timeout(Duration::from_secs(10), known).await??.clone();
    for check in snapshot.checks() {
        println!("{:14} {}", check.id, check.status);
    }
    assert_eq!(snapshot.check("here/shell").map(|check| check.status), Some(Status::Ok));
    assert_eq!(snapshot.check("here/broken").map(|check| check.status), Some(Status::Critical));

    monitor.shutdown(Duration::from_secs(3)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().unwrap();
    }
}
