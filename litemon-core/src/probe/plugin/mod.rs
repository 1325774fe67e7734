//! Nagios plugins: programs that look and judge by themselves, as the Monitoring Plugins Development
//! Guidelines have it (<https://www.monitoring-plugins.org/doc/guidelines.html>).

mod output;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Probe, Recipe, Site};
use crate::{
    exec::{Command, Exec, Exit, Output, Sudo},
    model::{Failure, FailureKind, Observation, Route, Status, one_line},
};

/// A plugin. Its exit status is the verdict: 0 ok, 1 warning, 2 critical; everything else, also that
/// it cannot be started, is unknown. The first line of its output says why; behind a `|` may stand
/// performance data.
#[derive(Clone, Debug)]
pub struct Plugin {
    command: Command,
    on_monitor: bool,
}

impl Plugin {
    /// One that runs on the server that its check belongs to, else on this machine.
    #[must_use]
    pub fn new(mut command: Command, sudo: bool) -> Self {
        if sudo {
            command.sudo = Sudo::Passwordless;
        }
        Self { command, on_monitor: false }
    }

    /// Runs on this machine whatever the check belongs to, such as one that looks from outside.
    #[must_use]
    pub fn on_monitor(mut self) -> Self {
        self.on_monitor = true;
        self
    }
}

impl Recipe for Plugin {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        let exec = if self.on_monitor { &site.monitor } else { &site.exec };
        Arc::new(PluginProbe { command: self.command.clone(), exec: Arc::clone(exec) })
    }

    /// One that runs on this machine may look at what is far away.
    fn route(&self, commands: Route) -> Route {
        match commands {
            Route::Network if !self.on_monitor => Route::Network,
            _ => Route::Unclear,
        }
    }
}

#[derive(Debug)]
struct PluginProbe {
    command: Command,
    exec: Arc<dyn Exec>,
}

#[async_trait]
impl Probe for PluginProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        match self.exec.run(&self.command, deadline).await {
            Ok(output) => Ok(judge(&output)),
            // It did not even start (sudo refused), which says nothing of what it asks about.
            Err(failure) if failure.kind == FailureKind::Exit => {
                Ok(Observation::judged(Status::Unknown, [], failure.message))
            }
            Err(failure) => Err(failure),
        }
    }
}

fn judge(output: &Output) -> Observation {
    let status = match output.exit {
        Exit::Status(0) => Status::Ok,
        Exit::Status(1) => Status::Warning,
        Exit::Status(2) => Status::Critical,
        Exit::Status(3) => Status::Unknown,
        _ => return Observation::judged(Status::Unknown, [], output.failure().message),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let (line, readings) = output::parse(&text);
    let said = match one_line(line, Failure::MAX_MESSAGE) {
        line if line.is_empty() => silent(status, output),
        line => line,
    };
    Observation::judged(status, readings, said)
}

/// Why, of a plugin that does not say it.
fn silent(status: Status, output: &Output) -> String {
    let error = one_line(&String::from_utf8_lossy(&output.stderr), Failure::MAX_MESSAGE);
    match (status, error.is_empty()) {
        (Status::Ok, true) => String::new(),
        (_, true) => format!("exit {}, without a word", status.exit_code()),
        (_, false) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(exit: Exit, out: &str, err: &str) -> (Status, String, Option<f64>) {
        let seen = judge(&Output::new(exit, out.into(), err.into(), false));
        let detail = seen.detail().unwrap_or_default().to_owned();
        match seen {
            Observation::Judged { status, .. } => (status, detail, seen.value()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_exit_status_is_the_verdict_and_the_first_line_the_reason() {
        let load = "OK - load average: 0.15, 0.10\nmore|load1=0.150;5.000;9.000;0; \n";
        for (exit, out, err, expected) in [
            (0, load, "", (Status::Ok, "OK - load average: 0.15, 0.10", Some(0.15))),
            (1, "WARN|a=2", "x", (Status::Warning, "WARN", Some(2.0))),
            (2, "\nCRIT \x1b[31m\n", "", (Status::Critical, "", None)),
            (2, "", "no such disk\n", (Status::Critical, "no such disk", None)),
            (2, "", "", (Status::Critical, "exit 2, without a word", None)),
            (3, "UNKNOWN: x", "", (Status::Unknown, "UNKNOWN: x", None)),
            (4, "out", "", (Status::Unknown, "exit 4: out", None)),
            (127, "", "sh: 1: check_x: not found", {
                (Status::Unknown, "exit 127: sh: 1: check_x: not found", None)
            }),
            (0, "", "", (Status::Ok, "", None)),
        ] {
            let got = seen(Exit::Status(exit), out, err);
            let want = (expected.0, expected.1.to_owned(), expected.2);
            if out.starts_with('\n') {
                assert_eq!(got, (Status::Critical, "CRIT [31m".to_owned(), None));
            } else {
                assert_eq!(got, want, "{exit} {out:?}");
            }
        }
        let got = seen(Exit::Signal("KILL".into()), "half", "");
        assert_eq!(got, (Status::Unknown, "killed by SIGKILL: half".to_owned(), None));
    }
}
