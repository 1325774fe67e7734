//! What waits, in which order: lanes of entries, and who may go next. No clock, no I/O.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tokio::time::Instant;

use crate::model::{IncidentNumber, Name, NoticeId, OutboxEntry, OutboxState, Reason, Timestamp};

use super::{
    Limits,
    retry::LONGEST_RETRY_AFTER,
    settle::{Settlement, settle_recovery},
};

/// Entries of one lane go out one after the other, in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneKey {
    notifier: Name,
    recipient: String,
    incident: Option<IncidentNumber>,
}

impl LaneKey {
    pub(super) fn of(entry: &OutboxEntry) -> Self {
        Self {
            notifier: entry.notifier.clone(),
            recipient: entry.recipient.clone(),
            incident: entry.notice.incident,
        }
    }
}

#[derive(Debug)]
struct Lane {
    waiting: VecDeque<OutboxEntry>,
    /// Its head is being sent, or what came of it is being reported.
    busy: bool,
    /// Its head is not sent before.
    due: Instant,
}

/// What a lane has to do next. The lane is busy until [`Queue::done`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Job {
    /// Make an attempt to send this.
    Attempt(Box<OutboxEntry>),
    /// Report that these changed.
    Report(Vec<OutboxEntry>),
}

/// All lanes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: BTreeMap<LaneKey, Lane>,
    known: BTreeSet<NoticeId>,
    /// Attempts in flight: of all, of each notifier, of each recipient of it.
    flying: usize,
    of_notifier: BTreeMap<Name, usize>,
    of_recipient: BTreeMap<(Name, String), usize>,
}

impl Queue {
    /// Takes a pending entry. `false` when there is no room; anything else that is not to be sent
    /// (settled, or known already) is passed over.
    pub(super) fn push(
        &mut self,
        entry: OutboxEntry,
        now: Timestamp,
        instant: Instant,
        limits: &Limits,
    ) -> bool {
        if entry.state != OutboxState::Pending || self.known.contains(&entry.id) {
            return true;
        }
        if self.known.len() >= limits.pending {
            return false;
        }
        self.known.insert(entry.id);
        // A wall clock that was set back must not put an alert off for long.
        let wait = entry.next_at.since(now).min(LONGEST_RETRY_AFTER);
        let lane = self.lanes.entry(LaneKey::of(&entry)).or_insert_with(|| Lane {
            waiting: VecDeque::new(),
            busy: false,
            due: instant + wait,
        });
        // The head of a busy lane stays the head, whatever its number.
        let from = usize::from(lane.busy);
        let place = lane
            .waiting
            .iter()
            .skip(from)
            .position(|other| other.id > entry.id)
            .map_or(lane.waiting.len(), |place| place + from);
        lane.waiting.insert(place, entry);
        true
    }

    /// Takes waiting entries out; those whose attempt is in flight stay.
    pub(super) fn withdraw(&mut self, ids: &[NoticeId]) -> Vec<OutboxEntry> {
        let mut out = Vec::new();
        for lane in self.lanes.values_mut() {
            let head = lane.busy.then(|| lane.waiting.pop_front()).flatten();
            let (gone, stay) = lane.waiting.drain(..).partition(|entry| ids.contains(&entry.id));
            lane.waiting = stay;
            if let Some(head) = head {
                lane.waiting.push_front(head);
            }
            out.extend::<VecDeque<OutboxEntry>>(gone);
        }
        self.lanes.retain(|_, lane| !lane.waiting.is_empty());
        for entry in &mut out {
            self.known.remove(&entry.id);
            entry.state = OutboxState::Superseded;
        }
        out
    }

    /// What waits need not wait for longer than until then.
    pub(super) fn hurry(&mut self, at: Instant) {
        for lane in self.lanes.values_mut() {
            lane.due = lane.due.min(at);
        }
    }

