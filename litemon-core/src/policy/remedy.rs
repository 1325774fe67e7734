//! Remedies: how often one may be run about a check, and what came of it.
//!
//! ```text
//!           command accepted            not OK when `verify` is over
//!  Running ──────────────────→ Verifying ─────────────────────→ Failed ──→ run again, or given up
//!     │ command failed            │ OK: the incident is over        ↑
//!     └───────────────────────────┼─────────────────────────────────┘
//! ```

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::model::{Name, Remedied, RemedyOutcome, Timestamp};

/// How a notifier puts a problem right, and how that is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remedy {
    /// The most runs about one incident, and about one check within `period`.
    pub tries: u32,
    /// See `tries`.
    pub period: Duration,
    /// How long the check has to be OK again after a run; the next run does not come earlier.
    pub verify: Duration,
    /// What it did, in words for people, as `restarted nginx`.
    pub says: Option<String>,
    /// It acts on the failing server, so that it is not run while that cannot be reached.
    pub on_server: bool,
}

impl Default for Remedy {
    /// Three times within an hour; the check has 30 s to be OK again.
    fn default() -> Self {
        Self {
            tries: 3,
            period: Duration::from_secs(3600),
            verify: Duration::from_secs(30),
            says: None,
            on_server: false,
        }
    }
}

/// When remedies were run about a check, beyond the end of its incidents. Kept by the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Runs(BTreeMap<Name, Vec<Timestamp>>);

impl Runs {
    /// Whether there was none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How often a remedy was run within its period. A run that seems to come yet, since the clock
    /// was set back, counts.
    #[must_use]
    pub fn recent(&self, name: &Name, remedy: &Remedy, now: Timestamp) -> u32 {
        let counts = |at: &&Timestamp| now.since(**at) < remedy.period;
        let recent = self.0.get(name).into_iter().flatten().filter(counts).count();
        u32::try_from(recent).unwrap_or(u32::MAX)
    }

    /// It is run now. What is older than its period is forgotten.
    pub(crate) fn add(&mut self, name: &Name, remedy: &Remedy, now: Timestamp) {
        let runs = self.0.entry(name.clone()).or_default();
        runs.retain(|at| now.since(*at) < remedy.period);
        runs.push(now);
    }
}

/// What a remedy did about an open incident. Kept by the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Healing {
    /// Runs about this incident.
    pub runs: u32,
    /// How far the last one is.
    pub stage: Stage,
    /// People were told that it did not help.
    pub told: bool,
}

/// How far a remedy is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Its command is on its way, or runs.
    Running,
    /// Its command was run: the check has to be OK by then.
    Verifying {
        /// When the command began.
        began: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// The check was not OK by then, or the command failed.
    Failed {
        /// Why the command failed; `None` where it did not.
        why: Option<String>,
        /// It is not run again before.
        until: Timestamp,
    },
    /// It is not run again about this incident.
    GivenUp,
}

impl Stage {
    /// The word in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Verifying { .. } => "verifying",
            Self::Failed { .. } => "failed",
            Self::GivenUp => "given_up",
        }
    }
}

/// Whether a remedy is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Not now.
    Wait,
    /// Now, unless something speaks against it.
    Run,
    /// Never again about this incident.
    GiveUp,
}

impl Remedy {
    /// Whether it is to be run about an incident of which it did this.
    pub(crate) fn turn(&self, healing: Option<&Healing>, recent: u32, now: Timestamp) -> Turn {
        let used_up = recent >= self.tries || healing.is_some_and(|had| had.runs >= self.tries);
        match healing.map(|healing| &healing.stage) {
            None if used_up => Turn::GiveUp,
            None => Turn::Run,
            Some(Stage::Failed { .. }) if used_up => Turn::GiveUp,
            Some(Stage::Failed { until, .. }) if now >= *until => Turn::Run,
            Some(_) => Turn::Wait,
        }
    }

    /// What there is to be said of it; nothing while it is not known yet.
    pub(crate) fn told(
        &self,
        name: &Name,
        healing: Option<&Healing>,
        recent: u32,
    ) -> Option<Remedied> {
        let runs = healing.map_or(0, |healing| healing.runs);
        let (runs, outcome) = match healing.map(|healing| &healing.stage) {
            None if recent < self.tries => return None,
            None | Some(Stage::GivenUp) => (runs.max(recent), RemedyOutcome::GivenUp),
            Some(Stage::Failed { why: Some(why), .. }) => {
                (runs, RemedyOutcome::Failed(why.clone()))
            }
            Some(Stage::Failed { why: None, .. }) => (runs, RemedyOutcome::DidNotHelp),
            Some(Stage::Running | Stage::Verifying { .. }) => return None,
        };
        Some(Remedied::new(name.clone(), self.says.clone(), runs, outcome))
    }

    /// That it helped, if the incident is over at that moment because of it.
    pub(crate) fn helped(
        &self,
        name: &Name,
        healing: &Healing,
        over: Timestamp,
    ) -> Option<Remedied> {
        let Stage::Verifying { began, until } = healing.stage else { return None };
        let outcome = RemedyOutcome::helped(over.since(began));
        let told = || Remedied::new(name.clone(), self.says.clone(), healing.runs, outcome);
        (over <= until).then(told)
    }
}

