//! What the tests of this module tree share.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    clock::VirtualClock,
    exec::{Command, Exec, Output},
    model::{
        CheckId, CheckKind, Failure, Language, Name, Notice, Observation, OutboxEntry, OutboxState,
        Reason, Status, Timestamp, Zone,
    },
    notify::NotifierSite,
};

/// 2016-04-14 05:33:00 UTC.
pub(super) const SINCE: Timestamp = Timestamp::from_millis(1_460_611_980_000);

pub(super) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A service that is off.
pub(super) fn off() -> Notice {
    Notice {
        reason: Reason::Raised,
        incident: Some(17),
        check: CheckId::parse("web-1/nginx").unwrap(),
        kind: CheckKind::Service,
        server: Some(name("web-1")),
        status: Status::Critical,
        was: None,
        seen: Ok(Observation::Switch { on: false, detail: Some("exit 3: inactive".into()) }),
        limit: None,
        since: SINCE,
        at: SINCE.plus(Duration::from_secs(4)),
        unjournaled: false,
    }
}

/// The same, over after four minutes.
pub(super) fn on_again() -> Notice {
    Notice {
        reason: Reason::Recovered,
        status: Status::Ok,
        was: Some(Status::Critical),
        at: SINCE.plus(Duration::from_secs(240)),
        ..off()
    }
}

/// The server cannot be reached.
pub(super) fn unreachable() -> Notice {
    Notice {
        check: CheckId::parse("web-1/ssh").unwrap(),
        kind: CheckKind::Ssh,
        seen: Err(Failure::new(crate::model::FailureKind::Refused, "connection refused")),
        ..off()
    }
}

pub(super) fn entry(id: i64, notifier: &str, recipient: &str, notice: Notice) -> OutboxEntry {
    OutboxEntry {
        id,
        notifier: name(notifier),
        recipient: recipient.to_owned(),
        next_at: notice.at,
        notice,
        state: OutboxState::Pending,
        attempts: 0,
    }
}

/// A place whose every command ends the same way; it keeps what it was asked to run.
#[derive(Debug)]
pub(super) struct ScriptedExec {
    pub(super) answer: Result<Output, Failure>,
    pub(super) ran: std::sync::Mutex<Vec<Command>>,
}

impl ScriptedExec {
    pub(super) fn new(answer: Result<Output, Failure>) -> Arc<Self> {
        Arc::new(Self { answer, ran: std::sync::Mutex::default() })
    }
}

#[async_trait::async_trait]
impl Exec for ScriptedExec {
    async fn run(&self, command: &Command, _: Instant) -> Result<Output, Failure> {
        self.ran.lock().unwrap().push(command.clone());
        self.answer.clone()
    }

    async fn reach(&self, _: Instant) -> Result<(), Failure> {
        self.answer.clone().map(drop)
    }
}

pub(super) fn site(local: &Arc<ScriptedExec>, server: &Arc<ScriptedExec>) -> NotifierSite {
    let servers = [(name("web-1"), Arc::clone(server) as Arc<dyn Exec>)];
    NotifierSite::new(
        Arc::clone(local) as Arc<dyn Exec>,
        Arc::new(servers.into_iter().collect()),
        Zone::utc(),
        Language::English,
        Arc::new(VirtualClock::new(off().at)),
    )
}
