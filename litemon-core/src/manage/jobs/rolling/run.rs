//! The course of a rolling job: one batch after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};

use super::{
    health,
    judge::{Board, Next, PAUSED, Spot},
    order::Rolling,
    told::{Halt, RollState, Rolled, Short},
};
use crate::{
    config::ServerPlan,
    manage::jobs::{
        Fleet,
        handle::Shared,
        live::Live,
        model::{Outcome, Stage},
        place::{self, Place},
    },
    model::{Name, Timestamp},
    monitor::Snapshot,
};

/// Runs it to its end, unless litemon stops: then what has not begun waits for another one, and for
/// somebody who says to go on.
pub(in crate::manage::jobs) async fn roll(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    servers: BTreeMap<Name, ServerPlan>,
    turns: Vec<Vec<usize>>,
    rolling: &Rolling,
) {
    let batches = batches(live, rolling, &turns);
    let names = live.survey(|(_, record)| record.result.server.clone());
    let mut course = Course {
        shared,
        live,
        rolling,
        servers,
        batches,
        names,
        begun: BTreeSet::new(),
        waiting: None,
        running: JoinSet::new(),
        health: shared.health.get().cloned(),
    };
    course.pick_up().await;
    while course.step().await {}
    while course.running.join_next().await.is_some() {}
}

/// The batches as they were laid out when it began, or as they are laid out now.
fn batches(live: &Live, rolling: &Rolling, turns: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let records = live.records();
    let mut known: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        if let Some(batch) = record.result.batch {
            known.entry(batch).or_default().push(place);
        }
    }
    if !known.is_empty() {
        return known.into_values().collect();
    }
    let batches = rolling.batches(turns);
    for (number, batch) in (1..).zip(&batches) {
        for place in batch {
            live.set(*place, |record| record.result.batch = Some(number));
        }
    }
    batches
}

struct Course<'a> {
    shared: &'a Arc<Shared>,
    live: &'a Arc<Live>,
    rolling: &'a Rolling,
    servers: BTreeMap<Name, ServerPlan>,
    batches: Vec<Vec<usize>>,
    /// By place.
    names: Vec<Name>,
    /// Places where it began in this process.
    begun: BTreeSet<usize>,
    /// What it waits for with nothing under way, and since when.
    waiting: Option<(Next, Timestamp)>,
    running: JoinSet<()>,
    /// Where the next snapshot is waited for.
    health: Option<watch::Receiver<Arc<Snapshot>>>,
}

