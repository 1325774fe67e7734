//! Remedies: when one is run about an open incident, and what came of it.

use super::{Core, Effects, Entry};
use crate::{
    model::{
        CheckId, EventKind, Incident, IncidentNumber, Name, Notice, OutboxEntry, OutboxState,
        Reason, Remedied, Status, Timestamp,
    },
    policy::{Healing, Remedy, Runs, Telling, Turn},
};

/// What the delivery says before why a command failed.
const FAILED: &str = "the command failed: ";

impl Core {
    /// Runs what may put an open incident right, once people were told of it, and tells them when
    /// that did not help. Looks only at what is due.
    pub(super) fn heal(&mut self, number: IncidentNumber, now: Timestamp, effects: &mut Effects) {
        let Some(incident) = self.book.incident(number).cloned() else { return };
        let Some(before) = self.book.telling(number).filter(|known| known.told.is_some()) else {
            return;
        };
        let remedies = self.remedies(&incident.check);
        if remedies.is_empty() && before.healing.is_empty() {
            return;
        }
        let mut telling = before.clone();
        telling.healing.retain(|name, _| remedies.iter().any(|(known, _)| known == name));
        telling.healing.values_mut().for_each(|healing| healing.lapse(now));
        if self.is_well(&incident.check) {
            // It comes and goes, and is well for now: nothing is to be put right.
            telling.healing.retain(|_, healing| healing.next().is_none());
        }
        for (name, remedy) in &remedies {
            self.treat(&incident, &mut telling, (name, remedy), now, effects);
        }
        self.keep_telling(number, telling, now, effects);
    }

    /// One remedy of an incident.
    fn treat(
        &mut self,
        incident: &Incident,
        telling: &mut Telling,
        (name, remedy): (&Name, &Remedy),
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let healing = telling.healing.get(name);
        let recent = self.runs(&incident.check).map_or(0, |runs| runs.recent(name, remedy, now));
        let turn = remedy.turn(healing, recent, now);
        let news = healing.is_some_and(Healing::is_news);
        if turn == Turn::Wait && !news || !self.may_treat(incident, telling, now, effects) {
            return;
        }
        if news {
            self.tell_failed(incident, telling, (name, remedy), now, effects);
        }
        match turn {
            Turn::Run if self.can_run(incident, remedy) => {
                self.run_remedy(incident, telling, (name, remedy), now, effects);
            }
            Turn::GiveUp => {
                let given_up = telling.healing.entry(name.clone()).or_insert(Healing::too_often());
                given_up.give_up();
            }
            Turn::Run | Turn::Wait => {}
        }
    }

    /// What keeps people from being told keeps remedies from being run, and nobody meddles with what
    /// somebody looks after.
    fn may_treat(
        &self,
        incident: &Incident,
        telling: &Telling,
        now: Timestamp,
        effects: &mut Effects,
    ) -> bool {
        let check = &incident.check;
        let ill = self.entries.get(check).is_some_and(|entry| {
            let seen = entry.last.as_ref().is_some_and(|last| last.status != Status::Ok);
            seen && entry.state.blocked.is_none()
        });
        ill && !self.is_flapping(check)
            && telling.acknowledged.is_none()
            && !self.silent.contains_key(&incident.number)
            && self.silence(incident, None, now, effects).is_none()
    }

    /// A remedy that acts on the server needs one that can be reached.
    fn can_run(&self, incident: &Incident, remedy: &Remedy) -> bool {
        let server = self.check(&incident.check).and_then(|check| check.server.as_ref());
        let down = server.and_then(|server| self.ssh_of(server)).is_some_and(Entry::is_down);
        let unseen =
            incident.last.as_ref().is_err_and(|failure| failure.kind.concerns_connection());
        !remedy.on_server || !down && !unseen
    }

