//! What people are told of an incident, when, and why not now.

use std::time::Duration;

use super::{Core, Effects};
use crate::{
    model::{CheckId, Incident, IncidentNumber, Name, Notice, NoticeId, Reason, Status, Timestamp},
    monitor::setup::NotifierSetup,
    policy::{Acknowledged, Silence, Telling, Window},
};

/// The longest that the verdict on something that a check depends on is waited for.
const VERDICT: Duration = Duration::from_secs(120);
/// When a reminder that falls into a silence is looked at again.
const POSTPONED: Duration = Duration::from_secs(60);

/// What is to be looked at again at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Moment {
    Incident(IncidentNumber),
    /// A window begins or ends.
    Windows,
    /// A report that a message arrived is to be there.
    Report(NoticeId),
}

impl Core {
    /// Tells people what they do not know yet of an open incident, unless something speaks for
    /// silence: then it is told when that is over, if it still holds.
    pub(super) fn settle(&mut self, number: IncidentNumber, now: Timestamp, effects: &mut Effects) {
        let Some(incident) = self.book.incident(number).cloned() else { return };
        let mut telling = self.book.telling(number).cloned().unwrap_or_default();
        let Some((reason, was)) = self.news(&incident, &telling) else {
            self.silent.remove(&number);
            self.keep_telling(number, telling, now, effects);
            return self.heal(number, now, effects);
        };
        let before = self.silent.get(&number).cloned();
        match self.silence(&incident, before.as_ref(), now, effects) {
            Some(silence) => {
                self.silent.insert(number, silence);
            }
            None => {
                let facts = self.notice(&incident, now);
                self.tell(&Notice { reason, was, ..facts }, telling.steps, effects);
                telling.has_told(incident.status, now);
                telling.flapping = reason == Reason::Flapping;
                self.silent.remove(&number);
            }
        }
        self.keep_telling(number, telling, now, effects);
        self.heal(number, now, effects);
    }

    /// What people do not know yet. Of what comes and goes, only that.
    fn news(&self, incident: &Incident, telling: &Telling) -> Option<(Reason, Option<Status>)> {
        let due = telling.due(incident.status);
        match (self.is_flapping(&incident.check), telling.flapping) {
            (true, true) => None,
            (true, false) => Some((Reason::Flapping, None)),
            (false, true) => due.or(Some((Reason::Reminder, None))),
            (false, false) => due,
        }
    }

    pub(super) fn is_flapping(&self, check: &CheckId) -> bool {
        self.entries.get(check).is_some_and(|entry| entry.state.flaps.since().is_some())
    }

    /// Writes down what people know, and when that is to be looked at again.
    pub(super) fn keep_telling(
        &mut self,
        number: IncidentNumber,
        telling: Telling,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let reminding = self.book.incident(number).and_then(|open| self.check(&open.check));
        let next = reminding.and_then(|check| telling.next(&check.reminding));
        let next = match self.silent.get(&number) {
            Some(Silence::Awaiting(id)) => Some(now.plus(self.verdict(id))),
            _ => next,
        };
        self.agenda.set(Moment::Incident(number), next);
        self.book.know(number, telling, effects);
    }

    /// Something changed that may have kept people from being told.
    pub(super) fn settle_silent(&mut self, now: Timestamp, effects: &mut Effects) {
        let silent: Vec<IncidentNumber> = self.silent.keys().copied().collect();
        for number in silent {
            self.settle(number, now, effects);
        }
    }

    /// An incident is over.
    pub(super) fn forget_telling(&mut self, number: IncidentNumber, effects: &mut Effects) {
        self.silent.remove(&number);
        self.agenda.set(Moment::Incident(number), None);
        self.book.unknow(number, effects);
    }

