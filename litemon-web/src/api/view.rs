//! From what the monitor and its history know to what the API says.

use std::time::Duration;

use litemon_core::{
    model::{self, CheckKind, Observation, Status, Timestamp},
    monitor::{
        CheckView, IncidentView, Phase, PlannedKind, PlannedView, ServerView, Snapshot, Told,
    },
    policy::{Healing, Rota, Stage},
    store::IncidentHistory,
};

use super::types::{
    Attempt, Check, Counts, Failure, Incident, LastResult, MonitorInfo, Notice, NoticeDigest,
    Number, OnCall, Outbox, Planned, PlannedPhase, PlannedWork, Seen, Server, Soft, StatusChange,
    StatusReport, Summary, Taken, TriedRemedy, Value,
};
use crate::{
    health::Health,
    scene::{is_problem, worst},
    settings::Settings,
};

/// A status in the words of its kind, as `On`, `unreachable` or `Unknown`.
#[must_use]
pub const fn state_word(kind: CheckKind, status: Status) -> &'static str {
    match (kind, status) {
        (CheckKind::Ssh, Status::Ok) => "reachable",
        (CheckKind::Ssh, Status::Critical) => "unreachable",
        (CheckKind::Service, Status::Ok) => "On",
        (CheckKind::Service, Status::Critical) => "Off",
        (CheckKind::Messaging, Status::Ok) => "OK",
        (CheckKind::Messaging, Status::Critical) => "Failed",
        (_, Status::Unknown) => "Unknown",
        (_, status) => status.as_str(),
    }
}

fn tried((name, healing): (&model::Name, &Healing)) -> TriedRemedy {
    let (until, why) = match &healing.stage {
        Stage::Verifying { until, .. } => (Some((*until).into()), None),
        Stage::Failed { why, .. } => (None, why.clone()),
        _ => (None, None),
    };
    TriedRemedy {
        name: name.to_string(),
        runs: healing.runs,
        stage: healing.stage.word().to_owned(),
        until,
        why,
    }
}

/// One snapshot at one moment, for one kind of reader.
pub(super) struct View<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) now: Timestamp,
    /// Whether errors, addresses and recipients may be told.
    pub(super) detail: bool,
}

