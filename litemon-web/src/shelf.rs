//! Where readings of the history are kept.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use litemon_core::store::StoreError;
use tokio::{sync::watch, task::JoinSet, time::Instant};

/// What is kept at once; what was looked at longest ago goes first.
const MOST_KEPT: usize = 64;
/// What is read at once; more waits until somebody asks again.
const MOST_READS: usize = 4;
/// From a failure to the next try.
const RETRY: Duration = Duration::from_secs(10);

/// Why there is nothing newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The store did not answer in time.
    Slow,
    /// What it said, for those who may read it.
    Failed(Arc<str>),
}

/// What is known of something: nothing yet, something, or something old.
#[derive(Debug)]
pub(crate) struct Seen<V> {
    pub(crate) value: Option<Arc<V>>,
    pub(crate) trouble: Option<Trouble>,
}

impl<V> Default for Seen<V> {
    fn default() -> Self {
        Self { value: None, trouble: None }
    }
}

impl<V> Seen<V> {
    /// Whether the first reading of it goes on.
    pub(crate) const fn is_reading(&self) -> bool {
        self.value.is_none() && self.trouble.is_none()
    }
}

/// Results of readings that take a while, kept for a while and shared by all who look. Readings
/// happen when somebody looks, in tasks that end with it.
#[derive(Debug)]
pub(crate) struct Shelf<K, V> {
    // A plain lock: it is held for a look, never over an await.
    slots: Arc<Mutex<HashMap<K, Slot<V>>>>,
    tasks: Mutex<JoinSet<()>>,
    told: watch::Sender<u64>,
    deadline: Duration,
}

#[derive(Debug)]
struct Slot<V> {
    value: Option<Arc<V>>,
    trouble: Option<Trouble>,
    asked: Option<Instant>,
    reading: bool,
    used: Instant,
}

impl<K: Clone + Eq + Hash + Send + 'static, V: Send + Sync + 'static> Shelf<K, V> {
    /// An empty one that counts `told` up whenever a reading ends, which it does after `deadline`.
    pub(crate) fn new(told: watch::Sender<u64>, deadline: Duration) -> Self {
        Self { slots: Arc::default(), tasks: Mutex::default(), told, deadline }
    }

    /// What is known now. If it is older than `fresh` says of it, it is read again for the next one
    /// who looks.
    pub(crate) fn look<F>(
        &self,
        key: &K,
        now: Instant,
        fresh: impl FnOnce(&V) -> Duration,
        read: impl FnOnce() -> F,
    ) -> Seen<V>
    where
        F: Future<Output = Result<V, StoreError>> + Send + 'static,
    {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if !slots.contains_key(key) {
            evict(&mut slots);
        }
        let slot = slots.entry(key.clone()).or_insert_with(|| Slot::new(now));
        slot.used = now;
        if slot.is_due(now, self.deadline, fresh) && self.start(key.clone(), read) {
            slot.asked = Some(now);
            slot.reading = true;
        }
        Seen { value: slot.value.clone(), trouble: slot.trouble.clone() }
    }

    /// Begins a reading, if there is room for one.
    fn start<F>(&self, key: K, read: impl FnOnce() -> F) -> bool
    where
        F: Future<Output = Result<V, StoreError>> + Send + 'static,
    {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        if tasks.len() >= MOST_READS {
            return false;
        }
        let (slots, told, reading) = (self.slots.clone(), self.told.clone(), read());
        let reading = tokio::time::timeout(self.deadline, reading);
        tasks.spawn(async move {
            let result = reading.await.map_err(|_| Trouble::Slow);
            let result = result.and_then(|read| read.map_err(failed));
            let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(slot) = slots.get_mut(&key) {
                slot.put(result);
            }
            drop(slots);
            told.send_modify(|count| *count = count.wrapping_add(1));
        });
        true
    }
}

/// The whole chain of causes, which holds no secret.
fn failed(error: StoreError) -> Trouble {
    let mut text = error.to_string();
    let mut cause: Option<&dyn std::error::Error> = Some(&*error.source);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Trouble::Failed(text.into())
}

