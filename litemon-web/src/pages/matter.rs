//! What is, or was, wrong with a check: one sentence, wherever it is told.

use litemon_core::{
    model::{CheckId, CheckKind, Failure, FailureKind, Incident, Observation, Status},
    monitor::{CheckView, IncidentView},
};
use maud::{Markup, html};

use super::gauge;
use crate::{scene::Scene, text::Clean, words::Words};

/// A check's trouble.
#[derive(Clone, Copy)]
pub(super) struct Matter<'a> {
    pub(super) check: &'a CheckId,
    pub(super) kind: CheckKind,
    pub(super) status: Status,
    pub(super) seen: Option<&'a Result<Observation, Failure>>,
    pub(super) limit: Option<f64>,
    pub(super) over: bool,
}

impl<'a> From<&'a CheckView> for Matter<'a> {
    fn from(check: &'a CheckView) -> Self {
        let limit = match check.status {
            Status::Critical => check.threshold,
            Status::Warning => check.warn,
            _ => None,
        };
        let seen = check.last.as_ref().map(|last| &last.result);
        let (kind, status) = (check.kind, check.status);
        Self { check: &check.id, kind, status, seen, limit, over: false }
    }
}

impl<'a> From<&'a IncidentView> for Matter<'a> {
    fn from(incident: &'a IncidentView) -> Self {
        Self {
            check: &incident.check,
            kind: incident.kind,
            status: incident.status,
            seen: Some(&incident.last),
            limit: incident.limit,
            over: false,
        }
    }
}

/// One that is over; what it was at its worst.
impl<'a> From<&'a Incident> for Matter<'a> {
    fn from(incident: &'a Incident) -> Self {
        Self {
            check: &incident.check,
            kind: incident.kind,
            status: incident.worst,
            seen: Some(&incident.last),
            limit: incident.limit,
            over: true,
        }
    }
}

impl Matter<'_> {
    /// `server3 chat is Off`
    pub(super) fn headline(&self, scene: &Scene) -> String {
        format!("{} {}", self.subject(), self.predicate(scene))
    }

    /// What it is about.
    pub(super) fn subject(&self) -> String {
        match self.kind {
            CheckKind::Ssh => self.check.owner().to_owned(),
            CheckKind::Resource | CheckKind::Service => {
                format!("{} {}", self.check.owner(), self.check.name())
            }
            _ => self.check.as_str().to_owned(),
        }
    }

    /// What is to be said beside the headline: the limit, and why.
    pub(super) fn beside(&self, scene: &Scene) -> Markup {
        let reason = self.seen.and_then(|seen| scene.reason(seen));
        html! {
            @if let Some(limit) = self.passed() {
                ", " (scene.words.above) " " (gauge::limit(self.unit(), limit))
                @if let Some(detail) = self.detail(scene) { " — " (Clean(detail)) }
            }
            @if let Some(reason) = reason { " — " (Clean(&reason)) }
        }
    }

    /// The page of the server that it is about.
    pub(super) fn server(&self) -> Option<&str> {
        let of_server =
            matches!(self.kind, CheckKind::Ssh | CheckKind::Resource | CheckKind::Service);
        of_server.then(|| self.check.owner())
    }

    fn predicate(&self, scene: &Scene) -> String {
        let words = scene.words;
        match (self.measured(), self.over) {
            (Some(value), false) => value,
            (Some(value), true) => format!("{} {value}", words.incidents.was),
            (None, false) => self.present(scene).to_owned(),
            (None, true) => self.past(words).to_owned(),
        }
    }

    fn present(&self, scene: &Scene) -> &'static str {
        let words = scene.words;
        match (self.kind, self.status) {
            (_, Status::Unknown) => words.is_unknown,
            (_, Status::Warning) => words.warns,
            (CheckKind::Ssh, _) => self.unreachable(scene),
            (CheckKind::Service, _) => words.is_off,
            _ if matches!(self.seen, Some(Ok(Observation::Judged { .. }))) => words.is_critical,
            _ => words.failed,
        }
    }

    const fn past(&self, words: &Words) -> &'static str {
        match (self.kind, self.status) {
            (_, Status::Unknown) => words.incidents.was_unknown,
            (_, Status::Warning) => words.incidents.had_warned,
            (CheckKind::Ssh, _) => words.incidents.was_unreachable,
            (CheckKind::Service, _) => words.incidents.was_off,
            _ => words.incidents.had_failed,
        }
    }

    /// Why a server cannot be logged in to says what to do, so the sentence names it.
    fn unreachable(&self, scene: &Scene) -> &'static str {
        let failure = self.seen.and_then(|seen| seen.as_ref().err());
        match failure.filter(|_| scene.detail).map(|failure| failure.kind) {
            Some(FailureKind::Auth) => scene.words.refuses_login,
            Some(FailureKind::HostKey) => scene.words.key_untrusted,
            Some(FailureKind::Busy) => scene.words.is_busy,
            _ => scene.words.is_unreachable,
        }
    }

    /// The value that is above its limit, or, once it is over, that was its trouble.
    fn measured(&self) -> Option<String> {
        let value = self.value()?;
        let bad = matches!(self.status, Status::Critical | Status::Warning);
        let told = self.passed().is_some() || (self.over && bad);
        told.then(|| gauge::with_unit(value, self.unit(), self.limit))
    }

    fn value(&self) -> Option<f64> {
        let seen = self.seen?.as_ref().ok()?;
        // What judges itself says in words why, unless it was a limit.
        let judged = matches!(seen, Observation::Judged { .. });
        seen.value().filter(|_| !judged || self.limit.is_some())
    }

    fn unit(&self) -> &str {
        self.seen.and_then(|seen| seen.as_ref().ok()).map_or("%", Observation::unit)
    }

    /// The limit that the value is above.
    fn passed(&self) -> Option<f64> {
        let value = self.value()?;
        self.limit.filter(|limit| value > *limit)
    }

    fn detail(&self, scene: &Scene) -> Option<&str> {
        self.seen?.as_ref().ok()?.detail().filter(|_| scene.detail)
    }
}
