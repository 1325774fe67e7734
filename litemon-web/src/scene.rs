//! What a page is drawn from: one snapshot, one moment, one reader.

use std::{cmp::Reverse, sync::Arc, time::Duration};

use litemon_core::{
    manage::actions::Action,
    model::{CheckKind, Failure, FailureKind, Observation, Status, Timestamp, Zone},
    monitor::{CheckView, IncidentView, ServerView, Snapshot},
};
use maud::{Markup, html};

use crate::{
    archive::Kept, health::Health, history::Strips, pages::jobs::Work, past::Past, words::Words,
};

/// One snapshot at one moment, for one kind of reader.
pub(crate) struct Scene {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) now: Timestamp,
    pub(crate) zone: Zone,
    pub(crate) words: &'static Words,
    /// Whether errors, addresses and receivers may be shown.
    pub(crate) detail: bool,
    pub(crate) strips: Arc<Strips>,
    /// What the page reads of the history.
    pub(crate) past: Arc<Past>,
    /// What is kept of the history of the check or server that the page is about.
    pub(crate) kept: Kept,
    /// How many jobs run, where any can.
    pub(crate) running: Option<usize>,
    /// What the page reads of jobs, and what its reader can run.
    pub(crate) work: Arc<Work>,
    /// What forms of this reader carry; empty in what all readers of a page are sent.
    pub(crate) csrf: String,
}

/// Something that needs a person.
pub(crate) struct Problem<'a> {
    pub(crate) check: &'a CheckView,
    pub(crate) incident: Option<&'a IncidentView>,
}

impl Scene {
    pub(crate) fn health(&self) -> Health {
        Health::of(&self.snapshot, self.now)
    }

