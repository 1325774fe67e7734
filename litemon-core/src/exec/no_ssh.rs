//! What stands for SSH in a build without it.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Command, Exec, Output, SshTarget};
use crate::{
    measures::Measures,
    model::{Failure, FailureKind},
};

#[derive(Debug)]
struct NoSsh;

pub(super) fn open(_target: SshTarget, _measures: &Arc<Measures>) -> Arc<dyn Exec> {
    Arc::new(NoSsh)
}

#[async_trait]
impl Exec for NoSsh {
    async fn run(&self, _command: &Command, _deadline: Instant) -> Result<Output, Failure> {
        Err(Failure::new(FailureKind::Internal, "built without ssh"))
    }

    async fn reach(&self, _deadline: Instant) -> Result<(), Failure> {
        Err(Failure::new(FailureKind::Internal, "built without ssh"))
    }
}
