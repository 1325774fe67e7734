//! What people know of an incident.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::Healing;
use crate::model::{Name, Reason, Status, Timestamp};

/// What people know of an open incident, and who looks after it. Kept by the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Telling {
    /// The worst status that was told; `None` while nobody was told of it at all.
    pub told: Option<Status>,
    /// When it was first told.
    pub first: Option<Timestamp>,
    /// When anything was last told of it, a reminder included.
    pub last: Option<Timestamp>,
    /// Reminders since then.
    pub reminders: usize,
    /// Steps of its escalation that were taken.
    pub steps: usize,
    /// Somebody looks after it.
    pub acknowledged: Option<Acknowledged>,
    /// It was told that it comes and goes, and not yet that it does so no longer.
    #[serde(default)]
    pub flapping: bool,
    /// What remedies did about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub healing: BTreeMap<Name, Healing>,
}

/// Somebody looks after an incident: reminders and further recipients wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Acknowledged {
    /// Who.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when; `None` until it is over.
    pub until: Option<Timestamp>,
    /// What was said to it, in one line; may be empty.
    pub note: String,
    /// A recipient who is not told of it, since it was he who answered.
    #[serde(skip)]
    pub answered: Option<String>,
}

impl Acknowledged {
    /// From now on until it is over.
    #[must_use]
    pub fn by(by: impl Into<String>, at: Timestamp) -> Self {
        Self { by: by.into(), at, until: None, note: String::new(), answered: None }
    }

    /// By an answer of this recipient, who need not be told what he said.
    #[must_use]
    pub fn answered_by(mut self, recipient: impl Into<String>) -> Self {
        self.answered = Some(recipient.into());
        self
    }

    /// For so long.
    #[must_use]
    pub fn lasting(mut self, lasts: Option<Duration>) -> Self {
        self.until = lasts.map(|lasts| self.at.plus(lasts));
        self
    }

    /// With a word to it, of which one line of at most 200 characters is kept.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = crate::model::one_line(note, 200);
        self
    }
}

/// How people are kept from forgetting a problem that nobody acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reminding {
    /// The time from what was last told to each reminder; the last one goes on. Empty: none.
    pub gaps: Vec<Duration>,
    /// Who else is told when nobody acknowledges it, in the order of their times.
    pub escalation: Vec<Escalation>,
}

impl Reminding {
    /// After these times.
    #[must_use]
    pub fn new(gaps: Vec<Duration>) -> Self {
        Self { gaps, escalation: Vec::new() }
    }

    /// With further recipients.
    #[must_use]
    pub fn escalate(mut self, mut steps: Vec<Escalation>) -> Self {
        steps.sort_by_key(|step| step.after);
        self.escalation = steps;
        self
    }
}

/// One step further up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Escalation {
    /// So long after the problem was first told.
    pub after: Duration,
    /// By these notifiers.
    pub notify: Vec<Name>,
}

impl Escalation {
    /// After so long, by these notifiers.
    #[must_use]
    pub const fn new(after: Duration, notify: Vec<Name>) -> Self {
        Self { after, notify }
    }
}

impl Telling {
    /// Of an incident whose telling was not written down: it was told as it was.
    pub(crate) fn before(status: Status, at: Timestamp) -> Self {
        let mut telling = Self::default();
        telling.has_told(status, at);
        telling
    }

    /// What people do not know yet of a problem with this status, and the worst that they know.
    pub(crate) fn due(&self, status: Status) -> Option<(Reason, Option<Status>)> {
        match self.told {
            None => Some((Reason::Raised, None)),
            Some(told) => (status > told).then_some((Reason::Escalated, self.told)),
        }
    }

    /// The clock was set by so many milliseconds: what was told was told as long ago as before.
    pub(crate) fn clock_set(&mut self, by: i64) {
        for time in [&mut self.first, &mut self.last] {
            *time = time.map(|time| time.moved(by));
        }
    }

    /// They know it now. What became worse is news: reminders begin anew.
    pub(crate) fn has_told(&mut self, status: Status, at: Timestamp) {
        self.told = Some(status.max(self.told.unwrap_or(status)));
        self.first.get_or_insert(at);
        self.last = Some(at);
        self.reminders = 0;
    }

    /// When something is next to be said of it though nothing changed.
    pub(crate) fn next(&self, reminding: &Reminding) -> Option<Timestamp> {
        self.told?;
        let again = match &self.acknowledged {
            Some(acknowledged) => acknowledged.until,
            None => [self.next_reminder(reminding), self.next_step(reminding)]
                .into_iter()
                .flatten()
                .min(),
        };
        again.into_iter().chain(self.next_healing()).min()
    }

