//! Does what somebody wants, and has it written down.

use async_trait::async_trait;
use litemon_core::{
    answer::{Doer, Undone},
    manage::{Manage, ManageError, Principal, Role, Via},
    model::IncidentNumber,
    monitor::MonitorHandle,
    policy::{Acknowledged, NewWindow, Window},
};

/// Where there are accounts, what is done is audited.
pub(super) struct Audited<'a> {
    pub(super) manage: &'a Manage,
    pub(super) monitor: &'a MonitorHandle,
}

#[async_trait]
impl Doer for Audited<'_> {
    async fn acknowledge(
        &self,
        by: &str,
        number: IncidentNumber,
        taken: Acknowledged,
    ) -> Result<(), Undone> {
        let by = principal(by);
        let done = self.manage.acknowledge(&by, self.monitor, number, Some(taken));
        done.await.map_err(undone)
    }

    async fn mute(&self, by: &str, window: NewWindow) -> Result<Window, Undone> {
        self.manage.add_window(&principal(by), self.monitor, window).await.map_err(undone)
    }
}

fn principal(by: &str) -> Principal {
    Principal::new(by, Role::Operator, Via::Sms)
}

fn undone(error: ManageError) -> Undone {
    match error {
        ManageError::NotFound { .. } => Undone::Gone,
        other => Undone::Other(other.to_string()),
    }
}
