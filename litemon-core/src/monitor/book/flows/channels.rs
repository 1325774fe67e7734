//! Each recipient of a notifier: the rules, what was sent, what waits, what is on its way.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use crate::{
    model::{
        CheckId, Gathering, IncidentNumber, Name, Notice, NoticeId, OutboxEntry, Reason, Timestamp,
    },
    policy::{Channel, Flow, FlowRules, OnItsWay, Quiet},
};

/// What is allowed for the decision, the journal and the outbox, as in the proof of the configuration.
const ALLOWANCE: Duration = Duration::from_secs(1);

/// Every channel: one recipient of one notifier.
#[derive(Debug, Default)]
pub(in crate::monitor::book) struct Flows {
    pub(super) rules: BTreeMap<Name, Rules>,
    pub(super) places: HashMap<CheckId, Place>,
    pub(super) channels: BTreeMap<Channel, State>,
    /// Incidents of which no problem is told until then, though one waits.
    pub(super) silenced: BTreeMap<IncidentNumber, Timestamp>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    pub(super) flow: FlowRules,
    pub(super) timeout: Duration,
    pub(super) quiet: Option<Quiet>,
}

impl Rules {
    /// Until when a notice waits, as it is only a warning.
    pub(super) fn quiet_until(&self, notice: &Notice, now: Timestamp) -> Option<Timestamp> {
        self.quiet.as_ref().and_then(|quiet| quiet.until(notice, now))
    }
}

/// What a check says about how soon its problems are to be told, and where it belongs.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) groups: Vec<Name>,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    pub(super) within: Option<Duration>,
}

/// A channel as it stands.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) flow: Flow,
    pub(super) held: BTreeSet<NoticeId>,
    pub(super) way: BTreeMap<NoticeId, Way>,
    /// When what is held is looked at next.
    pub(super) due: Option<Timestamp>,
}

/// A message on its way.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) since: Timestamp,
    pub(super) failing: Option<Timestamp>,
    pub(super) digest: bool,
    pub(super) incidents: BTreeSet<IncidentNumber>,
}

impl State {
    pub(super) fn on_its_way(&self) -> OnItsWay {
        OnItsWay {
            count: self.way.len(),
            newest: self.way.values().map(|way| way.since).max(),
            failing: self.way.values().filter_map(|way| way.failing).min(),
        }
    }

    pub(super) fn concerns(&self, incident: Option<IncidentNumber>) -> impl Iterator<Item = &Way> {
        let about =
            move |way: &&Way| incident.is_some_and(|number| way.incidents.contains(&number));
        self.way.values().filter(about)
    }
}

impl Flows {
    /// With what the journal kept.
    pub(in crate::monitor::book) fn open(flows: BTreeMap<Channel, Flow>) -> Self {
        let state = |flow| State { flow, ..State::default() };
        let channels = flows.into_iter().map(|(channel, flow)| (channel, state(flow))).collect();
        Self { channels, ..Self::default() }
    }

    pub(super) fn of(&self, notifier: &Name) -> Rules {
        self.rules.get(notifier).cloned().unwrap_or_default()
    }

    pub(super) fn state(&mut self, channel: &Channel) -> &mut State {
        self.channels.entry(channel.clone()).or_default()
    }

    /// Until when a notice is not to be told, as silence began while it waited.
    pub(super) fn silenced_until(&self, notice: &Notice) -> Option<Timestamp> {
        let of_problem = !matches!(
            notice.reason,
            Reason::Recovered | Reason::RaisedAndRecovered | Reason::Acknowledged
        );
        let until = self.silenced.get(&notice.incident?).filter(|_| of_problem);
        until.copied()
    }

    /// By when a notice is to be told, and what it belongs to.
    pub(super) fn gathering(&self, notice: &Notice, sending: Duration) -> Gathering {
        let mut gathering = Gathering::default();
        let Some(place) = self.places.get(&notice.check) else { return gathering };
        gathering.groups.clone_from(&place.groups);
        gathering.by = place.within.and_then(|within| by(notice, place, within, sending));
        gathering
    }
}

/// The fault began after the result before the first bad one; what became worse, after the result
/// before the last. What was told too late anyway has no promise.
fn by(notice: &Notice, place: &Place, within: Duration, sending: Duration) -> Option<Timestamp> {
    let seen = match notice.reason {
        Reason::Raised => notice.since,
        Reason::Escalated => notice.at.minus(place.timeout),
        _ => return None,
    };
    let by = seen.minus(place.interval).plus(within).minus(sending.saturating_add(ALLOWANCE));
    (notice.at.since(by) <= within).then_some(by)
}

/// The names under which a problem counts as told; a server without a group, and what is of no
/// server, stands under the name of all of its sort.
pub(super) fn groups(entry: &OutboxEntry) -> Vec<&str> {
    let named = &entry.gathering.groups;
    if !named.is_empty() {
        return named.iter().map(AsRef::as_ref).collect();
    }
    vec![if entry.notice.server.is_some() { "" } else { entry.notice.check.owner() }]
}

pub(super) const fn is_news(notice: &Notice) -> bool {
    matches!(notice.reason, Reason::Raised | Reason::Escalated)
}
