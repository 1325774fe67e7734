//! A server on the overview.

use litemon_core::{
    model::{CheckKind, Status},
    monitor::{CheckView, Phase, PlannedKind, PlannedView, ServerView},
};
use maud::{Markup, html};

use super::{Fragment, gauge, mark, strip, verdict};
use crate::scene::{Scene, is_problem};

/// The tile of a server.
pub(crate) fn tile(scene: &Scene, server: &ServerView) -> Fragment {
    let id = format!("t-{}", server.name);
    let down = server.unreachable();
    let html = html! {
        article.card.tile.down[down] #(id) {
            header {
                h3 { a href={ "/servers/" (server.name) } { (server.name) } }
                (badge(scene, server))
            }
            @if down { @if let Some(ssh) = server.ssh() { (why(scene, ssh)) } }
            @if !down && verdict::waits(server) { p.why.quiet { (scene.words.waiting) } }
            @if of(server, CheckKind::Resource).next().is_some() {
                dl.gauges { @for check in of(server, CheckKind::Resource) { (gauge::gauge(scene, check)) } }
            }
            (services(scene, server))
            (strip::strip(scene, &server.name))
        }
    };
    Fragment::new(id, html)
}

pub(super) fn of(server: &ServerView, kind: CheckKind) -> impl Iterator<Item = &CheckView> {
    server.checks.iter().map(AsRef::as_ref).filter(move |check| check.kind == kind)
}

/// What is wrong with it, in its fewest words.
pub(super) fn badge(scene: &Scene, server: &ServerView) -> Markup {
    html! {
        @if let Some((worst, text)) = trouble(scene, server) { span.badge.(mark::class(worst)) { (text) } }
    }
}

/// How bad it is, and what is wrong, in its fewest words.
pub(super) fn trouble(scene: &Scene, server: &ServerView) -> Option<(Status, String)> {
    if let Some(planned) = &server.planned {
        return Some((Status::Unknown, purpose(scene, planned)));
    }
    let words = scene.words;
    let problems: Vec<_> = server.checks.iter().filter(|check| is_problem(check)).collect();
    if problems.is_empty() && verdict::unseen(server) {
        return Some((Status::Unknown, words.unknown.to_owned()));
    }
    let worst = problems.iter().map(|check| check.status).max()?;
    let off = problems.iter().filter(|check| is_off(check)).count();
    let text = match problems.as_slice() {
        _ if server.unreachable() => words.unreachable.to_owned(),
        all if off == all.len() => words.services_off(off),
        [one] => short(scene, one),
        all => words.problems(all.len()),
    };
    Some((worst, text))
}

/// Why its alerts are held, and for whom.
fn purpose(scene: &Scene, planned: &PlannedView) -> String {
    let words = &scene.words.planned;
    let state = match (planned.phase, planned.kind) {
        (Phase::Off, _) => words.off,
        (Phase::Back(_), _) => words.back,
        (_, PlannedKind::Shutdown) => words.leaving,
        _ => words.restarting,
    };
    capital(&if scene.detail { words.by(state, &*planned.by) } else { state.to_owned() })
}

fn is_off(check: &CheckView) -> bool {
    check.kind == CheckKind::Service && check.status == Status::Critical
}

fn short(scene: &Scene, check: &CheckView) -> String {
    let limit = match check.status {
        Status::Critical => check.threshold,
        Status::Warning => check.warn,
        _ => None,
    };
    match limit.filter(|_| check.kind == CheckKind::Resource) {
        Some(limit) => format!("{} {} {limit}\u{a0}%", check.id.name(), scene.words.over),
        None => format!("{} {}", check.id.name(), mark::word(scene.words, check).to_lowercase()),
    }
}

fn why(scene: &Scene, ssh: &CheckView) -> Markup {
    let reason = ssh.last.as_ref().and_then(|last| scene.reason(&last.result));
    html! {
        p.why {
            @if let Some(reason) = &reason { (crate::text::Clean(&capital(reason))) " · " }
            @if let Some(since) = scene.began(ssh) { (scene.since(since)) }
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn services(scene: &Scene, server: &ServerView) -> Markup {
    let switches: Vec<_> = server.checks.iter().filter(|check| is_switch(check.kind)).collect();
    html! {
        @if !switches.is_empty() {
            ul.services { @for check in switches { (service(scene, check)) } }
        }
    }
}

const fn is_switch(kind: CheckKind) -> bool {
    !matches!(kind, CheckKind::Ssh | CheckKind::Resource)
}

/// One that runs is quiet: its word is there for those who hear the page or rest on it.
fn service(scene: &Scene, check: &CheckView) -> Markup {
    let loud = is_problem(check);
    // One that ran when it was last looked at, but that was long ago, is not known to run.
    let known = loud || check.is_current(scene.now);
    let status = if known { check.status } else { Status::Unknown };
    let word = if known { mark::word(scene.words, check) } else { scene.words.unknown };
    let since = scene.began(check).filter(|_| !check.blocked);
    let title = since.map(|at| {
        format!("{word} {} {}", scene.words.since, scene.zone.format("%Y-%m-%d %H:%M:%S %Z", at))
    });
    html! {
        li.(mark::class(status)) title=[title] {
            (mark::mark(status))
            a.name href={ "/checks/" (check.id.as_str()) } { (check.id.name()) } " "
            @if loud {
                span.word { (word) @if let Some(at) = since { " " (scene.words.duration(scene.now.since(at))) } }
            } @else {
                span.hidden { (word) }
            }
        }
    }
}
