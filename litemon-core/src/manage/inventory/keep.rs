//! Keeps what is known about servers fresh.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::Facts;
use crate::{
    exec::Exec,
    manage::Manage,
    model::{Name, Timestamp},
};

/// How old facts get before a server is asked again.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long a server that did not answer is left alone.
const PAUSE: Duration = Duration::from_secs(10 * 60);
/// How often it is looked who is due.
const TURN: Duration = Duration::from_secs(30);
/// Servers that are asked at once.
const AT_ONCE: usize = 4;

/// Servers, and the connections their checks use.
pub type Places = Arc<Vec<(Name, Arc<dyn Exec>)>>;

/// Asks each server hourly what it is, over the connection of its checks.
#[derive(Debug)]
pub struct FactsKeeper {
    manage: Manage,
    places: watch::Receiver<Places>,
    /// When each was last asked, whatever came of it, and how long to wait from then.
    asked: BTreeMap<Name, (Timestamp, Duration)>,
}

impl FactsKeeper {
    /// For the servers that the channel tells of.
    #[must_use]
    pub const fn new(manage: Manage, places: watch::Receiver<Places>) -> Self {
        Self { manage, places, asked: BTreeMap::new() }
    }

    /// Works until the token is cancelled or nobody tells of servers any more. What is being asked
    /// then is given up.
    pub async fn run(mut self, end: CancellationToken) {
        end.run_until_cancelled(async {
            self.remember().await;
            loop {
                self.turn().await;
                let clock = Arc::clone(&self.manage.office.clock);
                tokio::select! {
                    () = clock.sleep_until(clock.instant() + TURN) => {}
                    changed = self.places.changed() => if changed.is_err() { return },
                }
            }
        })
        .await;
    }

    /// What was asked before the last start need not be asked anew.
    async fn remember(&mut self) {
        match self.manage.office.facts_known().await {
            Ok(known) => {
                let named = |(name, at): (String, _)| Some((Name::new(&name).ok()?, (at, FRESH)));
                self.asked.extend(known.into_iter().filter_map(named));
            }
            Err(error) => tracing::warn!("what is known about servers cannot be read: {error}"),
        }
    }

    async fn turn(&mut self) {
        let places = Arc::clone(&self.places.borrow_and_update());
        self.asked.retain(|name, _| places.iter().any(|(place, _)| place == name));
        let mut due = places.iter().filter(|(name, _)| self.is_due(name)).cloned();
        let mut asking = JoinSet::new();
        let mut answers = Vec::new();
        loop {
            while asking.len() < AT_ONCE
                && let Some((name, place)) = due.next()
            {
                asking.spawn(async move { (name, Facts::ask(&*place).await) });
            }
            match asking.join_next().await {
                Some(Ok(answer)) => answers.push(self.keep(answer).await),
                Some(Err(_)) => {}
                None => break,
            }
        }
        drop(due);
        self.asked.extend(answers);
    }

    fn is_due(&self, name: &Name) -> bool {
        let now = self.manage.office.clock.now();
        self.asked.get(name).is_none_or(|(at, wait)| now >= at.plus(*wait))
    }

    async fn keep(
        &self,
        (name, answer): (Name, Result<Facts, crate::model::Failure>),
    ) -> (Name, (Timestamp, Duration)) {
        let now = self.manage.office.clock.now();
        let kept = match &answer {
            Ok(facts) => self.manage.office.keep_facts(name.as_str(), facts).await,
            Err(failure) => {
                tracing::debug!(server = %name, "it does not tell what it is: {failure}");
                return (name, (now, PAUSE));
            }
        };
        if let Err(error) = kept {
            tracing::warn!("what is known about {name} cannot be written: {error}");
        }
        (name, (now, FRESH))
    }
}