impl Healing {
    /// It is run once more.
    pub(crate) fn run(before: Option<&Self>) -> Self {
        let runs = before.map_or(0, |before| before.runs).saturating_add(1);
        Self { runs, stage: Stage::Running, told: before.is_some_and(|before| before.told) }
    }

    /// It is not run about this incident, as it was too often before: what told of the problem
    /// said so.
    pub(crate) const fn too_often() -> Self {
        Self { runs: 0, stage: Stage::GivenUp, told: true }
    }

    /// It is not run again.
    pub(crate) fn give_up(&mut self) {
        self.stage = Stage::GivenUp;
    }

    /// Its command was run. Nothing else waits for that.
    pub(crate) fn ran(&mut self, remedy: &Remedy, began: Timestamp, now: Timestamp) -> bool {
        let waited = self.stage == Stage::Running;
        if waited {
            self.stage = Stage::Verifying { began, until: now.plus(remedy.verify) };
        }
        waited
    }

    /// Its command failed.
    pub(crate) fn broke(&mut self, remedy: &Remedy, why: &str, now: Timestamp) {
        if self.stage == Stage::Running {
            let why = Some(why.to_owned());
            self.stage = Stage::Failed { why, until: now.plus(remedy.verify) };
        }
    }

    /// The time in which the check had to be OK may be over.
    pub(crate) fn lapse(&mut self, now: Timestamp) {
        if let Stage::Verifying { until, .. } = self.stage
            && now >= until
        {
            self.stage = Stage::Failed { why: None, until };
        }
    }

    /// Whether the check is looked at again and again.
    #[must_use]
    pub const fn is_verifying(&self) -> bool {
        matches!(self.stage, Stage::Verifying { .. })
    }

    /// Whether people have to hear that it did not help.
    pub(crate) const fn is_news(&self) -> bool {
        !self.told && matches!(self.stage, Stage::Failed { .. })
    }

    /// When it is to be looked at again.
    pub(crate) const fn next(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Verifying { until, .. } | Stage::Failed { until, .. } => Some(until),
            Stage::Running | Stage::GivenUp => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn name() -> Name {
        Name::new("restart-nginx").unwrap()
    }

    fn remedy() -> Remedy {
        Remedy { tries: 2, says: Some("restarted nginx".into()), ..Remedy::default() }
    }

    #[test]
    fn it_is_run_verified_run_again_and_given_up() {
        let (remedy, mut runs) = (remedy(), Runs::default());
        let mut healing: Option<Healing> = None;
        let mut seen = Vec::new();
        for second in 0..200 {
            let now = at(second);
            if let Some(healing) = &mut healing {
                healing.ran(&remedy, at(second - 1), now);
                healing.lapse(now);
            }
            let recent = runs.recent(&name(), &remedy, now);
            match remedy.turn(healing.as_ref(), recent, now) {
                Turn::Run => {
                    seen.push((second, "run"));
                    runs.add(&name(), &remedy, now);
                    healing = Some(Healing::run(healing.as_ref()));
                }
                Turn::GiveUp => {
                    seen.push((second, "given up"));
                    healing.as_mut().unwrap().stage = Stage::GivenUp;
                }
                Turn::Wait => {}
            }
        }
        // The command takes a second each time.
        assert_eq!(seen, [(0, "run"), (31, "run"), (62, "given up")]);
    }

    #[test]
    fn a_command_that_failed_is_not_run_again_at_once() {
        let (remedy, mut healing) = (remedy(), Healing::run(None));
        healing.broke(&remedy, "exit 3", at(5));
        assert_eq!(remedy.turn(Some(&healing), 1, at(34)), Turn::Wait);
        assert_eq!(remedy.turn(Some(&healing), 1, at(35)), Turn::Run);
        assert_eq!(remedy.turn(Some(&healing), 2, at(6)), Turn::GiveUp);
        let told = remedy.told(&name(), Some(&healing), 1).unwrap();
        assert_eq!(told.outcome, RemedyOutcome::Failed("exit 3".into()));
    }

    #[test]
    fn it_helped_only_if_all_was_well_in_time() {
        let (remedy, mut healing) = (remedy(), Healing::run(None));
        assert_eq!(remedy.helped(&name(), &healing, at(3)), None, "nobody knows that it was run");
        assert!(healing.ran(&remedy, at(1), at(2)));
        let helped = remedy.helped(&name(), &healing, at(5)).unwrap();
        assert_eq!(helped.outcome, RemedyOutcome::helped(4 * SECOND));
        assert_eq!(remedy.helped(&name(), &healing, at(33)), None);
        assert_eq!(remedy.told(&name(), Some(&healing), 1), None);
    }

    #[test]
    fn runs_of_earlier_incidents_count_for_their_period() {
        let (remedy, mut runs) = (remedy(), Runs::default());
        for second in [0, 100] {
            runs.add(&name(), &remedy, at(second));
        }
        for (second, recent) in [(101, 2), (3599, 2), (3600, 1), (3700, 0), (-50, 2)] {
            assert_eq!(runs.recent(&name(), &remedy, at(second)), recent, "at {second}");
        }
        assert_eq!(remedy.turn(None, 2, at(101)), Turn::GiveUp);
        let told = remedy.told(&name(), None, 2).unwrap();
        assert_eq!((told.runs, told.outcome), (2, RemedyOutcome::GivenUp));
        runs.add(&name(), &remedy, at(9000));
        assert_eq!(runs.0[&name()].len(), 1, "what is old is forgotten");
    }
}
