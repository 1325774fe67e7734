//! What needs a person, a sentence each.

use litemon_core::{
    model::{CheckKind, EventKind, Name, NoticeState, Status, Timestamp},
    monitor::{CheckView, IncidentView, Told},
};
use maud::{Markup, html};

use super::{Fragment, mark::mark, matter::Matter, silence};
use crate::{
    scene::{Problem, Scene},
    text::Clean,
};

/// More are not read; the servers that have them are a link away.
const MOST: usize = 50;

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
                    @for problem in list.iter().take(MOST) { (row(scene, problem)) }
                    @if list.len() > MOST { (more(scene, list.len() - MOST)) }
                }
            }
        }
    };
    Fragment::new("problems", html)
}

fn more(scene: &Scene, count: usize) -> Markup {
    let count = scene.words.numbers.amount(super::overview::real(count));
    html! {
        li { span {} p.what { a.link href="/servers?state=problem" { (scene.words.list.more(&count)) } } }
    }
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
    let told = told(scene, problem);
    line_of(scene, Matter::from(problem.check), scene.began(problem.check), problem.incident, &told)
}

/// An open incident, in the same words.
pub(super) fn incident(scene: &Scene, incident: &IncidentView) -> Markup {
    let told: Vec<_> = latest(incident).into_iter().map(|told| line(scene, told)).collect();
    line_of(scene, Matter::from(incident), Some(incident.since), Some(incident), &told)
}

/// What is wrong, with the way to the incident, or else to the server.
fn line_of(
    scene: &Scene,
    matter: Matter<'_>,
    since: Option<Timestamp>,
    incident: Option<&IncidentView>,
    told: &[Markup],
) -> Markup {
    let href = incident
        .map(|incident| format!("/incidents/{}", incident.number))
        .or_else(|| Some(format!("/servers/{}", matter.server()?)));
    html! {
        li {
            (mark(matter.status))
            p.what {
                b { @match href {
                    Some(href) => a href=(href) { (matter.headline(scene)) },
                    None => (matter.headline(scene)),
                } }
                (matter.beside(scene))
            }
            p.when {
                @if let Some(incident) = incident { "#" (incident.number) " · " }
                @if let Some(since) = since { (scene.since(since)) }
                @for told in told { span.told { " · " (told) } }
                @for line in incident.map(|incident| silence::lines(scene, incident)).unwrap_or_default() {
                    span.told { " · " (line) }
                }
            }
        }
    }
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
        NoticeState::Dead | NoticeState::Undelivered => 3,
        NoticeState::Pending | NoticeState::Held => 2,
        NoticeState::Queued => 1,
        _ => 0,
    }
}

pub(super) fn line(scene: &Scene, told: &Told) -> Markup {
    let words = scene.words;
    html! {
        @if scene.detail { (Clean(&told.notifier)) " " }
        @match told.state {
            NoticeState::Accepted => { (words.told) " " (scene.moment(told.at, true)) }
            NoticeState::Queued => { (words.queued) " " (scene.moment(told.at, true)) }
            NoticeState::Delivered => { (words.delivered) " " (scene.moment(told.at, true)) }
            NoticeState::Undelivered => b { (words.undelivered) },
            NoticeState::Dead => b { (words.not_reached) },
            NoticeState::Gathered => { (words.told) " " (scene.moment(told.at, true)) }
            NoticeState::Held => { (words.held) " " (scene.moment(told.at, true)) }
            _ => (words.telling),
        }
        @if let Some(digest) = &told.told_in { ", " (words.together(digest.count)) }
        @else if told.state == NoticeState::Gathered { ", " (words.with_others) }
    }
}
