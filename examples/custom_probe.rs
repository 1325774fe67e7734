//! A kind of check of your own: how old is the newest file of a folder?
//!
//! Built by hand here; with the feature `config`, a `ProbeKind` puts it beside the built-in kinds, so
//! that it can be written in the same configuration file (see the second half).
//!
//! ```sh
//! cargo run -p litemon-core --features config --example custom_probe
//! ```
#![allow(clippy::print_stdout, reason = "it is what an example shows")]

use std::{error::Error, path::PathBuf, sync::Arc, time::Duration};

use litemon_core::{
    clock::{Clock, SystemClock},
    config::{
        self, Inputs, KindContext, Kinds, MachineSecrets, ProbeKind, SettingError, SettingsMap,
        Surroundings,
    },
    model::{Failure, FailureKind, Observation, Zone},
    monitor::{Assembler, Monitor},
    probe::{Probe, Recipe, Site},
};
use tokio::time::Instant;

/// Looks at a folder.
#[derive(Clone, Debug)]
struct Newest {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
}

#[async_trait::async_trait]
impl Probe for Newest {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let folder = self.folder.clone();
        let look = tokio::task::spawn_blocking(move || newest(&folder));
        let newest = tokio::time::timeout_at(deadline, look)
            .await
            .map_err(|_| Failure::new(FailureKind::Timeout, "the folder does not answer"))?
            .map_err(|error| Failure::internal(&error))?
            .map_err(|error| Failure::new(FailureKind::Output, error.to_string()))?;
        let newest = newest.ok_or_else(|| Failure::new(FailureKind::Output, "no file"))?;
        let age = self.clock.now().as_millis() - newest;
        #[expect(clippy::cast_precision_loss, reason = "an age in seconds needs no 53 bits")]
        let seconds = age.max(0) as f64 / 1000.0;
        Ok(Observation::Value { value: seconds, unit: "s".into(), detail: None })
    }
}

/// The time of the newest file, in milliseconds since the epoch.
fn newest(folder: &std::path::Path) -> std::io::Result<Option<i64>> {
    let mut newest = None;
    for entry in std::fs::read_dir(folder)? {
        let changed = entry?.metadata()?.modified()?;
        let since_epoch = changed.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        newest = newest.max(i64::try_from(since_epoch.as_millis()).ok());
    }
    Ok(newest)
}

/// The folder as it was written; it becomes a probe when it is known where it runs.
#[derive(Debug)]
struct NewestRecipe(PathBuf);

impl Recipe for NewestRecipe {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(Newest { folder: self.0.clone(), clock: Arc::clone(&site.clock) })
    }
}

/// `kind = "newest"` in the configuration file.
#[derive(Debug)]
struct NewestKind;

impl ProbeKind for NewestKind {
    fn name(&self) -> &'static str {
        "newest"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let folder = settings.get("folder").and_then(|value| value.as_str());
        let folder = folder.ok_or_else(|| vec![SettingError::missing("folder", "a folder")])?;
        Ok(Arc::new(NewestRecipe(context.path("folder", std::path::Path::new(folder)))))
    }

    fn schema(&self) -> serde_json::Value {
        serde_json::json!({
            "type": "object",
            "required": ["folder"],
            "properties": { "folder": { "type": "string" } },
        })
    }
}

const FILE: &str = r#"
[checks.backups]
kind = "newest"
folder = "."
threshold = 86400       # seconds: older than a day is a problem
interval = "1s"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let kinds = Kinds::builtin().with_probe(NewestKind);
    let inputs = Inputs::new(Vec::new(), Default::default(), std::env::current_dir()?);
    let loaded = config::load_texts(vec![("example.toml".into(), FILE.into())], &inputs)?;
    let secrets = MachineSecrets::new(inputs.environment.clone());
    let around = Surroundings::of(&inputs.environment, Zone::system(), &secrets, &kinds);
    let plan = loaded.plan(&around)?;

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let setup = Assembler::new(Arc::clone(&clock)).assemble(&plan);
    let monitor = Monitor::builder().clock(clock).setup(setup).start().await?;

    let mut snapshots = monitor.handle().watch();
    let seen = snapshots.wait_for(|now| now.checks().all(|check| check.last.is_some()));
    let snapshot = tokio::time::timeout(Duration::from_secs(10), seen).await??.clone();
    for check in snapshot.checks() {
        let seconds = check.current_value(snapshot.at);
        println!("{} {}: the newest file is {seconds:?} s old", check.id, check.status);
        assert!(seconds.is_some());
    }
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
