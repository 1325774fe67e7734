//! The page's first words: how it all is.

use litemon_core::monitor::ServerView;
use maud::{Markup, html};

use super::Fragment;
use crate::{
    health::Health,
    scene::{Scene, is_problem},
};

/// How it all is, in a few words.
pub(crate) fn headline(scene: &Scene) -> String {
    let words = scene.words;
    match (scene.health(), problems(scene), scene.snapshot.servers.len()) {
        (Health::Stale, ..) => words.stale.to_owned(),
        (Health::Starting, ..) => words.waiting.to_owned(),
        (Health::Isolated, ..) => words.isolated.to_owned(),
        (Health::Journal, 0, _) => words.problems(1),
        (_, 0, 0) if scene.snapshot.checks().next().is_none() => words.nothing.to_owned(),
        (_, 0, _) if scene.snapshot.servers.iter().any(|server| waits(server)) => {
            words.waiting.to_owned()
        }
        (_, 0, 0) => words.all_checks(scene.snapshot.others.len()),
        (_, 0, servers) => words.all_run(servers),
        (_, count, _) => words.problems(count),
    }
}

fn problems(scene: &Scene) -> usize {
    super::problems::listed(scene).len() + scene.snapshot.own_faults.len()
}

/// The heading and the line below it.
pub(crate) fn verdict(scene: &Scene) -> [Fragment; 2] {
    let heading = html! { h1 #verdict { (headline(scene)) } };
    let line = html! { span #summary { (summary(scene)) } };
    [Fragment::new("verdict", heading), Fragment::new("summary", line)]
}

fn summary(scene: &Scene) -> Markup {
    let words = scene.words;
    let servers = &scene.snapshot.servers;
    html! {
        @match scene.health() {
            Health::Stale => (words.stale_hint),
            Health::Starting => (words.waiting_hint),
            Health::Journal => (words.journal_hint),
            Health::Isolated => {
                (words.isolated_hint) " "
                @if let Some(at) = scene.snapshot.isolated { (words.cut_off) " " (scene.since(at)) "." }
            }
            Health::Ok if scene.snapshot.checks().next().is_none() => (words.nothing_hint),
            Health::Ok => {
                @let fine = servers.iter().filter(|server| runs(server)).count();
                @if fine < servers.len() { (words.some_run(fine, servers.len())) }
            }
        }
    }
}

/// Whether some check of it has no result yet.
pub(super) fn waits(server: &ServerView) -> bool {
    server.checks.iter().any(|check| check.since.is_none() && !check.blocked)
}

/// Whether nothing is known of it, since the way to it is away.
pub(super) fn unseen(server: &ServerView) -> bool {
    server.ssh().is_some_and(|ssh| ssh.blocked)
}

fn runs(server: &ServerView) -> bool {
    !waits(server) && !unseen(server) && !server.checks.iter().any(|check| is_problem(check))
}
