//! What was held goes out: one notice as it is, several as a digest.

use super::{
    Book, Effects, channel,
    channels::{groups, is_news},
};
use crate::{
    model::{HistoryRecord, Notice, NoticeId, OutboxEntry, OutboxState, Timestamp, ToldIn},
    monitor::book::record,
    policy::{self, Channel, Flow},
};

impl Book {
    /// Sends entries that were held: one as it is, several as a digest.
    pub(super) fn say(
        &mut self,
        channel: &Channel,
        ids: &[NoticeId],
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let entries: Vec<&OutboxEntry> = ids.iter().filter_map(|id| self.outbox.get(id)).collect();
        let all = self.flows.of(&channel.notifier);
        let rules = all.flow;
        let Some(state) = self.flows.channels.get(channel) else { return };
        let mut flow = state.flow.clone();
        let news = entries.iter().filter(|entry| is_news(&entry.notice));
        flow.tells(news.flat_map(|entry| groups(entry)), now);
        let first = |entry: &OutboxEntry| self.is_new_elsewhere(entry, state, rules, now);
        let of_the_night =
            |entry: &&OutboxEntry| all.quiet_until(&entry.notice, entry.notice.at).is_some();
        let notice = match entries.as_slice() {
            [] => return,
            [_] => None,
            // What waited for the end of quiet hours only. What was gathered under rules that are
            // gone is still told as one: a reload in a storm must not let all of it loose.
            several if !rules.is_on() && several.iter().all(of_the_night) => None,
            several => policy::digest(several, first, now),
        };
        self.keep_flow(channel, flow, effects);
        for id in ids {
            self.flows.state(channel).held.remove(id);
        }
        match notice {
            Some(notice) => self.say_together(notice, channel, ids, effects),
            None => ids.iter().for_each(|id| self.say_alone(*id, now, effects)),
        }
    }

    fn say_alone(&mut self, id: NoticeId, now: Timestamp, effects: &mut Effects) {
        if let Some(mut entry) = self.outbox.get(&id).cloned() {
            (entry.state, entry.next_at) = (OutboxState::Pending, now);
            self.send(entry, effects);
        }
    }

    fn say_together(
        &mut self,
        notice: Notice,
        channel: &Channel,
        ids: &[NoticeId],
        effects: &mut Effects,
    ) {
        let now = notice.at;
        let numbers = notice.digest.as_ref().map(|digest| digest.numbers.clone().bounded());
        let entry = self.entry(notice, channel, OutboxState::Pending, effects);
        let told_in = ToldIn::new(entry.id, ids.len(), numbers.unwrap_or_default());
        for id in ids {
            let Some(held) = self.outbox.get_mut(id) else { continue };
            held.state = OutboxState::Gathered;
            held.next_at = now;
            held.gathering.told_in = Some(told_in.clone());
            effects.batch.outbox.insert(*id, held.clone());
            effects.history.push(HistoryRecord::Notice(record(held, now)));
        }
        self.send(entry, effects);
    }

    /// What did not arrive goes out once more at once, from another way on.
    pub(in crate::monitor) fn again(
        &mut self,
        entry: &OutboxEntry,
        way: u32,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let channel = channel(entry);
        let fresh = self.entry(entry.notice.clone(), &channel, OutboxState::Pending, effects);
        let fresh = OutboxEntry { next_at: now, way, first: entry.first, ..fresh };
        let told: Vec<OutboxEntry> = self.told_in(entry.id).cloned().collect();
        for mut told in told {
            (told.state, told.next_at) = (OutboxState::Gathered, now);
            if let Some(told_in) = &mut told.gathering.told_in {
                told_in.entry = fresh.id;
            }
            effects.batch.outbox.insert(told.id, told.clone());
            self.outbox.insert(told.id, told);
        }
        self.send(fresh, effects);
    }

    /// Hands an entry to the delivery, once it is written.
    pub(super) fn send(&mut self, entry: OutboxEntry, effects: &mut Effects) {
        effects.batch.outbox.insert(entry.id, entry.clone());
        effects.history.push(HistoryRecord::Notice(record(&entry, entry.next_at)));
        effects.send.push(entry.clone());
        if self.flows.of(&entry.notifier).flow.is_on() {
            self.is_on_its_way(&entry);
        }
        self.outbox.insert(entry.id, entry);
    }

    pub(super) fn keep_flow(&mut self, channel: &Channel, flow: Flow, effects: &mut Effects) {
        let state = self.flows.state(channel);
        if state.flow != flow {
            effects.batch.flows.insert(channel.clone(), flow.clone());
            state.flow = flow;
        }
    }

    /// What a digest told is as settled as the digest itself.
    pub(in crate::monitor) fn settle_gathered(
        &mut self,
        digest: &OutboxEntry,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let told: Vec<OutboxEntry> = self.told_in(digest.id).cloned().collect();
        for mut entry in told {
            (entry.state, entry.next_at) = (digest.state.clone(), now);
            effects.batch.outbox.insert(entry.id, entry.clone());
            effects.history.push(HistoryRecord::Notice(record(&entry, now)));
            self.keep_or_forget(entry);
        }
    }
}
