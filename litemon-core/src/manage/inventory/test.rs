//! Whether a server can be worked with: reachable, known, logged in to, root.

use std::{fmt, sync::Arc, time::Duration};

use serde_json::json;
use tokio::time::Instant;

use crate::{
    config::ServerPlan,
    exec::{self, Address, Command, Exec, HostKey, KeyTrust, SshTarget, Sudo},
    manage::{Manage, ManageError, Principal, Role},
    model::Failure,
    probe::uptime::Uptime,
};

/// The longest each step may take.
const STEP: Duration = Duration::from_secs(15);

/// How one step of a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// It works.
    Works,
    /// It does not, in one line.
    Failed(String),
    /// It was not tried, since a step before it did not work.
    NotTried,
}

impl Step {
    /// Whether it works.
    #[must_use]
    pub const fn works(&self) -> bool {
        matches!(self, Self::Works)
    }

    fn of(result: Result<(), Failure>) -> Self {
        result.map_or_else(|failure| Self::Failed(failure.message), |()| Self::Works)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works => f.write_str("works"),
            Self::Failed(why) => f.write_str(why),
            Self::NotTried => f.write_str("not tried"),
        }
    }
}

/// What works with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestReport {
    /// It answers, and speaks SSH.
    pub reachable: Step,
    /// The host key it shows; `None` when it was not seen, and on the monitor itself.
    pub host_key: Option<HostKey>,
    /// The login as the plan says.
    pub login: Step,
    /// Becoming root, with the sudo password where one is set.
    pub sudo: Step,
}

impl TestReport {
    /// Whether it can be watched.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.login.works()
    }
}

impl Manage {
    /// Tries what a server allows. Nothing on it is changed.
    ///
    /// # Errors
    /// [`ManageError`] when the principal may not, or there is no such server; what does not work on
    /// the server is part of the report.
    pub async fn test_server(&self, by: &Principal, name: &str) -> Result<TestReport, ManageError> {
        by.require(Role::Admin, "test servers")?;
        let server = self.planned(name).await?;
        let work = async { Ok(self.try_out(&server).await) };
        self.office.audited(by, "server.test", name, &json!(null), work).await
    }

    /// The host key a server shows now, and what is known of it.
    ///
    /// # Errors
    /// [`ManageError::Conflict`] when it cannot be seen, or the server is the monitor itself.
    pub async fn host_key(&self, by: &Principal, name: &str) -> Result<HostKey, ManageError> {
        by.require(Role::Admin, "see host keys")?;
        let target = self.target(name).await?;
        let clock = Arc::clone(&self.office.clock);
        exec::host_key(&target, clock, Instant::now() + STEP).await.map_err(conflict)
    }

    /// Trusts the host key with this fingerprint (`SHA256:…`) from now on, in the place of one that
    /// was pinned before.
    ///
    /// # Errors
    /// [`ManageError::Conflict`] when the server shows another key, or it cannot be pinned.
    pub async fn pin_host_key(
        &self,
        by: &Principal,
        name: &str,
        fingerprint: &str,
    ) -> Result<(), ManageError> {
        by.require(Role::Admin, "pin host keys")?;
        let target = self.target(name).await?;
        let clock = Arc::clone(&self.office.clock);
        let work = async {
            let until = Instant::now() + STEP;
            let pinned = exec::pin_host_key(&target, fingerprint, clock, until).await;
            pinned.map(drop).map_err(conflict)
        };
        let detail = json!({ "fingerprint": fingerprint });
        self.office.audited(by, "server.pin", name, &detail, work).await
    }

    /// Where a server is and how to log in to it.
    ///
    /// # Errors
    /// [`ManageError::NotFound`]; [`ManageError::Conflict`] for the monitor itself, which is not
    /// logged in to.
    pub(super) async fn target(&self, name: &str) -> Result<SshTarget, ManageError> {
        let server = self.planned(name).await?;
        target_of(&server).ok_or_else(|| {
            ManageError::Conflict(format!("{name} is this machine: nothing is logged in to"))
        })
    }

    async fn try_out(&self, server: &ServerPlan) -> TestReport {
        let mut report = TestReport {
            reachable: Step::Works,
            host_key: None,
            login: Step::Works,
            sudo: Step::NotTried,
        };
        if let Some(target) = target_of(server) {
            let clock = Arc::clone(&self.office.clock);
            match exec::host_key(&target, clock, Instant::now() + STEP).await {
                Ok(key) => report.host_key = Some(key),
                Err(failure) => {
                    report.reachable = Step::Failed(failure.message);
                    report.login = Step::NotTried;
                    return report;
                }
            }
        }
        let place = exec::connect(&server.address, &server.ssh);
        let trusted = |key: &HostKey| key.trust == KeyTrust::Trusted;
        if report.host_key.as_ref().is_none_or(trusted) || accepts_new(server) {
            report.login = Step::of(place.reach(Instant::now() + STEP).await);
        } else {
            report.login = Step::NotTried;
        }
        if report.login.works() {
            report.sudo = Step::of(become_root(&*place).await);
        }
        report
    }
}

fn accepts_new(server: &ServerPlan) -> bool {
    server.ssh.host_key_policy == exec::HostKeyPolicy::AcceptNew
}

async fn become_root(place: &dyn Exec) -> Result<(), Failure> {
    // A device has no `true`: anything that only looks shows whether it lets itself be asked.
    let look = Uptime::new(place.device(), Duration::ZERO).filter(|_| place.device().is_network());
    let mut command =
        look.map_or_else(|| Command::argv(["true"]), |uptime| Command::shell(uptime.question().0));
    command.sudo = Sudo::Passwordless;
    let output = place.run(&command, Instant::now() + STEP).await?;
    if output.success() { Ok(()) } else { Err(output.failure()) }
}

fn target_of(server: &ServerPlan) -> Option<SshTarget> {
    match &server.address {
        Address::Local => None,
        Address::Host { host, port } => {
            Some(SshTarget { host: host.clone(), port: *port, settings: server.ssh.clone() })
        }
    }
}

pub(super) fn conflict(failure: Failure) -> ManageError {
    ManageError::Conflict(failure.message)
}
