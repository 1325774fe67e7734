//! A way of telling people of your own: a line appended to a file, tried again by the monitor until
//! the file can be written.
//!
//! ```sh
//! cargo run -p litemon-core --example custom_notifier
//! ```
#![allow(clippy::print_stdout, reason = "it is what an example shows")]

use std::{
    error::Error,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use litemon_core::{
    model::{CheckId, CheckKind, Failure, Name, Notice, Observation, Schedule},
    monitor::{Check, Monitor, NotifierSetup},
    notify::{Accepted, Notifier, SendError},
    probe::Probe,
};
use tokio::{io::AsyncWriteExt, time::Instant};

/// Appends a line for each notice.
#[derive(Debug)]
struct LogFile(PathBuf);

#[async_trait::async_trait]
impl Notifier for LogFile {
    fn recipients(&self) -> Vec<String> {
        vec![self.0.display().to_string()]
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(2)
    }

    async fn send(&self, notice: &Notice, _: &str, _: Instant) -> Result<Accepted, SendError> {
        let line = format!("{} {} {}\n", notice.at, notice.reason.as_str(), notice.check);
        // A full or missing disk may come back: the delivery tries again, with growing waits.
        let temporary = |error: std::io::Error| SendError::temporary(error.to_string());
        let mut file = tokio::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.0)
            .await
            .map_err(temporary)?;
        file.write_all(line.as_bytes()).await.map_err(temporary)?;
        file.sync_all().await.map_err(temporary)?;
        Ok(Accepted::now("appended"))
    }
}

/// A switch to play with.
#[derive(Debug)]
struct Lamp(Arc<AtomicBool>);

#[async_trait::async_trait]
impl Probe for Lamp {
    async fn run(&self, _: Instant) -> Result<Observation, Failure> {
        Ok(Observation::Switch { on: self.0.load(Ordering::Relaxed), detail: None })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("litemon-example-{}.log", std::process::id()));
    let on = Arc::new(AtomicBool::new(false));
    let log = Name::new("log")?;
    let schedule =
        Schedule { interval: Duration::from_millis(100), attempts: 1, ..Schedule::default() };
    let lamp = CheckId::parse("checks/lamp")?;
    let monitor = Monitor::builder()
        .check(
            Check::new(lamp, CheckKind::Service, Arc::new(Lamp(Arc::clone(&on))))
                .schedule(schedule)
                .notify(vec![log.clone()]),
        )
        .notifier(NotifierSetup::new(log, Arc::new(LogFile(path.clone()))))
        .start()
        .await?;

    let told = async |lines: usize| loop {
        let text = tokio::fs::read_to_string(&path).await.unwrap_or_default();
        if text.lines().count() >= lines {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let limit = Duration::from_secs(10);
    tokio::time::timeout(limit, told(1)).await?;
    on.store(true, Ordering::Relaxed);
    let text = tokio::time::timeout(limit, told(2)).await?;
    print!("{text}");
    assert!(text.contains("raised checks/lamp") && text.contains("recovered checks/lamp"));

    monitor.shutdown(Duration::from_secs(3)).await;
    tokio::fs::remove_file(&path).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().unwrap();
    }
}
