use std::time::Duration;

use super::snapshot::Change;
use crate::{
    journal::Batch,
    model::{CheckId, HistoryRecord, NoticeId, OutboxEntry},
};

/// What has to be done after some decisions: written first, then sent, kept and shown.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// For the journal.
    pub(super) batch: Batch,
    /// To be sent once the batch is written.
    pub(super) send: Vec<OutboxEntry>,
    /// Not to be sent any more, unless it is being sent.
    pub(super) withdraw: Vec<NoticeId>,
    /// For the store.
    pub(super) history: Vec<HistoryRecord>,
    /// For those who listen.
    pub(super) changes: Vec<Change>,
    /// Times from a gateway's acceptance of a notice to its arrival.
    pub(super) arrived: Vec<Duration>,
    /// Checks whose result is to be confirmed (or refuted) soon.
    pub(super) confirm: Vec<CheckId>,
    /// Checks to be run at once.
    pub(super) run_now: Vec<CheckId>,
    /// Checks to be run soon, but not all at once.
    pub(super) run_soon: Vec<CheckId>,
    /// Canaries are to be asked, as soon as they may.
    pub(super) ask_canaries: bool,
    /// What waits to be sent is worth another attempt at once.
    pub(super) hurry: bool,
}
