//! The notifier that runs a command: a pager of one's own, or a remedy.
//!
//! The event is JSON on standard input ([`event_json`]) and variables of the environment
//! ([`event_env`]). A command that ran and failed is not run again, since nobody knows what it did
//! before it failed; one that could not be started is.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{
    Accepted, Notifier, NotifierRecipe, NotifierSite, Outlets, Retry, SendError, event_env,
    event_json,
};
use crate::{
    exec::{Command, Exec, Output, Sudo},
    model::{CheckKind, Failure, FailureKind, Notice, Route, Status, one_line},
};

/// Where the command runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum On {
    /// On this machine.
    #[default]
    Monitor,
    /// On the server that the failing check belongs to.
    Server,
}

/// What stands under `[notifiers.exec.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExecSettings {
    /// The program and its arguments; no shell unless it is called.
    pub command: Vec<String>,
    /// Where it runs.
    pub on: On,
    /// As root, by a sudo that asks for no password.
    pub sudo: bool,
    /// How long it may take.
    pub timeout: Duration,
}

impl ExecSettings {
    /// A command on this machine that may take 30 s.
    #[must_use]
    pub const fn new(command: Vec<String>) -> Self {
        Self { command, on: On::Monitor, sudo: false, timeout: Duration::from_secs(30) }
    }
}

/// A command, checked but not yet alive.
#[derive(Clone, Debug)]
pub struct ExecRecipe {
    settings: ExecSettings,
}

impl ExecRecipe {
    /// Checks the settings.
    ///
    /// # Errors
    /// Each mistake: the key, and what was expected.
    pub fn new(settings: ExecSettings) -> Result<Self, Vec<(String, String)>> {
        let mut wrong = Vec::new();
        if settings.command.first().is_none_or(String::is_empty) {
            wrong.push(("command", "a program and its arguments, as [\"program\", \"argument\"]"));
        }
        if settings.command.iter().any(|word| word.contains('\0')) {
            wrong.push(("command", "no NUL character in any word"));
        }
        if settings.timeout.is_zero() {
            wrong.push(("timeout", "more than zero"));
        }
        if wrong.is_empty() {
            return Ok(Self { settings });
        }
        Err(wrong.into_iter().map(|(key, text)| (key.into(), format!("expected {text}"))).collect())
    }
}

impl NotifierRecipe for ExecRecipe {
    fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    fn outlets(&self) -> Outlets {
        let route = match self.settings.on {
            On::Monitor => Route::Local,
            On::Server => Route::Network,
        };
        Outlets::one(route, self.settings.timeout)
    }

    fn build(&self, site: &NotifierSite) -> Arc<dyn Notifier> {
        Arc::new(ExecNotifier { settings: self.settings.clone(), site: site.clone() })
    }
}

#[derive(Debug)]
struct ExecNotifier {
    settings: ExecSettings,
    site: NotifierSite,
}

#[async_trait]
impl Notifier for ExecNotifier {
    /// One, named after the place: `monitor` or `server`.
    fn recipients(&self) -> Vec<String> {
        let place = match self.settings.on {
            On::Monitor => "monitor",
            On::Server => "server",
        };
        vec![place.to_owned()]
    }

    fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    async fn send(&self, notice: &Notice, _: &str, by: Instant) -> Result<Accepted, SendError> {
        let place = self.place(notice)?;
        match place.run(&self.command(notice), by).await {
            Ok(output) if output.success() => Ok(Accepted::now(answer(&output))),
            Ok(output) => {
                Err(SendError::permanent(format!("the command failed: {}", output.failure())))
            }
            Err(failure) => Err(not_run(&failure)),
        }
    }
}

impl ExecNotifier {
    fn place(&self, notice: &Notice) -> Result<&Arc<dyn Exec>, SendError> {
        if self.settings.on == On::Monitor {
            return Ok(&self.site.local);
        }
        let server = notice.server.as_ref().ok_or_else(|| {
            SendError::permanent(format!("{} belongs to no server", notice.check))
        })?;
        if says_unreachable(notice) {
            return Err(SendError::permanent(format!(
                "not run: {server} cannot be reached, which is the problem itself"
            )));
        }
        let known = self.site.servers.get(server);
        known.ok_or_else(|| SendError::permanent(format!("there is no server {server}")))
    }

    fn command(&self, notice: &Notice) -> Command {
        let line = self.site.text(notice, self.site.clock.now());
        let mut command = Command::argv(self.settings.command.clone());
        command.stdin = event_json(notice, &line).to_string().into_bytes();
        command.stdin.push(b'\n');
        command.env = event_env(notice, &line);
        if self.settings.sudo {
            command.sudo = Sudo::Passwordless;
        }
        command
    }
}

/// Whether the notice is about a server that cannot be logged in to now.
fn says_unreachable(notice: &Notice) -> bool {
    let failed = notice.status != Status::Ok;
    let connection = notice.seen.as_ref().is_err_and(|failure| failure.kind.concerns_connection());
    failed && (notice.kind == CheckKind::Ssh || connection)
}

/// The first line printed.
fn answer(output: &Output) -> String {
    let line = |bytes: &[u8]| one_line(&String::from_utf8_lossy(bytes), 200);
    let line = [line(&output.stdout), line(&output.stderr)].into_iter().find(|l| !l.is_empty());
    line.unwrap_or_else(|| "exit 0".to_owned())
}

