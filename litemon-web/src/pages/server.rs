//! `/servers/NAME`

use litemon_core::{
    model::{CheckKind, Status},
    monitor::{CheckView, ServerView},
};
use maud::{Markup, html};

use super::{
    Block, Drawing, Fragment, chart, gauge, jobs, mark, notice, problems, recent, run, strip, tile,
    told, uptime,
};
use crate::{
    health::Health,
    scene::{Scene, is_problem},
    text::Clean,
};

pub(super) fn draw(scene: &Scene, server: &ServerView) -> Option<Drawing> {
    let problems = server.checks.iter().filter(|check| is_problem(check));
    let state = problems.map(|check| check.status).max().unwrap_or(Status::Ok);
    let heading = html! {
        h1 #verdict { (server.name) " " (tile::badge(scene, server)) }
    };
    Some(Drawing {
        title: server.name.to_string(),
        state: if scene.health() == Health::Ok { state } else { scene.worst() },
        fixed: vec![
            Fragment::new("verdict", heading),
            Fragment::new("summary", summary(scene, server)),
            problems::of_server(scene, &server.name),
            Fragment::new("trends", trends(scene, server)),
            Fragment::new("checks", checks(scene, server)),
            Fragment::new("told", told::told(scene)),
            Fragment::new("record", record(scene)),
        ],
        tiles: run::of_server(scene, &server.name).into_iter().map(Block::Fixed).collect(),
    })
}

fn summary(scene: &Scene, server: &ServerView) -> Markup {
    html! {
        span #summary {
            @if scene.health() == Health::Stale { (scene.words.stale_hint) }
            @else if scene.detail { (scene.words.address) " " (Clean(&server.address)) "." }
        }
    }
}

/// The last day of its resources, each leading to its check.
fn trends(scene: &Scene, server: &ServerView) -> Markup {
    let seen = &scene.kept.server;
    let resources = server.checks.iter().filter(|check| check.kind == CheckKind::Resource);
    html! {
        section #trends aria-label=(scene.words.charts.trends) {
            @if resources.clone().next().is_some() {
                h2.section { (scene.words.charts.trends) }
                (notice::of(scene, seen, |past| past.window.to))
                @if let Some(past) = &seen.value {
                    div.tiles {
                        @for check in resources {
                            @if let Some((_, rows)) = past.trends.iter().find(|(id, _)| *id == check.id) {
                                (chart::trend(scene, check, past.window, rows))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How long it could be reached, and what happened to it.
fn record(scene: &Scene) -> Markup {
    html! {
        div #record {
            (jobs::ran(scene))
            @if let Some(past) = &scene.kept.server.value {
                @if let Some(uptimes) = &past.uptimes {
                    h2.section { (scene.words.charts.availability) }
                    (uptime::uptimes(scene, uptimes))
                }
                (recent::incidents(scene, &past.incidents, true))
            }
        }
    }
}

fn checks(scene: &Scene, server: &ServerView) -> Markup {
    let words = scene.words;
    html! {
        div #checks {
            h2.section { (words.charts.checks) }
            (strip::strip(scene, &server.name))
            div.card {
                table {
                    thead { tr {
                        th scope="col" { (words.check) }
                        th scope="col" { (words.state) }
                        th.right scope="col" { (words.value) }
                        th scope="col" { (words.since_head) }
                        th scope="col" { (words.last_head) }
                    } }
                    tbody { @for check in &server.checks { (row(scene, check)) } }
                }
            }
        }
    }
}

fn row(scene: &Scene, check: &CheckView) -> Markup {
    let words = scene.words;
    let old = check.current_value(scene.now).is_none();
    // An incident that stays open under an unreachable server says nothing of how it is now.
    let since = if check.blocked { check.since } else { scene.began(check) };
    html! {
        tr.(mark::class(check.status)) {
            th scope="row" { a href={ "/checks/" (check.id.as_str()) } { (check.id.name()) } }
            td.state data-label=(words.state) {
                (mark::mark(check.status)) " " (mark::word(words, check))
                @if let Some((_, count, of)) = check.soft { span.soft { (words.attempt(count, of)) } }
            }
            td.right.value.old[old] data-label=(words.value) { (value(scene, check)) }
            td data-label=(words.since_head) { @if let Some(since) = since { (scene.moment_and_age(since)) } }
            td.last data-label=(words.last_head) { (last(scene, check)) }
        }
    }
}

/// The value with its limit; when the last result has none, the last that was measured.
fn value(scene: &Scene, check: &CheckView) -> Markup {
    html! {
        @match (gauge::measured(check), check.last_value) {
            (Some(value), _) => (value),
            (None, Some((at, value))) if check.kind == CheckKind::Resource => {
                span.age { (scene.words.duration(scene.now.since(at))) " " (scene.words.ago) ": " }
                (gauge::number(value, check.threshold)) "\u{a0}%"
            }
            _ => @if check.kind == CheckKind::Resource { span title=(scene.words.no_value) { "–" } },
        }
        @if check.kind == CheckKind::Resource { @if let Some(limit) = check.threshold {
            span.limit { " / " (gauge::number(limit, None)) "\u{a0}%" }
        } }
    }
}

/// When it was last looked at, and the exact words of what was seen, for those who may read them.
/// Why its server cannot be reached is said once, by that server's `ssh`.
fn last(scene: &Scene, check: &CheckView) -> Markup {
    let Some(last) = &check.last else { return html! {} };
    let said = match &last.result {
        Ok(seen) => seen.detail(),
        Err(failure) => Some(failure.message.as_str()),
    };
    html! {
        (scene.moment(last.at, true))
        @if let Some(said) = said.filter(|said| scene.detail && !check.blocked && !said.is_empty()) {
            span.said { " " (Clean(said)) }
        }
    }
}
