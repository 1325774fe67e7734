//! A job that runs in this process.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    handle::Shared,
    model::{Job, JobId, JobResult},
    output::{Output, OutputPart},
    records::{Record, Stored, Update},
    rolling::{Pausing, Rolled},
    telling::Ending,
};
use crate::model::{Name, Timestamp};

/// How long the database may take to write that a server's turn begins.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);
/// How long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What runs, and what of it is not written yet. The newest of each result is written, however many
/// changes there were: one transaction takes all that wait.
#[derive(Debug)]
pub(super) struct Live {
    /// All but the records is as it was stored.
    pub(super) stored: Stored,
    pub(super) cancel: CancellationToken,
    pub(super) cancels: Vec<CancellationToken>,
    /// Held for a look or a copy of output only.
    state: Mutex<State>,
    dirty: Notify,
    /// Something was asked for of the whole: it is looked at anew.
    nudge: Notify,
    written: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    records: Vec<Record>,
    outputs: Vec<Option<Output>>,
    ended: Option<Timestamp>,
    rolled: Option<Rolled>,
    pausing: Option<Pausing>,
    changed: BTreeSet<usize>,
    version: u64,
}

impl Live {
    pub(super) fn new(stored: Stored, end: &CancellationToken) -> Self {
        let cancel = end.child_token();
        let state = State {
            outputs: stored.records.iter().map(|_| None).collect(),
            records: stored.records.clone(),
            ended: None,
            rolled: stored.rolled.clone(),
            pausing: stored.pausing.clone(),
            changed: BTreeSet::new(),
            version: 0,
        };
        Self {
            cancels: stored.records.iter().map(|_| cancel.child_token()).collect(),
            cancel,
            stored,
            state: Mutex::new(state),
            dirty: Notify::new(),
            nudge: Notify::new(),
            written: watch::Sender::new(0),
        }
    }

    pub(super) const fn id(&self) -> JobId {
        self.stored.id
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn job(&self) -> Job {
        self.job_as(&self.state())
    }

    fn job_as(&self, state: &State) -> Job {
        let results: Vec<JobResult> =
            state.records.iter().map(|record| record.result.clone()).collect();
        let rolled = state.rolled.clone();
        Job { results, ended: state.ended, rolled, ..self.stored.job() }
    }

    pub(super) fn record(&self, place: usize) -> Option<Record> {
        self.state().records.get(place).cloned()
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.state().records.clone()
    }

    /// Looks at all results, in their order.
    pub(super) fn survey<T>(&self, look: impl FnMut((usize, &Record)) -> T) -> Vec<T> {
        self.state().records.iter().enumerate().map(look).collect()
    }

    /// What was last said about pausing it.
    pub(super) fn pausing(&self) -> Option<Pausing> {
        self.state().pausing.clone()
    }

    /// Takes what is said about pausing it, unless something newer is known.
    pub(super) fn pause(&self, pausing: Pausing) {
        let mut state = self.state();
        if state.pausing.as_ref().is_none_or(|known| known.at <= pausing.at && *known != pausing) {
            state.pausing = Some(pausing);
            self.nudge.notify_one();
        }
    }

    /// Has the whole looked at anew.
    pub(super) fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Waits until that is wanted. For one who waits at a time.
    pub(super) async fn nudged(&self) {
        self.nudge.notified().await;
    }

    /// How far the whole is; it will be written. Whether that is news.
    pub(super) fn roll(&self, rolled: Rolled) -> bool {
        let mut state = self.state();
        let news = state.rolled.as_ref().is_none_or(|known| known.state != rolled.state);
        if news {
            state.rolled = Some(rolled);
            state.version += 1;
            self.dirty.notify_one();
        }
        news
    }

    /// Changes a result; it will be written. Which version that is.
    pub(super) fn set(&self, place: usize, change: impl FnOnce(&mut Record)) -> u64 {
        let mut state = self.state();
        if let Some(record) = state.records.get_mut(place) {
            change(record);
        }
        state.changed.insert(place);
        state.version += 1;
        self.dirty.notify_one();
        state.version
    }

    /// All results are to be written.
    pub(super) fn touch_all(&self) {
        let mut state = self.state();
        let all = 0..state.records.len();
        state.changed.extend(all);
        state.version += 1;
        self.dirty.notify_one();
    }

    /// Waits until a version is written; whether it is.
    pub(super) async fn written(&self, version: u64) -> bool {
        let mut written = self.written.subscribe();
        let done = timeout(WRITTEN_WITHIN, written.wait_for(|now| *now >= version)).await;
        matches!(done, Ok(Ok(_)))
    }

    /// The newest version.
    pub(super) fn version(&self) -> u64 {
        self.state().version
    }

    /// All results are as they will stay.
    pub(super) fn end(&self, at: Timestamp) -> u64 {
        let mut state = self.state();
        state.ended = Some(at);
        state.version += 1;
        self.dirty.notify_one();
        state.version
    }

    /// More output.
    pub(super) fn push(&self, place: usize, bytes: &[u8]) {
        let mut state = self.state();
        let Some(output) = state.outputs.get_mut(place) else { return };
        let output = output.get_or_insert_default();
        output.push(bytes);
        let (total, truncated) = (output.total(), output.truncated());
        if let Some(record) = state.records.get_mut(place) {
            record.result.bytes = total;
            record.result.truncated = truncated;
        }
    }

    /// Looks at, or takes from, the output that is in memory.
    pub(super) fn with_output<T>(
        &self,
        place: usize,
        act: impl FnOnce(&mut Option<Output>) -> T,
    ) -> Option<T> {
        self.state().outputs.get_mut(place).map(act)
    }

    /// All of a server's output is in its file: it need not be in memory any more.
    pub(super) fn forget_output(&self, place: usize) {
        self.with_output(place, |output| *output = None);
    }

    /// A part of the output while it is in memory.
    pub(super) fn output(&self, server: &Name, from: u64) -> Option<OutputPart> {
        let state = self.state();
        let place = state.records.iter().position(|of| of.result.server == *server)?;
        state.outputs.get(place)?.as_ref().map(|output| output.part(from))
    }

    fn take(&self) -> (Update, u64) {
        let mut state = self.state();
        let changed = std::mem::take(&mut state.changed);
        let record = |place: &usize| {
            let number = i64::try_from(*place).unwrap_or(i64::MAX);
            state.records.get(*place).map(|record| (number, record.clone()))
        };
        let records = changed.iter().filter_map(record).collect();
        let ended = state.ended;
        let ending = ended.map(|_| Ending::of(self.job_as(&state)));
        let rolled = state.rolled.clone();
        (Update { id: self.id(), records, rolled, ended, ending }, state.version)
    }

    fn put_back(&self, update: &Update) {
        let mut state = self.state();
        let places = update.records.iter().filter_map(|(place, _)| usize::try_from(*place).ok());
        state.changed.extend(places);
        self.dirty.notify_one();
    }
}

/// Writes what changes, until the job is over and that is written, or litemon ends and what is there
/// is written.
pub(super) async fn write(shared: Arc<Shared>, live: Arc<Live>, over: CancellationToken) {
    loop {
        let last = tokio::select! {
            () = live.dirty.notified() => false,
            () = over.cancelled() => true,
        };
        let (update, version) = live.take();
        match shared.manage.database().work(&update).await {
            Ok(()) => {
                live.written.send_replace(version);
                if update.ended.is_some() || last {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(job = live.id(), "not written, tried again: {error}");
                live.put_back(&update);
                if shared.end.is_cancelled() && last {
                    return;
                }
                sleep(AGAIN).await;
            }
        }
    }
}