impl View<'_> {
    pub(super) fn report(&self, settings: &Settings) -> StatusReport {
        let snapshot = self.snapshot;
        StatusReport {
            status: worst(snapshot, self.now),
            counts: self.counts(),
            monitor: self.monitor(settings),
            servers: snapshot.servers.iter().map(|server| self.server(server)).collect(),
            others: snapshot.others.iter().map(|check| self.check(check)).collect(),
            incidents: self.incidents().collect(),
            outbox: self.outbox(),
            on_call: self
                .detail
                .then(|| snapshot.rotas.iter().map(|rota| self.on_call(rota)).collect()),
        }
    }

    fn on_call(&self, rota: &Rota) -> OnCall {
        let names = |who: Vec<&model::Name>| who.into_iter().map(ToString::to_string).collect();
        let next = rota.next_change(self.now);
        OnCall {
            rota: rota.name.to_string(),
            who: names(rota.on_duty(self.now)),
            until: next.as_ref().map(|(at, _)| (*at).into()),
            then: next.map(|(_, who)| names(who)).unwrap_or_default(),
        }
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            at: self.now.into(),
            status: worst(self.snapshot, self.now),
            health: self.health(),
            counts: self.counts(),
            outbox: self.outbox(),
            last_result: self.snapshot.last_result.map(Into::into),
        }
    }

    fn health(&self) -> String {
        Health::of(self.snapshot, self.now).word().to_owned()
    }

    const fn outbox(&self) -> Outbox {
        Outbox { pending: self.snapshot.outbox, held: self.snapshot.held }
    }

    fn monitor(&self, settings: &Settings) -> MonitorInfo {
        MonitorInfo {
            version: settings.version.clone(),
            now: self.now.into(),
            timezone: settings.zone.name().map(ToOwned::to_owned),
            at: self.snapshot.at.into(),
            health: self.health(),
            last_result: self.snapshot.last_result.map(Into::into),
            faults: self.snapshot.own_faults.len(),
            fault_lines: self.detail.then(|| self.snapshot.own_faults.clone()),
            detail: self.detail,
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts {
            servers: self.snapshot.servers.len(),
            incidents: self.snapshot.incidents.len(),
            ..Counts::default()
        };
        for check in self.snapshot.checks() {
            counts.checks += 1;
            counts.problems += usize::from(is_problem(check));
            *match check.status {
                _ if check.blocked => &mut counts.blocked,
                _ if check.since.is_none() => &mut counts.pending,
                Status::Ok => &mut counts.ok,
                Status::Warning => &mut counts.warning,
                Status::Unknown => &mut counts.unknown,
                Status::Critical => &mut counts.critical,
            } += 1;
        }
        counts
    }

    pub(super) fn server(&self, server: &ServerView) -> Server {
        Server {
            name: server.name.to_string(),
            address: self.detail.then(|| server.address.clone()),
            groups: server.groups.iter().map(ToString::to_string).collect(),
            status: server.status(),
            unreachable: server.unreachable(),
            planned: server.planned.as_ref().map(|planned| self.planned(planned)),
            checks: server.checks.iter().map(|check| self.check(check)).collect(),
        }
    }

    fn planned(&self, planned: &PlannedView) -> Planned {
        Planned {
            kind: match planned.kind {
                PlannedKind::Shutdown => PlannedWork::Shutdown,
                _ => PlannedWork::Restart,
            },
            phase: match planned.phase {
                Phase::Off => PlannedPhase::Off,
                Phase::Back(_) => PlannedPhase::Back,
                _ => PlannedPhase::Leaving,
            },
            by: self.detail.then(|| planned.by.clone()),
            job: planned.job.filter(|_| self.detail),
            since: planned.since.into(),
            until: planned.until.map(Into::into),
        }
    }

    pub(super) fn check(&self, check: &CheckView) -> Check {
        Check {
            id: check.id.to_string(),
            kind: check.kind,
            status: check.status,
            state: state_word(check.kind, check.status).to_owned(),
            since: check.since.map(Into::into),
            pending: check.since.is_none() && !check.blocked,
            blocked: check.blocked,
            current: check.is_current(self.now),
            soft: check.soft.map(|(status, count, of)| Soft { status, count, of }),
            last: check.last.as_ref().map(|last| LastResult {
                at: last.at.into(),
                took_ms: millis(last.took),
                status: last.status,
                seen: self.seen(&last.result),
            }),
            last_value: check.last_value.map(|(at, value)| Value { at: at.into(), value }),
            threshold: check.threshold,
            warn: check.warn,
            interval_ms: millis(check.interval),
            timeout_ms: millis(check.timeout),
            incident: check.incident,
            notifies: check.notifies,
            overruns: check.overruns,
        }
    }

    fn seen(&self, result: &Result<Observation, model::Failure>) -> Seen {
        match result {
            Ok(seen) => Seen {
                value: seen.value(),
                unit: seen.unit().to_owned(),
                on: match seen {
                    Observation::Switch { on, .. } => Some(*on),
                    _ => None,
                },
                numbers: match seen {
                    Observation::Numbers { numbers, .. } => {
                        numbers.iter().map(|number| self.number(number)).collect()
                    }
                    _ => Vec::new(),
                },
                detail: self.told(seen.detail().unwrap_or_default()),
                failure: None,
            },
            Err(failure) => Seen { failure: self.failure(failure), ..Seen::default() },
        }
    }

    fn number(&self, number: &model::Number) -> Number {
        Number {
            name: number.name.clone(),
            value: number.value,
            at: number.at.map(Into::into),
            failure: number.failure.as_ref().and_then(|failure| self.failure(failure)),
        }
    }

    fn failure(&self, failure: &model::Failure) -> Option<Failure> {
        let told = || Failure { kind: failure.kind, message: failure.message.clone() };
        self.detail.then(told)
    }

    /// A text, if there is one and the reader may know it.
    fn told(&self, text: &str) -> Option<String> {
        (self.detail && !text.is_empty()).then(|| text.to_owned())
    }

    /// Open incidents, by number.
    pub(super) fn incidents(&self) -> impl DoubleEndedIterator<Item = Incident> {
        self.snapshot.incidents.iter().map(|incident| self.open_incident(incident))
    }

    pub(super) fn open_incident(&self, incident: &IncidentView) -> Incident {
        Incident {
            number: incident.number,
            check: incident.check.to_string(),
            kind: incident.kind,
            open: true,
            status: incident.status,
            state: state_word(incident.kind, incident.status).to_owned(),
            since: incident.since.into(),
            closed: None,
            close_reason: None,
            seen: self.seen(&incident.last),
            limit: incident.limit,
            acknowledged: incident.acknowledged.as_ref().filter(|_| self.detail).map(|taken| {
                Taken {
                    by: taken.by.clone(),
                    at: taken.at.into(),
                    until: taken.until.map(Into::into),
                    note: taken.note.clone(),
                }
            }),
            silence: incident.silence.as_ref().map(|why| why.word().to_owned()),
            remedies: incident.remedies.iter().filter(|_| self.detail).map(tried).collect(),
        }
    }

    pub(super) fn past_incident(&self, incident: &model::Incident) -> Incident {
        Incident {
            number: incident.number,
            check: incident.check.to_string(),
            kind: incident.kind,
            open: incident.closed.is_none(),
            status: incident.status,
            state: state_word(incident.kind, incident.status).to_owned(),
            since: incident.since.into(),
            closed: incident.closed.map(|(at, _)| at.into()),
            close_reason: incident.closed.map(|(_, reason)| reason),
            seen: self.seen(&incident.last),
            limit: incident.limit,
            acknowledged: None,
            silence: None,
            remedies: Vec::new(),
        }
    }

    /// What history knows of the notices of an incident.
    pub(super) fn notices(
        &self,
        history: &IncidentHistory,
        open: Option<&IncidentView>,
    ) -> Vec<Notice> {
        // What the monitor knows of an open one is newer.
        let told_in = |notice: &model::NoticeRecord| {
            let same = |told: &&Told| {
                (&told.notifier, &told.recipient, told.reason)
                    == (&notice.notifier, &notice.recipient, notice.reason)
            };
            let known = open.and_then(|open| open.told.iter().find(same)?.told_in.as_ref());
            known.or(notice.told_in.as_ref()).map(digest)
        };
        let notice =
            |(notice, attempts): &(model::NoticeRecord, Vec<model::AttemptRecord>)| Notice {
                id: Some(notice.id),
                notifier: notice.notifier.clone(),
                recipient: self.told(&notice.recipient),
                reason: notice.reason,
                at: Some(notice.at.into()),
                state: notice.state,
                state_at: notice.state_at.into(),
                digest: told_in(notice),
                attempts: attempts.iter().map(|attempt| self.attempt(attempt)).collect(),
            };
        history.notices.iter().map(notice).collect()
    }

    /// What the monitor knows of a notice of an open incident.
    pub(super) fn notice(&self, told: &Told) -> Notice {
        Notice {
            id: None,
            notifier: told.notifier.clone(),
            recipient: self.told(&told.recipient),
            reason: told.reason,
            at: None,
            state: told.state,
            state_at: told.at.into(),
            digest: told.told_in.as_ref().map(digest),
            attempts: Vec::new(),
        }
    }

    fn attempt(&self, attempt: &model::AttemptRecord) -> Attempt {
        Attempt {
            attempt: attempt.attempt,
            at: attempt.at.into(),
            took_ms: attempt.took_ms,
            result: attempt.result,
            detail: self.told(&attempt.detail),
        }
    }

    pub(super) fn change(&self, change: &model::StatusChange) -> StatusChange {
        StatusChange {
            at: change.at.into(),
            status: change.status,
            detail: self.told(&change.detail),
        }
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn digest(told: &model::ToldIn) -> NoticeDigest {
    let incidents = told.numbers.ranges().to_vec();
    NoticeDigest { id: told.entry, count: told.count, incidents }
}