/// Only where it is sure that nothing ran is another attempt harmless.
fn not_run(failure: &Failure) -> SendError {
    let harmless = matches!(
        failure.kind,
        FailureKind::NotResolved
            | FailureKind::Refused
            | FailureKind::NoRoute
            | FailureKind::Silent
            | FailureKind::Busy
            | FailureKind::Internal
    );
    let retry = if harmless { Retry::Later } else { Retry::Never };
    SendError::new(retry, format!("the command did not run to its end: {failure}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        exec::{CommandLine, Exit},
        model::CheckId,
        notify::{
            fixtures,
            fixtures_site::{ScriptedExec, site},
        },
    };

    fn unreachable() -> Notice {
        Notice {
            check: CheckId::parse("web-1/ssh").unwrap(),
            kind: CheckKind::Ssh,
            seen: Err(Failure::new(FailureKind::Refused, "connection refused")),
            ..fixtures::off()
        }
    }

    fn output(code: i32, stdout: &str) -> Result<Output, Failure> {
        Ok(Output::new(Exit::Status(code), stdout.into(), Vec::new(), false))
    }

    async fn run(
        on: On,
        answer: Result<Output, Failure>,
        notice: &Notice,
    ) -> (Result<Accepted, SendError>, Vec<Command>, Vec<Command>) {
        let (local, server) = (ScriptedExec::new(answer.clone()), ScriptedExec::new(answer));
        let mut settings = ExecSettings::new(vec!["restart".into(), "a b; c".into()]);
        settings.on = on;
        settings.sudo = true;
        let notifier = ExecRecipe::new(settings).unwrap().build(&site(&local, &server));
        let to = notifier.recipients().remove(0);
        let by = Instant::now() + notifier.timeout();
        let sent = notifier.send(notice, &to, by).await;
        let (local, server) =
            (local.ran.lock().unwrap().clone(), server.ran.lock().unwrap().clone());
        (sent, local, server)
    }

    #[tokio::test]
    async fn the_event_goes_in_and_the_first_line_comes_out() {
        let notice = fixtures::off();
        let (sent, local, server) = run(On::Monitor, output(0, "\n paged\nmore"), &notice).await;
        assert_eq!(sent, Ok(Accepted::now("paged")));
        assert!(server.is_empty());
        let command = &local[0];
        assert_eq!(command.line, CommandLine::Argv(vec!["restart".into(), "a b; c".into()]));
        assert!(matches!(command.sudo, Sudo::Passwordless));
        let event: serde_json::Value = serde_json::from_slice(&command.stdin).unwrap();
        assert_eq!(event["version"], 1);
        assert_eq!(event["text"], "PROBLEM web-1 nginx Off since 05:33 #17");
        assert!(command.env.contains(&("LITEMON_EVENT_SERVER".into(), "web-1".into())));
    }

    #[tokio::test]
    async fn on_the_failing_server_unless_that_is_unreachable() {
        let (sent, local, server) = run(On::Server, output(0, ""), &fixtures::off()).await;
        assert_eq!(sent, Ok(Accepted::now("exit 0")));
        assert_eq!((local.len(), server.len()), (0, 1));

        let mut strange = fixtures::off();
        strange.server = Some(fixtures::name("web-9"));
        let mut nowhere = fixtures::off();
        nowhere.server = None;
        for (notice, expected) in [
            (unreachable(), "not run: web-1 cannot be reached, which is the problem itself"),
            (strange, "there is no server web-9"),
            (nowhere, "web-1/nginx belongs to no server"),
        ] {
            let (sent, local, server) = run(On::Server, output(0, ""), &notice).await;
            assert_eq!(sent, Err(SendError::permanent(expected)));
            assert_eq!((local.len(), server.len()), (0, 0));
        }
        // It is reachable again.
        let mut over = unreachable();
        over.status = Status::Ok;
        assert!(run(On::Server, output(0, ""), &over).await.0.is_ok());
    }

    #[tokio::test]
    async fn what_ran_is_not_run_again() {
        let error = |sent: Result<Accepted, SendError>| sent.unwrap_err();
        let (sent, ..) = run(On::Server, output(3, "no such unit"), &fixtures::off()).await;
        let sent = error(sent);
        assert_eq!(sent.retry, Retry::Never);
        assert_eq!(sent.message, "the command failed: exit 3: no such unit");
        for (kind, retry) in [
            (FailureKind::Refused, Retry::Later),
            (FailureKind::Busy, Retry::Later),
            (FailureKind::Timeout, Retry::Never),
            (FailureKind::Dropped, Retry::Never),
            (FailureKind::HostKey, Retry::Never),
        ] {
            let (sent, ..) = run(On::Server, Err(Failure::new(kind, "x")), &fixtures::off()).await;
            assert_eq!(error(sent).retry, retry, "{kind}");
        }
    }

    #[test]
    fn mistakes_are_all_told() {
        let mut settings = ExecSettings::new(Vec::new());
        settings.timeout = Duration::ZERO;
        let keys: Vec<_> =
            ExecRecipe::new(settings).unwrap_err().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["command", "timeout"]);
    }
}