    /// What is wrong, worst first; of the same concern, in the order of the configuration.
    pub(crate) fn problems(&self) -> Vec<Problem<'_>> {
        let mut problems: Vec<_> = self
            .snapshot
            .checks()
            .filter(|check| is_problem(check))
            .map(|check| Problem { check, incident: self.incident(check) })
            .collect();
        problems.sort_by_key(|problem| Reverse(concern(problem.check)));
        problems
    }

    /// Servers, worst first; of the same concern, in the order of the configuration.
    pub(crate) fn servers(&self) -> Vec<&ServerView> {
        let mut servers: Vec<_> = self.snapshot.servers.iter().map(Arc::as_ref).collect();
        servers.sort_by_cached_key(|server| Reverse(server_concern(server)));
        servers
    }

    /// The worst status of anything.
    pub(crate) fn worst(&self) -> Status {
        worst(&self.snapshot, self.now)
    }

    /// The field that proves that a form is this reader's.
    pub(crate) fn csrf(&self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.csrf); }
    }

    /// What the reader can run; `None` for who cannot run anything.
    pub(crate) fn actions(&self) -> Option<&[Action]> {
        self.work.actions.as_deref()
    }

    fn incident(&self, check: &CheckView) -> Option<&IncidentView> {
        let number = check.incident?;
        self.snapshot.incidents.iter().map(Arc::as_ref).find(|incident| incident.number == number)
    }

    /// Since when a check is as it is; a problem, since its first result that was not OK, as its SMS
    /// says it.
    pub(crate) fn began(&self, check: &CheckView) -> Option<Timestamp> {
        self.incident(check).map(|incident| incident.since).or(check.since)
    }

    /// A moment as a person reads it: the time, with the date when it is not today's.
    pub(crate) fn moment(&self, at: Timestamp, seconds: bool) -> Markup {
        let today = self.zone.date(at) == self.zone.date(self.now);
        let format = match (today, seconds) {
            (true, true) => "%H:%M:%S",
            (true, false) => "%H:%M",
            (false, _) => "%Y-%m-%d %H:%M",
        };
        self.time(at, format)
    }

    /// A moment that comes: the time, with the day of the week within the next six days, with the
    /// date beyond them.
    pub(crate) fn soon(&self, at: Timestamp) -> Markup {
        const DAYS: Duration = Duration::from_secs(6 * 86_400);
        if self.zone.date(at) == self.zone.date(self.now) || at.since(self.now) > DAYS {
            return self.moment(at, false);
        }
        let day = self.zone.format("%u", at).parse().unwrap_or_default();
        html! { span.nowrap { (self.words.duty.weekday(day)) " " (self.time(at, "%H:%M")) } }
    }

    fn time(&self, at: Timestamp, format: &str) -> Markup {
        html! {
            time datetime=(at) title=(self.zone.format("%Y-%m-%d %H:%M:%S %Z", at)) {
                (self.zone.format(format, at))
            }
        }
    }

    /// The end of a time that began then: without its date where that is the beginning's.
    pub(crate) fn until(&self, from: Timestamp, end: Timestamp) -> Markup {
        let same = self.zone.date(from) == self.zone.date(end);
        let format = if same { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        self.time(end, format)
    }

    /// `since 05:31 (2 min)`
    pub(crate) fn since(&self, at: Timestamp) -> Markup {
        html! { span.nowrap { (self.words.since) " " (self.moment_and_age(at)) } }
    }

    /// `05:31 (2 min)`
    pub(crate) fn moment_and_age(&self, at: Timestamp) -> Markup {
        let age = self.words.duration(self.now.since(at));
        html! { (self.moment(at, false)) " (" (age) ")" }
    }

    /// Why, in a few words, if the reader may know.
    pub(crate) fn reason(&self, result: &Result<Observation, Failure>) -> Option<String> {
        let text = match result {
            _ if !self.detail => return None,
            Ok(seen @ (Observation::Switch { .. } | Observation::Judged { .. })) => {
                seen.detail()?.to_owned()
            }
            Ok(_) => return None,
            Err(failure) => self.failure(failure),
        };
        (!text.is_empty()).then_some(text)
    }

    /// Reaching a server fails in a few known ways, which have a name in every language; how a
    /// command fails is best said by itself.
    fn failure(&self, failure: &Failure) -> String {
        let own_words = matches!(
            failure.kind,
            FailureKind::Exit | FailureKind::Output | FailureKind::Internal | FailureKind::Protocol
        );
        if own_words && !failure.message.is_empty() {
            failure.message.clone()
        } else {
            self.words.failure.of_kind(failure.kind).to_owned()
        }
    }
}

/// The worst status of anything, the monitor itself included.
pub(crate) fn worst(snapshot: &Snapshot, now: Timestamp) -> Status {
    match Health::of(snapshot, now) {
        Health::Stale | Health::Journal | Health::Isolated => Status::Critical,
        Health::Starting => Status::Unknown,
        Health::Ok => {
            let own = match (snapshot.own_faults.is_empty(), snapshot.checks().next()) {
                (false, _) => Status::Critical,
                (true, None) => Status::Unknown,
                (true, Some(_)) => Status::Ok,
            };
            let problems = snapshot.checks().filter(|check| is_problem(check));
            problems.map(|check| check.status).fold(own, Ord::max)
        }
    }
}

/// Whether a check is known not to be OK. What is unknown because its server is unreachable is a
/// part of that problem, and what has no result yet is none.
pub(crate) fn is_problem(check: &CheckView) -> bool {
    check.status != Status::Ok && check.since.is_some() && !check.blocked
}

fn concern(check: &CheckView) -> (bool, Status) {
    (check.kind == CheckKind::Ssh && check.status == Status::Critical, check.status)
}

fn server_concern(server: &ServerView) -> (bool, Status) {
    let worst = server.checks.iter().filter(|check| is_problem(check)).map(|check| check.status);
    (server.unreachable(), worst.max().unwrap_or(Status::Ok))
}

#[cfg(test)]
pub(crate) mod tests;