impl Course<'_> {
    /// Follows what was under way when litemon ended.
    async fn pick_up(&mut self) {
        for (place, record) in self.live.records().iter().enumerate() {
            if !matches!(record.result.stage, Stage::Waiting(_) | Stage::Done(_)) {
                self.begin(place).await;
            }
        }
    }

    /// Does the next thing; whether there may be more.
    async fn step(&mut self) -> bool {
        self.give_up_cancelled().await;
        if self.shared.end.is_cancelled() {
            return false;
        }
        let now = self.shared.manage.clock().now();
        let next = self.judge(now);
        self.note_wait(&next, now);
        match next {
            Next::Begin(place) => {
                self.tell(RollState::Going, now);
                self.begin(place).await;
            }
            Next::Busy => {
                let paused = self.live.pausing().and_then(|pausing| pausing.why());
                self.tell(paused.map_or(RollState::Going, RollState::Paused), now);
                self.news(None).await;
            }
            Next::Pause(by) => {
                self.tell(RollState::Paused(by), now);
                self.news(Some(PAUSED)).await;
            }
            Next::Short(short) => {
                self.tell(RollState::Waiting(short), now);
                self.news(Some(self.rolling.settle_within)).await;
            }
            Next::Stop(halt) => {
                self.stop(&halt).await;
                self.tell(RollState::Stopped(halt), now);
                return false;
            }
            Next::Over => {
                self.tell(RollState::Going, now);
                return false;
            }
        }
        true
    }

    fn judge(&self, now: Timestamp) -> Next {
        let spots = self.spots();
        let pausing = self.live.pausing();
        let waited = self.waiting.as_ref().map_or(Duration::ZERO, |(_, since)| now.since(*since));
        let board = Board {
            rolling: self.rolling,
            batches: &self.batches,
            spots: &spots,
            servers: &self.names,
            pausing: pausing.as_ref(),
            waited,
        };
        board.next(|place| self.short(place, &spots))
    }

    /// How far it is everywhere.
    fn spots(&self) -> Vec<Spot> {
        self.live.survey(|(place, record)| {
            let at = record.result.ended.unwrap_or(Timestamp::from_millis(0));
            match &record.result.stage {
                Stage::Done(Outcome::Ok | Outcome::Cancelled) => Spot::Done(at),
                Stage::Done(_) => Spot::Failed(at),
                Stage::Waiting(_) if !self.begun.contains(&place) => Spot::Waiting,
                _ => Spot::Busy,
            }
        })
    }

    fn short(&self, place: usize, spots: &[Spot]) -> Option<Short> {
        let keep = self.rolling.keep_healthy?;
        let server = self.servers.get(self.names.get(place)?)?;
        let fleet: Fleet = self.shared.fleet.borrow().clone();
        let snapshot: Arc<Snapshot> = Arc::clone(&self.health.as_ref()?.borrow());
        let busy = self.names.iter().zip(spots).filter(|(_, spot)| **spot == Spot::Busy);
        let busy = busy.map(|(name, _)| name).collect();
        let is_well =
            |name: &Name| snapshot.server(name.as_str()).is_some_and(|view| health::is_well(view));
        health::short(server, keep, &fleet, &busy, is_well)
    }

    /// Since when it waits for what it waits for.
    fn note_wait(&mut self, next: &Next, now: Timestamp) {
        let same = |before: &Next| {
            matches!(
                (before, next),
                (Next::Pause(_), Next::Pause(_)) | (Next::Short(_), Next::Short(_))
            )
        };
        if self.waiting.as_ref().is_some_and(|(before, _)| same(before)) {
            return;
        }
        let waits = matches!(next, Next::Pause(_) | Next::Short(_));
        self.waiting = waits.then(|| (next.clone(), now));
    }

    fn tell(&self, state: RollState, now: Timestamp) {
        if self.live.roll(Rolled { state, since: now }) {
            self.shared.changed(self.live.id(), None);
        }
    }

    async fn begin(&mut self, place: usize) {
        self.begun.insert(place);
        let Some(cancel) = self.live.cancels.get(place).cloned() else { return };
        let Some(server) = self.names.get(place).and_then(|name| self.servers.get(name)) else {
            let why = "the server is not configured any more".to_owned();
            place::done(self.shared, self.live, place, Outcome::Unknown(why)).await;
            return;
        };
        let (shared, live) = (Arc::clone(self.shared), Arc::clone(self.live));
        let turn = Place::new(shared, live, place, server.clone(), cancel);
        self.running.spawn(async move { turn.run().await });
    }

    /// What was cancelled before it began does not begin.
    async fn give_up_cancelled(&self) {
        if self.shared.end.is_cancelled() {
            return;
        }
        for (place, spot) in self.spots().into_iter().enumerate() {
            let cancelled = self.live.cancels.get(place).is_some_and(|one| one.is_cancelled());
            if spot == Spot::Waiting && cancelled {
                place::done(self.shared, self.live, place, Outcome::Cancelled).await;
            }
        }
    }

    /// Nothing more begins.
    async fn stop(&self, halt: &Halt) {
        for (place, spot) in self.spots().into_iter().enumerate() {
            if spot == Spot::Waiting {
                let outcome = Outcome::NotStarted(halt.to_string());
                place::done(self.shared, self.live, place, outcome).await;
            }
        }
    }

    /// Waits until something may be different; at most until it has waited so long in all.
    async fn news(&mut self, most: Option<Duration>) {
        let clock = self.shared.manage.clock();
        let waited = |since: &Timestamp| clock.now().since(*since);
        let left = most.zip(self.waiting.as_ref());
        let left = left.map(|(most, (_, since))| most.saturating_sub(waited(since)));
        let until = left.map(|left| clock.instant() + left);
        let late = async {
            match until {
                Some(until) => clock.sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        let looks = matches!(self.waiting, Some((Next::Short(_), _)))
            || (self.rolling.keep_healthy.is_some() && !self.running.is_empty());
        tokio::select! {
            Some(_) = self.running.join_next() => self.lost().await,
            () = self.live.nudged() => {}
            () = another(self.health.as_mut()), if looks => {}
            () = late => {}
            () = self.shared.end.cancelled() => {}
        }
    }

    /// A turn that ended without an outcome, as none does, is not waited for.
    async fn lost(&self) {
        if !self.running.is_empty() || self.shared.end.is_cancelled() {
            return;
        }
        for (place, spot) in self.spots().into_iter().enumerate() {
            if spot == Spot::Busy {
                let why = "it is not known how it ended".to_owned();
                place::done(self.shared, self.live, place, Outcome::Unknown(why)).await;
            }
        }
    }
}

/// A snapshot newer than the one that was seen last.
async fn another(health: Option<&mut watch::Receiver<Arc<Snapshot>>>) {
    if let Some(health) = health
        && health.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
