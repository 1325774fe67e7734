//! What is held back for a moment, so that a recipient gets one message instead of many.

mod channels;
mod sending;

use std::collections::BTreeMap;

use super::{Book, Effects, NotifierSetup, record};
use crate::{
    model::{
        Gathering, HistoryRecord, IncidentNumber, Name, Notice, NoticeId, OutboxEntry, OutboxState,
        Reason, Status, Timestamp,
    },
    monitor::setup::Check,
    policy::{self, Channel, FlowRules, Waiting},
};
pub(super) use channels::Flows;
use channels::{Place, Rules, State, Way, groups, is_news};

impl Book {
    /// Takes the rules of a configuration. What waited for rules that are gone waits no longer.
    pub(in crate::monitor) fn follow_rules<'a>(
        &mut self,
        notifiers: &[NotifierSetup],
        checks: impl Iterator<Item = (&'a Check, &'a [Name])>,
        silenced: BTreeMap<IncidentNumber, Timestamp>,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        self.flows.silenced = silenced;
        let rules = |setup: &NotifierSetup| {
            let timeout = setup.notifier.timeout();
            (setup.name.clone(), Rules { flow: setup.flow, timeout, quiet: setup.quiet.clone() })
        };
        self.flows.rules = notifiers.iter().map(rules).collect();
        let place = |(check, groups): (&Check, &[Name])| {
            let groups = groups.to_vec();
            let (interval, timeout) = (check.schedule.interval, check.schedule.timeout);
            let within = check.time_to_notify;
            (check.id.clone(), Place { groups, interval, timeout, within })
        };
        self.flows.places = checks.map(place).collect();
        self.find_channels();
        self.flush_all(now, effects);
    }

    /// Of these incidents no problem that waits is told until then, or until this is said again.
    pub(in crate::monitor) fn silence(
        &mut self,
        silenced: BTreeMap<IncidentNumber, Timestamp>,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        if self.flows.silenced != silenced {
            self.flows.silenced = silenced;
            self.flush_all(now, effects);
        }
    }

    /// What is held back.
    pub(in crate::monitor) fn held(&self) -> impl Iterator<Item = &OutboxEntry> {
        self.outbox.values().filter(|entry| entry.state == OutboxState::Held)
    }

    fn flush_all(&mut self, now: Timestamp, effects: &mut Effects) {
        let channels: Vec<Channel> = self.flows.channels.keys().cloned().collect();
        for channel in channels {
            self.flush(&channel, now, effects);
        }
    }

    /// What is held and on its way, as the outbox says.
    fn find_channels(&mut self) {
        for state in self.flows.channels.values_mut() {
            state.held.clear();
            state.way.clear();
        }
        let open: Vec<OutboxEntry> =
            self.outbox.values().filter(|entry| entry.state.is_open()).cloned().collect();
        for entry in open {
            let rules = self.flows.of(&entry.notifier).flow;
            match entry.state {
                OutboxState::Held => {
                    self.flows.state(&channel(&entry)).held.insert(entry.id);
                }
                OutboxState::Pending if rules.is_on() => self.is_on_its_way(&entry),
                _ => {}
            }
        }
    }

    fn is_on_its_way(&mut self, entry: &OutboxEntry) {
        let incidents = match &entry.notice.digest {
            Some(_) => self.told_in(entry.id).filter_map(|entry| entry.notice.incident).collect(),
            None => entry.notice.incident.into_iter().collect(),
        };
        let way = Way {
            since: entry.notice.at.max(entry.next_at),
            failing: (entry.attempts > 0).then_some(entry.next_at),
            digest: entry.notice.digest.is_some(),
            incidents,
        };
        self.flows.state(&channel(entry)).way.insert(entry.id, way);
    }

    /// The entries that a digest tells.
    pub(super) fn told_in(&self, digest: NoticeId) -> impl Iterator<Item = &OutboxEntry> {
        let told = move |entry: &&OutboxEntry| {
            entry.gathering.told_in.as_ref().is_some_and(|told| told.entry == digest)
        };
        self.outbox.values().filter(told)
    }

    /// Puts a notice into the outbox for one recipient: to be sent at once, or held.
    pub(super) fn put(
        &mut self,
        notice: &Notice,
        notifier: &Name,
        recipient: String,
        effects: &mut Effects,
    ) {
        let rules = self.flows.of(notifier);
        let channel = Channel::new(notifier.clone(), recipient);
        let own = notice.check.is_own() || notice.reason == Reason::Test;
        let quiet = rules.quiet_until(notice, notice.at).is_some();
        let alone = self.flows.channels.get(&channel).is_none_or(|state| state.held.is_empty());
        if own || !rules.flow.is_on() && !quiet && alone {
            let entry = self.entry(notice.clone(), &channel, OutboxState::Pending, effects);
            return self.send(entry, effects);
        }
        let Some(notice) = self.after_what_waits(notice, &channel, effects) else { return };
        let entry = self.entry(notice, &channel, OutboxState::Held, effects);
        let id = entry.id;
        self.flows.state(&channel).held.insert(id);
        let now = entry.notice.at;
        self.outbox.insert(id, entry);
        if self.ends_one_on_its_way(id, &channel, rules.flow, now) {
            self.say(&channel, &[id], now, effects);
        } else {
            self.flush(&channel, now, effects);
        }
        if let Some(entry) = self.outbox.get(&id).filter(|entry| entry.state == OutboxState::Held) {
            effects.batch.outbox.insert(id, entry.clone());
            effects.history.push(HistoryRecord::Notice(record(entry, now)));
        }
    }

    fn entry(
        &mut self,
        notice: Notice,
        channel: &Channel,
        state: OutboxState,
        effects: &mut Effects,
    ) -> OutboxEntry {
        let id = self.next_notice;
        self.next_notice += 1;
        effects.batch.next_notice = Some(self.next_notice);
        let gathering = match state {
            OutboxState::Held => {
                self.flows.gathering(&notice, self.flows.of(&channel.notifier).timeout)
            }
            _ => Gathering::default(),
        };
        let first = notice.incident.is_some() && !self.was_told(notice.incident, channel);
        let next_at = notice.at;
        let Channel { notifier, recipient } = channel.clone();
        OutboxEntry {
            id,
            notifier,
            recipient,
            notice,
            state,
            attempts: 0,
            next_at,
            gathering,
            first,
            way: 0,
            report_by: None,
        }
    }

    /// What is left to tell of a notice when something of its incident waits already. That does not
    /// wait any longer.
    fn after_what_waits(
        &mut self,
        notice: &Notice,
        channel: &Channel,
        effects: &mut Effects,
    ) -> Option<Notice> {
        let held = self.flows.channels.get(channel).map(|state| &state.held);
        let same = |entry: &&OutboxEntry| {
            notice.incident.is_some() && entry.notice.incident == notice.incident
        };
        let waiting: Vec<OutboxEntry> = held
            .into_iter()
            .flatten()
            .filter_map(|id| self.outbox.get(id))
            .filter(same)
            .cloned()
            .collect();
        let mut left = Some(notice.clone());
        for entry in waiting {
            let known = self.was_told(notice.incident, channel);
            left = left.and_then(|new| policy::follow(&entry.notice, &new, known));
            self.drop_held(entry.id, notice.at, effects);
        }
        left
    }

    /// Whether anything of an incident was told in a channel, or is on its way.
    pub(super) fn was_told(&self, incident: Option<IncidentNumber>, channel: &Channel) -> bool {
        let told = |entry: &OutboxEntry| {
            !matches!(
                entry.state,
                OutboxState::Dead(_) | OutboxState::Superseded | OutboxState::Held
            )
        };
        self.outbox.values().any(|entry| {
            entry.notice.incident == incident
                && entry.notifier == channel.notifier
                && entry.recipient == channel.recipient
                && told(entry)
        })
    }

    /// What waits is not needed any more.
    fn drop_held(&mut self, id: NoticeId, now: Timestamp, effects: &mut Effects) {
        let Some(entry) = self.outbox.get_mut(&id) else { return };
        entry.state = OutboxState::Superseded;
        let channel = channel(entry);
        effects.batch.outbox.insert(id, entry.clone());
        effects.history.push(HistoryRecord::Notice(record(entry, now)));
        self.flows.state(&channel).held.remove(&id);
    }

    /// An incident is over: what waits to tell of its problem is not needed any more.
    pub(super) fn drop_problems_of(
        &mut self,
        number: IncidentNumber,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let held = |entry: &&OutboxEntry| {
            entry.state == OutboxState::Held
                && entry.notice.incident == Some(number)
                && entry.notice.reason != Reason::Recovered
        };
        let all: Vec<NoticeId> = self.outbox.values().filter(held).map(|entry| entry.id).collect();
        for id in all {
            self.drop_held(id, now, effects);
        }
    }

    /// Whether it is the end of a problem that the gateway does not take: the delivery makes one
    /// message of both.
    fn ends_one_on_its_way(
        &self,
        id: NoticeId,
        channel: &Channel,
        rules: FlowRules,
        now: Timestamp,
    ) -> bool {
        let (Some(entry), Some(state)) = (self.outbox.get(&id), self.flows.channels.get(channel))
        else {
            return false;
        };
        let ends = entry.notice.reason == Reason::Recovered
            && state
                .concerns(entry.notice.incident)
                .all(|way| !way.digest && way.failing.is_some())
            && state.concerns(entry.notice.incident).next().is_some();
        ends && state.flow.affordable(&rules, false, state.way.len(), now).is_none()
    }

    /// The clock was set by so many milliseconds: what is held waits no longer for that.
    pub(in crate::monitor) fn clock_set(&mut self, by: i64) {
        for state in self.flows.channels.values_mut() {
            state.flow.clock_set(by);
            let ways = state
                .way
                .values_mut()
                .flat_map(|way| std::iter::once(&mut way.since).chain(way.failing.as_mut()));
            for time in ways.chain(state.due.as_mut()) {
                *time = time.moved(by);
            }
        }
    }

    /// When the first of what is held is to be looked at.
    pub(in crate::monitor) fn next_flush(&self) -> Option<Timestamp> {
        self.flows.channels.values().filter_map(|state| state.due).min()
    }

    /// Sends what is due.
    pub(in crate::monitor) fn flush_due(&mut self, now: Timestamp, effects: &mut Effects) {
        let due = |(channel, state): (&Channel, &State)| {
            state.due.is_some_and(|at| at <= now).then(|| channel.clone())
        };
        let due: Vec<Channel> = self.flows.channels.iter().filter_map(due).collect();
        for channel in due {
            self.flush(&channel, now, effects);
        }
    }

    /// Sends all that is held in a channel, if it is time. What concerns an incident that a message
    /// on its way tells waits for that.
    fn flush(&mut self, channel: &Channel, now: Timestamp, effects: &mut Effects) {
        let all = self.flows.of(&channel.notifier);
        let rules = all.flow;
        let Some(state) = self.flows.channels.get(channel) else { return };
        let told = |entry: &&OutboxEntry| self.flows.silenced_until(&entry.notice).is_none();
        let held = || state.held.iter().filter_map(|id| self.outbox.get(id)).filter(told);
        let quiet = held().filter_map(|entry| all.quiet_until(&entry.notice, now)).min();
        let ready: Vec<&OutboxEntry> = held()
            .filter(|entry| all.quiet_until(&entry.notice, now).is_none())
            .filter(|entry| state.concerns(entry.notice.incident).next().is_none())
            .collect();
        let reserve = ready.iter().any(|entry| self.is_new_elsewhere(entry, state, rules, now));
        let by = ready.iter().filter_map(|entry| entry.gathering.by).min();
        let due = state.flow.due(&rules, &Waiting { by, reserve }, &state.on_its_way(), now);
        let ready: Vec<NoticeId> = ready.iter().map(|entry| entry.id).collect();
        let waits = !ready.is_empty() && due > now;
        self.flows.state(channel).due = waits.then_some(due).into_iter().chain(quiet).min();
        if !waits {
            self.say(channel, &ready, now, effects);
        }
    }

    /// Whether it may use the reserve: new, critical, and of a group of which nothing was told.
    fn is_new_elsewhere(
        &self,
        entry: &OutboxEntry,
        state: &State,
        rules: FlowRules,
        now: Timestamp,
    ) -> bool {
        is_news(&entry.notice)
            && entry.notice.status == Status::Critical
            && groups(entry).iter().all(|group| state.flow.is_quiet(group, &rules, now))
    }

    /// The delivery made progress with an entry: what it tells follows, and what is held may be due.
    pub(super) fn progressed(
        &mut self,
        entry: &OutboxEntry,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let rules = self.flows.of(&entry.notifier).flow;
        let channel = channel(entry);
        let state = self.flows.state(&channel);
        let Some(way) = state.way.get_mut(&entry.id) else { return };
        if entry.state == OutboxState::Pending {
            if entry.attempts > 0 {
                way.failing.get_or_insert(now);
            }
            return self.flush(&channel, now, effects);
        }
        let digest = way.digest;
        state.way.remove(&entry.id);
        if matches!(entry.state, OutboxState::Accepted | OutboxState::Queued) {
            let mut flow = state.flow.clone();
            flow.took(now, &rules);
            self.keep_flow(&channel, flow, effects);
        }
        if digest {
            self.settle_gathered(entry, now, effects);
        }
        self.flush(&channel, now, effects);
    }

    /// When what is held is to be told, as things stand.
    pub(super) fn held_until(&self, entry: &OutboxEntry, now: Timestamp) -> Option<Timestamp> {
        let quiet = || self.flows.of(&entry.notifier).quiet_until(&entry.notice, now);
        let due = || self.flows.channels.get(&channel(entry))?.due;
        self.flows.silenced_until(&entry.notice).or_else(quiet).or_else(due)
    }
}

fn channel(entry: &OutboxEntry) -> Channel {
    Channel::new(entry.notifier.clone(), entry.recipient.clone())
}