    fn run_remedy(
        &mut self,
        incident: &Incident,
        telling: &mut Telling,
        (name, remedy): (&Name, &Remedy),
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let Some(entry) = self.entries.get_mut(&incident.check) else { return };
        entry.state.runs.add(name, remedy, now);
        effects.batch.states.insert(incident.check.clone(), Some(entry.state.clone()));
        let healing = Healing::run(telling.healing.get(name));
        telling.healing.insert(name.clone(), healing);
        let whom = self
            .notifiers
            .iter()
            .find(|setup| setup.name == *name)
            .map_or_else(Vec::new, |setup| {
                setup.on_duty(now).into_iter().map(|to| (name.clone(), to)).collect()
            });
        let facts = self.notice(incident, now);
        let notice = Notice { reason: Reason::Remedy, remedy: None, ..facts };
        self.book.tell_to(&notice, whom, effects);
    }

    fn tell_failed(
        &mut self,
        incident: &Incident,
        telling: &mut Telling,
        (name, remedy): (&Name, &Remedy),
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let Some(healing) = telling.healing.get_mut(name) else { return };
        healing.told = true;
        telling.last = Some(now);
        let remedy = remedy.told(name, Some(healing), 0);
        let facts = self.notice(incident, now);
        let notice = Notice { reason: Reason::RemedyFailed, remedy, ..facts };
        self.tell(&notice, telling.steps, effects);
    }

    /// The delivery ran the command of a remedy, or gave it up. False when it was none.
    pub(super) fn remedy_ran(
        &mut self,
        entry: &OutboxEntry,
        began: Timestamp,
        now: Timestamp,
        effects: &mut Effects,
    ) -> bool {
        let of_name = self.notifiers.iter().find(|setup| setup.name == entry.notifier);
        let Some(remedy) = of_name.and_then(|setup| setup.remedy.clone()) else { return false };
        let Some(number) = entry.notice.incident else { return false };
        let Some(mut telling) = self.book.telling(number).cloned() else { return true };
        let Some(healing) = telling.healing.get_mut(&entry.notifier) else { return true };
        let verifies = match &entry.state {
            OutboxState::Accepted | OutboxState::Queued => healing.ran(&remedy, began, now),
            OutboxState::Dead(why) => {
                healing.broke(&remedy, why.strip_prefix(FAILED).unwrap_or(why), now);
                false
            }
            _ => false,
        };
        if verifies {
            effects.run_now.push(entry.notice.check.clone());
        }
        self.keep_telling(number, telling, now, effects);
        self.heal(number, now, effects);
        true
    }

    /// After a result: what is still a problem is looked at again soon while a remedy is verified.
    pub(super) fn verify(&mut self, id: &CheckId, now: Timestamp, effects: &mut Effects) {
        let open = self.entries.get(id).and_then(|entry| entry.state.incident);
        let Some(number) = open.map(|open| open.number) else { return };
        self.heal(number, now, effects);
        let telling = self.book.telling(number);
        if telling.is_some_and(|telling| telling.healing.values().any(Healing::is_verifying)) {
            effects.confirm.push(id.clone());
        }
    }

    /// What is worth telling of the remedies of an incident.
    pub(super) fn remedied(&self, incident: &Incident, at: Timestamp) -> Option<Remedied> {
        let telling = self.book.telling(incident.number);
        self.remedies(&incident.check).iter().find_map(|(name, remedy)| {
            let healing = telling.and_then(|telling| telling.healing.get(name));
            if incident.closed.is_some() {
                return remedy.helped(name, healing?, at);
            }
            let recent = self.runs(&incident.check)?.recent(name, remedy, at);
            remedy.told(name, healing, recent)
        })
    }

    fn remedies(&self, id: &CheckId) -> Vec<(Name, Remedy)> {
        let Some(check) = self.check(id) else { return Vec::new() };
        let known = self.notifiers.iter().filter(|setup| setup.takes(EventKind::Problem));
        let of_them = known.filter(|setup| check.notify.contains(&setup.name));
        of_them.filter_map(|setup| Some((setup.name.clone(), setup.remedy.clone()?))).collect()
    }

    fn runs(&self, check: &CheckId) -> Option<&Runs> {
        self.entries.get(check).map(|entry| &entry.state.runs)
    }

    fn is_well(&self, check: &CheckId) -> bool {
        self.entries.get(check).is_some_and(|entry| entry.state.status == Some(Status::Ok))
    }
}