    /// While somebody looks after it, no remedy is run again.
    fn next_healing(&self) -> Option<Timestamp> {
        let taken = self.acknowledged.is_some();
        let waits = |healing: &&Healing| healing.is_verifying() || !taken;
        self.healing.values().filter(waits).filter_map(Healing::next).min()
    }

    fn next_reminder(&self, reminding: &Reminding) -> Option<Timestamp> {
        let gap = reminding.gaps.get(self.reminders).or(reminding.gaps.last())?;
        Some(self.last?.plus(*gap))
    }

    fn next_step(&self, reminding: &Reminding) -> Option<Timestamp> {
        Some(self.first?.plus(reminding.escalation.get(self.steps)?.after))
    }

    /// Nobody looks after it any more, if the time of that is over.
    pub(crate) fn expire(&mut self, now: Timestamp) -> bool {
        let over = |acknowledged: &Acknowledged| acknowledged.until.is_some_and(|at| at <= now);
        self.acknowledged.take_if(|acknowledged| over(acknowledged)).is_some()
    }

    /// Takes the next step, if it is due: who is told by it.
    pub(crate) fn step(&mut self, reminding: &Reminding, now: Timestamp) -> Option<Vec<Name>> {
        self.next_step(reminding).filter(|at| *at <= now)?;
        let step = reminding.escalation.get(self.steps)?;
        self.steps += 1;
        Some(step.notify.clone())
    }

    /// Whether a reminder is due; then it counts as told.
    pub(crate) fn remind(&mut self, reminding: &Reminding, now: Timestamp) -> bool {
        let due = self.next_reminder(reminding).is_some_and(|at| at <= now);
        if due {
            self.reminders += 1;
            self.last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    fn boss() -> Name {
        Name::new("boss").unwrap()
    }

    fn reminding() -> Reminding {
        Reminding::new(vec![30 * MINUTE, 120 * MINUTE])
            .escalate(vec![Escalation::new(15 * MINUTE, vec![boss()])])
    }

    fn told() -> Telling {
        let mut telling = Telling::default();
        assert_eq!(telling.due(Status::Warning), Some((Reason::Raised, None)));
        telling.has_told(Status::Warning, at(0));
        telling
    }

    #[test]
    fn only_what_is_worse_is_news() {
        let telling = told();
        let worse = Some((Reason::Escalated, Some(Status::Warning)));
        assert_eq!(telling.due(Status::Critical), worse);
        assert_eq!(telling.due(Status::Warning), None);
    }

    #[test]
    fn reminders_come_after_growing_gaps_and_the_last_gap_goes_on() {
        let (mut telling, mut reminding) = (told(), reminding());
        reminding.escalation.clear();
        let mut times = Vec::new();
        for minute in 0..600 {
            if telling.remind(&reminding, at(minute)) {
                times.push(minute);
            }
        }
        assert_eq!(times, [30, 150, 270, 390, 510]);
    }

    #[test]
    fn nobody_else_is_told_of_what_is_looked_after_until_its_time_is_over() {
        let (mut telling, reminding) = (told(), reminding());
        assert_eq!(telling.next(&reminding), Some(at(15)));
        let two_hours = Some(120 * MINUTE);
        telling.acknowledged = Some(Acknowledged::by("ann", at(10)).lasting(two_hours));
        assert_eq!(telling.next(&reminding), Some(at(130)));
        assert!(!telling.expire(at(129)));
        assert!(telling.expire(at(130)));
        assert_eq!(telling.step(&reminding, at(130)), Some(vec![boss()]));
        assert_eq!(telling.step(&reminding, at(131)), None, "once");
        telling.acknowledged = Some(Acknowledged::by("ann", at(140)));
        assert_eq!(telling.next(&reminding), None);
    }

    #[test]
    fn nobody_is_reminded_of_what_he_was_not_told() {
        assert_eq!(Telling::default().next(&reminding()), None);
    }

    proptest! {
        /// Reminders never come closer to each other than the gaps say.
        #[test]
        fn gaps_are_kept(gaps in prop::collection::vec(1_u64..50, 1..5),
                         looks in prop::collection::vec(0_i64..2000, 0..200)) {
            let reminding = Reminding::new(gaps.iter().map(|n| MINUTE * u32::try_from(*n).unwrap()).collect());
            let (mut telling, mut looks, mut last) = (told(), looks, at(0));
            looks.sort_unstable();
            for look in looks.into_iter().map(at) {
                let gap = reminding.gaps[telling.reminders.min(reminding.gaps.len() - 1)];
                if telling.remind(&reminding, look) {
                    prop_assert!(look.since(last) >= gap);
                    last = look;
                }
            }
        }
    }
}