    /// The jobs that may begin now, oldest entries first; their lanes are busy from here on.
    pub(super) fn take(&mut self, now: Instant, limits: &Limits) -> Vec<(LaneKey, Job)> {
        let mut jobs = Vec::new();
        for (key, lane) in &mut self.lanes {
            if !lane.busy
                && let Some(changed) = settle(&mut lane.waiting)
            {
                lane.busy = true;
                jobs.push((key.clone(), Job::Report(changed)));
            }
        }
        let mut ready: Vec<(NoticeId, LaneKey)> = self
            .lanes
            .iter()
            .filter(|(_, lane)| !lane.busy && lane.due <= now)
            .filter_map(|(key, lane)| Some((lane.waiting.front()?.id, key.clone())))
            .collect();
        ready.sort_unstable();
        for (_, key) in ready {
            if self.may_fly(&key, limits)
                && let Some(lane) = self.lanes.get_mut(&key)
                && let Some(entry) = lane.waiting.front().cloned()
            {
                lane.busy = true;
                self.take_off(&key);
                jobs.push((key, Job::Attempt(Box::new(entry))));
            }
        }
        jobs
    }

    /// One attempt for each recipient is always allowed, so that nobody waits for what hangs
    /// elsewhere; more of them within the limits.
    fn may_fly(&self, key: &LaneKey, limits: &Limits) -> bool {
        let to = (key.notifier.clone(), key.recipient.clone());
        match self.of_recipient.get(&to).copied().unwrap_or(0) {
            0 => true,
            flying => {
                flying < limits.per_recipient
                    && self.of_notifier.get(&key.notifier).copied().unwrap_or(0)
                        < limits.per_notifier
                    && self.flying < limits.overall
            }
        }
    }

    fn take_off(&mut self, key: &LaneKey) {
        self.flying += 1;
        *self.of_notifier.entry(key.notifier.clone()).or_default() += 1;
        *self.of_recipient.entry((key.notifier.clone(), key.recipient.clone())).or_default() += 1;
    }

    /// An attempt ended: its place is free for others, though its lane is not yet.
    pub(super) fn landed(&mut self, key: &LaneKey) {
        self.flying = self.flying.saturating_sub(1);
        let to = (key.notifier.clone(), key.recipient.clone());
        decrement(&mut self.of_notifier, &key.notifier);
        decrement(&mut self.of_recipient, &to);
    }

    /// A lane's job is done and reported. The head becomes `head` (its entry after the attempt) and
    /// is due at `due` if it is still pending; otherwise it leaves.
    pub(super) fn done(&mut self, key: &LaneKey, head: Option<OutboxEntry>, due: Instant) {
        let Some(lane) = self.lanes.get_mut(key) else { return };
        lane.busy = false;
        if let Some(head) = head {
            lane.waiting.pop_front();
            if head.state == OutboxState::Pending {
                lane.waiting.push_front(head);
            } else {
                self.known.remove(&head.id);
            }
            lane.due = due;
        }
        if lane.waiting.is_empty() {
            self.lanes.remove(key);
        }
    }

    /// Forgets the numbers of entries that were settled by a report.
    pub(super) fn forget(&mut self, entries: &[OutboxEntry]) {
        for entry in entries.iter().filter(|entry| entry.state != OutboxState::Pending) {
            self.known.remove(&entry.id);
        }
    }

    /// How long until a lane that is not busy is due; `None` when none waits for a time. Lanes that
    /// are due and wait for a place are woken by whoever frees it.
    pub(super) fn next_due(&self, now: Instant) -> Option<Instant> {
        self.lanes.values().filter(|lane| !lane.busy && lane.due > now).map(|lane| lane.due).min()
    }

    pub(super) fn pending(&self) -> usize {
        self.known.len()
    }

    pub(super) const fn flying(&self) -> usize {
        self.flying
    }

    /// The oldest entry that waits.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.lanes.values().flat_map(|lane| &lane.waiting).map(|entry| entry.notice.at).min()
    }
}

fn decrement<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// Puts problems that wait and their recovery behind them together; returns what changed.
fn settle(waiting: &mut VecDeque<OutboxEntry>) -> Option<Vec<OutboxEntry>> {
    let at = waiting.iter().position(|entry| entry.notice.reason == Reason::Recovered)?;
    let mut recovery = waiting.get(at)?.clone();
    let mut changed = Vec::new();
    for entry in waiting.iter().take(at) {
        if let Settlement::Merged { problem, recovery: notice } =
            settle_recovery(entry, &recovery.notice, true)
        {
            changed.push(problem);
            recovery.notice = *notice;
        }
    }
    if changed.is_empty() {
        return None;
    }
    waiting.retain(|entry| changed.iter().all(|gone| gone.id != entry.id));
    if let Some(slot) = waiting.iter_mut().find(|entry| entry.id == recovery.id) {
        *slot = recovery.clone();
    }
    changed.push(recovery);
    Some(changed)
}
