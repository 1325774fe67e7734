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
/// How long a program that just started leaves servers alone that it does not know: the answer costs
/// them seconds of their processor, and one that is started again and again must not ask each time.
const SETTLED: Duration = Duration::from_secs(30);
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

    /// What was asked before the last start need not be asked anew, and the rest not at once.
    async fn remember(&mut self) {
        match self.manage.office.facts_known().await {
            Ok(known) => {
                let named = |(name, at): (String, _)| Some((Name::new(&name).ok()?, (at, FRESH)));
                self.asked.extend(known.into_iter().filter_map(named));
            }
            Err(error) => tracing::warn!("what is known about servers cannot be read: {error}"),
        }
        let now = self.manage.office.clock.now();
        for (name, _) in self.places.borrow().iter() {
            self.asked.entry(name.clone()).or_insert((now, SETTLED));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::VirtualClock,
        exec::{self, Address, SshSettings},
        manage::KeyFiles,
    };

    #[tokio::test]
    async fn a_program_that_just_started_asks_nobody_but_who_is_new() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(VirtualClock::new(Timestamp::from_millis(1_000_000)));
        let manage = Manage::open(dir.path(), &KeyFiles::default(), clock).await.unwrap();
        let name = |text: &str| Name::new(text).unwrap();
        let place = exec::connect(&Address::Local, &SshSettings::new(""));
        let [known, other] = ["web-1", "web-2"].map(|text| (name(text), Arc::clone(&place)));
        manage.office.keep_facts("web-1", &Facts::default()).await.unwrap();
        let (_tell, places) = watch::channel(Arc::new(vec![known, other]));
        let mut keeper = FactsKeeper::new(manage, places);
        keeper.remember().await;
        let due = |keeper: &FactsKeeper| {
            ["web-1", "web-2", "web-3"].map(|text| keeper.is_due(&name(text)))
        };
        assert_eq!(due(&keeper), [false, false, true]);
        tokio::time::pause();
        tokio::time::advance(SETTLED).await;
        assert_eq!(due(&keeper), [false, true, true]);
        tokio::time::advance(FRESH).await;
        assert_eq!(due(&keeper), [true, true, true]);
    }
}
