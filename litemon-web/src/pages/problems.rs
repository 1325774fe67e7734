//! What needs a person, a sentence each.

use litemon_core::{
    model::{CheckKind, EventKind, FailureKind, Name, NoticeState, Status},
    monitor::{CheckView, IncidentView, Told},
};
use maud::{Markup, html};

use super::{Fragment, gauge, mark::mark};
use crate::{
    scene::{Problem, Scene},
    text::Clean,
};

/// The problems of checks; the monitor's own are told by its own lines, where there are any.
pub(crate) fn listed(scene: &Scene) -> Vec<Problem<'_>> {
    let own = !scene.snapshot.own_faults.is_empty();
    let told_elsewhere = |check: &CheckView| own && check.kind == CheckKind::Own;
    scene.problems().into_iter().filter(|problem| !told_elsewhere(problem.check)).collect()
}

/// All of them, the monitor's own first.
pub(crate) fn problems(scene: &Scene) -> Fragment {
    list(scene, &scene.snapshot.own_faults, &listed(scene))
}

/// Those of one server.
pub(super) fn of_server(scene: &Scene, server: &Name) -> Fragment {
    let mut problems = listed(scene);
    problems.retain(|problem| problem.check.id.owner() == server.as_str());
    list(scene, &[], &problems)
}

fn list(scene: &Scene, own: &[String], list: &[Problem<'_>]) -> Fragment {
    let html = html! {
        div #problems {
            @if !list.is_empty() || !own.is_empty() {
                ul.card.problems {
                    @for line in own { (own_fault(scene, line)) }
                    @for problem in list { (row(scene, problem)) }
                }
            }
        }
    };
    Fragment::new("problems", html)
}

fn own_fault(scene: &Scene, line: &str) -> Markup {
    html! {
        li {
            (mark(Status::Critical))
            p.what { b { (scene.words.own_fault) } @if scene.detail { " — " (Clean(line)) } }
        }
    }
}

fn row(scene: &Scene, problem: &Problem<'_>) -> Markup {
    let since = scene.began(problem.check);
    html! {
        li {
            (mark(problem.check.status))
            p.what { (sentence(scene, problem.check)) }
            p.when {
                @if let Some(since) = since { (scene.since(since)) }
                @for told in told(scene, problem) { span.told { " · " (told) } }
            }
        }
    }
}

/// What is wrong, in bold, and why.
pub(crate) fn sentence(scene: &Scene, check: &CheckView) -> Markup {
    let reason = check.last.as_ref().and_then(|last| scene.reason(&last.result));
    html! {
        b { (subject(check)) " " (predicate(scene, check)) }
        @if let Some(limit) = passed(check) {
            ", " (scene.words.above) " " (gauge::number(limit, None)) "\u{a0}%"
            @if let Some(detail) = detail(scene, check) { " — " (Clean(detail)) }
        }
        @if let Some(reason) = reason { " — " (Clean(&reason)) }
    }
}

fn subject(check: &CheckView) -> Markup {
    html! {
        @match check.kind {
            CheckKind::Ssh => a href={ "/servers/" (check.id.owner()) } { (check.id.owner()) },
            CheckKind::Resource | CheckKind::Service => {
                a href={ "/servers/" (check.id.owner()) } { (check.id.owner()) } " " (check.id.name())
            }
            _ => (check.id.as_str()),
        }
    }
}

fn predicate(scene: &Scene, check: &CheckView) -> String {
    let words = scene.words;
    if let (Some(_), Some(value)) = (passed(check), gauge::measured(check)) {
        return value;
    }
    match (check.kind, check.status) {
        (_, Status::Unknown) => words.is_unknown,
        (_, Status::Warning) => words.warns,
        (CheckKind::Ssh, _) => unreachable(scene, check),
        (CheckKind::Service, _) => words.is_off,
        _ => words.failed,
    }
    .to_owned()
}

/// Why a server cannot be logged in to says what to do, so the sentence names it.
fn unreachable(scene: &Scene, check: &CheckView) -> &'static str {
    let failure = check.last.as_ref().and_then(|last| last.result.as_ref().err());
    match failure.filter(|_| scene.detail).map(|failure| failure.kind) {
        Some(FailureKind::Auth) => scene.words.refuses_login,
        Some(FailureKind::HostKey) => scene.words.key_untrusted,
        Some(FailureKind::Busy) => scene.words.is_busy,
        _ => scene.words.is_unreachable,
    }
}

/// The limit that a resource's value is above.
fn passed(check: &CheckView) -> Option<f64> {
    let value = check.last.as_ref()?.result.as_ref().ok()?.value()?;
    let limit = match check.status {
        Status::Critical => check.threshold,
        Status::Warning => check.warn,
        _ => None,
    };
    limit.filter(|limit| check.kind == CheckKind::Resource && value > *limit)
}

fn detail<'a>(scene: &Scene, check: &'a CheckView) -> Option<&'a str> {
    check.last.as_ref()?.result.as_ref().ok()?.detail().filter(|_| scene.detail)
}

/// Who was told, one line for each notifier; in public only that and when.
fn told(scene: &Scene, problem: &Problem<'_>) -> Vec<Markup> {
    let Some(incident) = problem.incident else {
        return if problem.check.notifies { Vec::new() } else { vec![nobody(scene)] };
    };
    if incident.told.is_empty() && !problem.check.notifies {
        return vec![nobody(scene)];
    }
    latest(incident).into_iter().map(|told| line(scene, told)).collect()
}

fn nobody(scene: &Scene) -> Markup {
    html! { (scene.words.nobody) }
}

/// The notice that is told of each notifier: the one that is furthest from having arrived, of
/// equals the newest. At most three notifiers.
fn latest(incident: &IncidentView) -> Vec<&Told> {
    let mut chosen: Vec<&Told> = Vec::new();
    let tells = |told: &&Told| {
        told.reason.event() == EventKind::Problem && told.state != NoticeState::Superseded
    };
    for told in incident.told.iter().filter(tells) {
        match chosen.iter_mut().find(|other| other.notifier == told.notifier) {
            Some(other) if worry(told.state) >= worry(other.state) => *other = told,
            Some(_) => {}
            None => chosen.push(told),
        }
    }
    chosen.truncate(3);
    chosen
}

const fn worry(state: NoticeState) -> u8 {
    match state {
        NoticeState::Dead => 3,
        NoticeState::Pending => 2,
        NoticeState::Queued => 1,
        _ => 0,
    }
}

fn line(scene: &Scene, told: &Told) -> Markup {
    let words = scene.words;
    html! {
        @if scene.detail { (Clean(&told.notifier)) " " }
        @match told.state {
            NoticeState::Accepted => { (words.told) " " (scene.moment(told.at, true)) }
            NoticeState::Queued => { (words.queued) " " (scene.moment(told.at, true)) }
            NoticeState::Dead => b { (words.not_reached) },
            _ => (words.telling),
        }
    }
}
