//! A place to build notifiers for, in tests.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use tokio::time::Instant;

use super::fixtures::{name, off};
use crate::{
    clock::VirtualClock,
    exec::{Command, Exec, Output},
    model::{Failure, Language, Zone},
    notify::NotifierSite,
};

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