    /// What speaks against telling of an incident now.
    pub(super) fn silence(
        &self,
        incident: &Incident,
        before: Option<&Silence>,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Option<Silence> {
        let check = self.check(&incident.check)?;
        if self.is_beyond(&incident.check, before == Some(&Silence::Isolated)) {
            return Some(Silence::Isolated);
        }
        if check.server.as_ref().is_some_and(|server| self.holds.contains_key(server)) {
            return Some(Silence::Planned);
        }
        let window = self.window_of(&incident.check, check.server.as_ref(), now);
        let window = window.map(|window| Silence::Window {
            kind: window.kind,
            until: window.until,
            by: window.by.clone(),
        });
        window.or_else(|| self.dependency(incident, before, now, effects))
    }

    /// The time of silence that a check is in.
    pub(super) fn window_of(
        &self,
        check: &CheckId,
        server: Option<&Name>,
        now: Timestamp,
    ) -> Option<&Window> {
        let groups = server.map(|server| self.display.groups_of(server)).unwrap_or_default();
        self.windows.around().find(|window| window.silences(check, server, groups, now))
    }

    /// What an incident follows from, or may follow from.
    fn dependency(
        &self,
        incident: &Incident,
        before: Option<&Silence>,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Option<Silence> {
        let above = self.above(&incident.check);
        let down = |id: &&CheckId| self.entries.get(*id).is_some_and(super::Entry::is_down);
        if let Some(id) = above.iter().find(down) {
            return Some(Silence::Dependency(id.clone()));
        }
        if let Some(Silence::Dependency(id)) = before {
            return self.after_dependency(incident, id, now, effects);
        }
        let unsure = |id: &CheckId| {
            incident.raised <= now
                && now < incident.raised.plus(self.verdict(id))
                && !self.is_fine(id, incident.since, effects)
        };
        above.into_iter().find(unsure).map(Silence::Awaiting)
    }

    /// How long the verdict on a check may take.
    fn verdict(&self, id: &CheckId) -> Duration {
        self.check(id).map_or(VERDICT, |check| check.schedule.verdict().min(VERDICT))
    }

    /// What it depended on is well again: it has to fail once more since then.
    fn after_dependency(
        &self,
        incident: &Incident,
        above: &CheckId,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Option<Silence> {
        // A time that is still to come was told by a clock that was set back since.
        let since = self.entries.get(above)?.state.since.min(now);
        let seen = self.entries.get(&incident.check)?.last_began;
        if seen.is_some_and(|began| began >= since) {
            return None;
        }
        effects.run_now.push(incident.check.clone());
        Some(Silence::Dependency(above.clone()))
    }

    /// Whether something is known to have been well since then. If nobody looked, somebody does.
    fn is_fine(&self, id: &CheckId, since: Timestamp, effects: &mut Effects) -> bool {
        let Some(entry) = self.entries.get(id) else { return true };
        let well = entry.last.as_ref().is_some_and(|last| last.status == Status::Ok);
        let asked = entry.last_began.is_some_and(|began| began >= since);
        if well && !asked {
            effects.run_now.push(id.clone());
        }
        well && asked
    }

    /// Everything that a check depends on, nearest first: what it says, the login to the servers of
    /// that, and what these depend on. No cycle is followed twice.
    fn above(&self, id: &CheckId) -> Vec<CheckId> {
        let mut found: Vec<CheckId> = Vec::new();
        let mut at = Some(id.clone());
        let mut next = 0;
        while let Some(here) = at {
            if let Some(check) = self.check(&here) {
                let login = check.server.as_ref().filter(|_| here != *id).map(CheckId::ssh);
                for other in check.depends_on.iter().cloned().chain(login) {
                    if other != *id && !found.contains(&other) && self.entries.contains_key(&other)
                    {
                        found.push(other);
                    }
                }
            }
            at = found.get(next).cloned();
            next += 1;
        }
        found
    }

    /// To the notifiers of a check, and to those of the steps of its escalation that were taken.
    pub(super) fn tell(&mut self, notice: &Notice, steps: usize, effects: &mut Effects) {
        self.tell_but(None, notice, steps, effects);
    }

    /// The same, but for a recipient who knows it already.
    fn tell_but(
        &mut self,
        knows: Option<&str>,
        notice: &Notice,
        steps: usize,
        effects: &mut Effects,
    ) {
        let Some(entry) = self.entries.get(&notice.check) else { return };
        let check = &entry.check;
        let further = check.reminding.escalation.iter().take(steps).flat_map(|step| &step.notify);
        let wanted: Vec<&Name> = check.notify.iter().chain(further).collect();
        // Remedies have their own turns.
        let of_them =
            |setup: &&NotifierSetup| setup.remedy.is_none() && wanted.contains(&&setup.name);
        self.book.tell_but(knows, notice, self.notifiers.iter().filter(of_them), effects);
    }

    /// A time has come: reminds people, tells others, lets an acknowledgement end.
    pub(super) fn prompt(&mut self, number: IncidentNumber, now: Timestamp, effects: &mut Effects) {
        self.settle(number, now, effects);
        self.say_again(number, now, effects);
        // What is still due falls into a silence.
        if self.agenda.of(Moment::Incident(number)).is_some_and(|at| at <= now) {
            self.agenda.set(Moment::Incident(number), Some(now.plus(POSTPONED)));
        }
    }

    fn say_again(&mut self, number: IncidentNumber, now: Timestamp, effects: &mut Effects) {
        let Some(incident) = self.book.incident(number).cloned() else { return };
        let Some(mut telling) = self.book.telling(number).cloned() else { return };
        let silenced = self.silence(&incident, None, now, effects).is_some();
        let Some(check) = self.check(&incident.check).filter(|_| !silenced) else { return };
        let reminding = check.reminding.clone();
        telling.expire(now);
        if telling.acknowledged.is_none() && telling.told.is_some() {
            let facts = self.notice(&incident, now);
            if let Some(whom) = telling.step(&reminding, now) {
                let notice = Notice { reason: Reason::Unacknowledged, ..facts.clone() };
                let of_them = |setup: &&NotifierSetup| whom.contains(&setup.name);
                self.book.tell(&notice, self.notifiers.iter().filter(of_them), effects);
            }
            if telling.remind(&reminding, now) {
                let flaps = self.is_flapping(&incident.check);
                let reason = if flaps { Reason::Flapping } else { Reason::Reminder };
                self.tell(&Notice { reason, ..facts }, telling.steps, effects);
            }
        }
        self.keep_telling(number, telling, now, effects);
    }

    /// Somebody looks after an incident; with `None`, not any more. False when it is not open.
    pub(in crate::monitor) fn acknowledge(
        &mut self,
        number: IncidentNumber,
        mut acknowledged: Option<Acknowledged>,
        now: Timestamp,
        effects: &mut Effects,
    ) -> bool {
        let knows = acknowledged.as_mut().and_then(|taken| taken.answered.take());
        let Some(incident) = self.book.incident(number).cloned() else { return false };
        let mut telling = self.book.telling(number).cloned().unwrap_or_default();
        if let Some(acknowledged) = &acknowledged
            && telling.told.is_some()
        {
            let by = Some(acknowledged.by.clone());
            let facts = self.notice(&incident, now);
            let notice = Notice { reason: Reason::Acknowledged, by, ..facts };
            self.tell_but(knows.as_deref(), &notice, telling.steps, effects);
        }
        telling.acknowledged = acknowledged;
        self.keep_telling(number, telling, now, effects);
        true
    }
}
