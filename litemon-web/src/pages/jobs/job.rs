//! `/jobs/ID`: the verdict, what went wrong where, and each server with its output.

use litemon_core::manage::{
    Via,
    jobs::{Job, What},
};
use maud::{Markup, html};

use super::{
    super::{Block, Drawing, Fragment, bar},
    Sight, Tail,
    outcome::{self, Tally},
    rolled, row, same, what,
};
use crate::{scene::Scene, text::Clean};

/// More failures are not told in sentences; each server's line says it.
const MOST: usize = 20;

pub(crate) fn draw(scene: &Scene, sight: &Sight) -> Drawing {
    let job = &sight.job;
    let tally = Tally::of(job);
    let none = Tail::default();
    let tails = sight.tails.iter().chain(std::iter::repeat(&none));
    let rows = job.results.iter().zip(tails);
    let name = what::short(scene.words, &job.order.what);
    let verdict = tally.verdict(scene.words);
    Drawing {
        title: format!("{name}: {verdict}"),
        state: scene.worst(),
        fixed: vec![
            Fragment::new("verdict", html! { h1 #verdict { (Clean(&name)) ": " (verdict) } }),
            Fragment::new("running", bar::running(scene.words, scene.running.unwrap_or_default())),
            Fragment::new("summary", summary(scene, job)),
            rolled::notice(scene, job),
            Fragment::new("problems", problems(scene, job)),
            Fragment::new("controls", controls(scene, job, tally)),
            same::section(scene, &sight.groups),
        ],
        tiles: vec![
            Block::Fixed(form(scene)),
            Block::Folds(rows.map(|(one, tail)| row::row(scene, job, one, tail)).collect()),
        ],
    }
}

/// What the buttons of the page are sent with.
fn form(scene: &Scene) -> Markup {
    html! { form #job method="post" { (scene.csrf()) } }
}

/// The number, who, when, how long, and within which limits.
fn summary(scene: &Scene, job: &Job) -> Markup {
    let words = &scene.words.jobs;
    html! {
        span #summary {
            "#" (job.id) " · " (words.by(who(job))) " · " (scene.moment_and_age(job.created))
            @if let Some(ended) = job.ended {
                " · " (words.took.to_lowercase()) " " (scene.words.duration(ended.since(job.created)))
            }
            @if let Some(name) = &job.order.planned { " · " (words.planned_as(name.as_str())) }
            @for limit in limits(scene, job) { " · " (limit) }
            @if let Some(number) = job.order.retry_of {
                " · " a.link href={ "/jobs/" (number) } { (words.retry_of(number.to_string())) }
            }
            @if let Some(command) = long(scene, &job.order.what) {
                code.command { (Clean(command)) }
            }
        }
    }
}

/// A command that is too long for the heading.
fn long<'a>(scene: &Scene, what: &'a What) -> Option<&'a str> {
    match what {
        What::Command(command) if *command != what::short(scene.words, what) => Some(command),
        _ => None,
    }
}

/// The name, and by which way it came where that was not a login.
pub(super) fn who(job: &Job) -> String {
    match &job.by.via {
        Via::Token(token) => format!("{} ({token})", job.by.name),
        _ => job.by.name.clone(),
    }
}

fn limits(scene: &Scene, job: &Job) -> Vec<String> {
    let words = &scene.words.jobs;
    let order = &job.order;
    let at_once = order.at_once.map(|count| match count {
        1 if job.results.len() > 1 => words.one_by_one.to_owned(),
        count => words.at_once(count),
    });
    let limit = order.limit.map(|limit| words.limit_each(scene.words.duration(limit)));
    let sudo = order.sudo.then(|| words.as_root.to_owned());
    let pty = order.pty.then(|| words.terminal.to_owned());
    let rolling = order.rolling.iter().flat_map(|order| rolled::limits(scene.words, order));
    [sudo, pty, at_once, limit].into_iter().flatten().chain(rolling).collect()
}

/// What did not succeed, a sentence each.
fn problems(scene: &Scene, job: &Job) -> Markup {
    let failed: Vec<_> = outcome::failures(job).collect();
    html! {
        div #problems {
            @if !failed.is_empty() && job.results.len() > 1 {
                ul.card.problems {
                    @for one in failed.iter().take(MOST) {
                        li {
                            (outcome::mark(outcome::class(&one.stage)))
                            p.what {
                                b { a href={ "#d-" (one.server) } { (one.server) } } " "
                                (outcome::word(scene.words, &one.stage))
                                @if let Some(detail) = outcome::detail(scene, &one.stage) { " — " (Clean(&detail)) }
                            }
                            p.when { @if let Some(ended) = one.ended { (scene.moment(ended, true)) } }
                        }
                    }
                }
            }
        }
    }
}

/// The one thing to do next.
fn controls(scene: &Scene, job: &Job, tally: Tally) -> Markup {
    let words = &scene.words.jobs;
    let again = tally.failed + tally.cancelled + tally.not_begun;
    html! {
        p.actions #controls {
            @if job.ended.is_none() {
                @if let Some(button) = rolled::button(scene, job) { (button) " " }
                button.button type="submit" form="job" formaction={ "/jobs/" (job.id) "/cancel" } { (words.cancel) }
            } @else if again > 0 {
                button.button type="submit" form="job" formaction={ "/jobs/" (job.id) "/retry" } { (words.again(again)) }
            }
            a.button.plain href="/servers" { (words.to_servers) }
        }
    }
}