fn evict<K: Clone + Eq + Hash, V>(slots: &mut HashMap<K, Slot<V>>) {
    if slots.len() < MOST_KEPT {
        return;
    }
    let oldest = slots.iter().filter(|(_, slot)| !slot.reading).min_by_key(|(_, slot)| slot.used);
    if let Some(key) = oldest.map(|(key, _)| key.clone()) {
        slots.remove(&key);
    }
}

impl<V> Slot<V> {
    const fn new(now: Instant) -> Self {
        Self { value: None, trouble: None, asked: None, reading: false, used: now }
    }

    fn is_due(&self, now: Instant, deadline: Duration, fresh: impl FnOnce(&V) -> Duration) -> bool {
        let Some(asked) = self.asked else { return true };
        let patience = match (&self.trouble, &self.value) {
            (None, Some(value)) => fresh(value),
            // It was asked that long before it failed.
            (Some(Trouble::Slow), _) => deadline + RETRY,
            _ => RETRY,
        };
        !self.reading && now.saturating_duration_since(asked) >= patience
    }

    fn put(&mut self, result: Result<V, Trouble>) {
        self.reading = false;
        match result {
            Ok(value) => {
                self.value = Some(Arc::new(value));
                self.trouble = None;
            }
            Err(trouble) => {
                tracing::debug!(?trouble, "what was read of the history is left as it is");
                self.trouble = Some(trouble);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const DEADLINE: Duration = Duration::from_secs(10);

    fn shelf() -> (Shelf<u32, u32>, watch::Receiver<u64>) {
        let (told, heard) = watch::channel(0);
        (Shelf::new(told, DEADLINE), heard)
    }

    fn away() -> StoreError {
        StoreError { place: "x".into(), doing: "reading", source: "the line is cut".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_is_shared_until_it_is_old() {
        let (shelf, mut heard) = shelf();
        let reads = Arc::new(AtomicUsize::new(0));
        let look =
            || {
                let reads = reads.clone();
                shelf.look(&1, Instant::now(), |_| MINUTE, || async move {
                Ok(u32::try_from(reads.fetch_add(1, Ordering::Relaxed)).unwrap())
            })
            };
        assert!(look().is_reading());
        heard.changed().await.unwrap();
        for _ in 0..59 {
            assert_eq!(look().value.as_deref(), Some(&0));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(look().value.as_deref(), Some(&0));
        heard.changed().await.unwrap();
        assert_eq!(look().value.as_deref(), Some(&1));
        assert_eq!(reads.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_hangs_is_slow_and_one_that_fails_says_why() {
        let (shelf, mut heard) = shelf();
        let hang = || shelf.look(&1, Instant::now(), |_| MINUTE, std::future::pending);
        let begun = Instant::now();
        hang();
        heard.changed().await.unwrap();
        assert_eq!(begun.elapsed(), DEADLINE);
        assert_eq!(hang().trouble, Some(Trouble::Slow));
        shelf.look(&2, Instant::now(), |_| MINUTE, || async { Err(away()) });
        heard.changed().await.unwrap();
        let seen = shelf.look(&2, Instant::now(), |_| MINUTE, std::future::pending);
        let said = Trouble::Failed("x: reading failed: the line is cut".into());
        assert_eq!(seen.trouble, Some(said));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_before_a_failure_stays() {
        let (shelf, mut heard) = shelf();
        shelf.look(&1, Instant::now(), |_| MINUTE, || async { Ok(7) });
        heard.changed().await.unwrap();
        tokio::time::advance(MINUTE).await;
        shelf.look(&1, Instant::now(), |_| MINUTE, || async { Err(away()) });
        heard.changed().await.unwrap();
        let seen = shelf.look(&1, Instant::now(), |_| MINUTE, std::future::pending);
        assert_eq!(seen.value.as_deref(), Some(&7));
        assert!(seen.trouble.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn few_are_read_at_once_and_few_are_kept() {
        let (shelf, _heard) = shelf();
        let begun = AtomicUsize::new(0);
        for key in 0..100 {
            shelf.look(
                &key,
                Instant::now(),
                |_| MINUTE,
                || {
                    begun.fetch_add(1, Ordering::Relaxed);
                    std::future::pending()
                },
            );
        }
        assert_eq!(begun.load(Ordering::Relaxed), MOST_READS);
        assert_eq!(shelf.slots.lock().unwrap().len(), MOST_KEPT);
    }
}
