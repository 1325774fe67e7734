//! What people see of the delivery.

use std::collections::{BTreeMap, VecDeque};

use super::retry::Verdict;
use crate::model::{AttemptResult, Name, Notice, NoticeId, OutboxState, Timestamp};

/// How many dead letters are listed; their number is counted on.
const LISTED: usize = 100;

/// How the delivery goes.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DeliveryStatus {
    /// Entries that are not settled.
    pub pending: usize,
    /// Attempts in flight.
    pub in_flight: usize,
    /// When the oldest pending notice was decided.
    pub oldest: Option<Timestamp>,
    /// The latest dead letters since the start, newest last.
    pub dead: VecDeque<DeadLetter>,
    /// How many there were since the start.
    pub dead_total: u64,
    /// Each notifier that was used since the start.
    pub notifiers: BTreeMap<Name, NotifierStatus>,
}

/// A notice that was given up.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The outbox entry's number.
    pub id: NoticeId,
    /// The notifier.
    pub notifier: Name,
    /// To whom. Not shown without a login.
    pub recipient: String,
    /// What was to be told.
    pub notice: Notice,
    /// When it was given up.
    pub at: Timestamp,
    /// Attempts made.
    pub attempts: u32,
    /// Why, in one line without secrets.
    pub why: String,
}

/// How one notifier does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifierStatus {
    /// Notices that were accepted.
    pub accepted: u64,
    /// Notices that the far side keeps for later.
    pub queued: u64,
    /// Attempts that failed and were to be repeated.
    pub retries: u64,
    /// Notices given up.
    pub dead: u64,
    /// Failed attempts since the last that did not fail.
    pub failing: u64,
    /// What the last failed attempt came to, while `failing`.
    pub last_error: Option<String>,
}

impl DeliveryStatus {
    /// Adds what an attempt came to.
    pub(super) fn count(&mut self, verdict: &Verdict, at: Timestamp) {
        let entry = &verdict.entry;
        let notifier = self.notifiers.entry(entry.notifier.clone()).or_default();
        match verdict.result {
            AttemptResult::Accepted => notifier.accepted += 1,
            AttemptResult::Queued => notifier.queued += 1,
            AttemptResult::Retry => notifier.retries += 1,
            AttemptResult::Permanent => notifier.dead += 1,
        }
        if matches!(verdict.result, AttemptResult::Accepted | AttemptResult::Queued) {
            notifier.failing = 0;
            notifier.last_error = None;
        } else {
            notifier.failing += 1;
            notifier.last_error = Some(verdict.detail.clone());
        }
        if let OutboxState::Dead(why) = &entry.state {
            self.bury(DeadLetter {
                id: entry.id,
                notifier: entry.notifier.clone(),
                recipient: entry.recipient.clone(),
                notice: entry.notice.clone(),
                at,
                attempts: entry.attempts,
                why: why.clone(),
            });
        }
    }

    fn bury(&mut self, letter: DeadLetter) {
        self.dead_total += 1;
        self.dead.push_back(letter);
        while self.dead.len() > LISTED {
            self.dead.pop_front();
        }
    }
}
