//! `/servers`: all of them, a line each.

use litemon_core::{
    model::{CheckKind, Name, Status, Timestamp},
    monitor::{CheckView, ServerView},
};
use maud::{Markup, html};

use super::{
    Block, Drawing, Fragment, List, Shape,
    filter::{self, Column, Filter, Sort},
    gauge, mark, overview, run,
    search::{address, query},
    tile, verdict,
};
use crate::scene::{Scene, is_problem};

pub(super) fn draw(scene: &Scene, filter: &Filter, sort: Sort, chosen: bool) -> Drawing {
    let words = scene.words;
    let mut servers = filter.of(scene);
    sort.order(scene, &mut servers);
    let found = servers.len();
    let all = scene.snapshot.servers.len();
    let title = words.list.count(all, words.numbers.amount(overview::real(all)));
    let keep = [("sort", sort.by.word()), ("dir", sort.word())];
    let keep = if sort == Sort::default() { &[][..] } else { &keep[..] };
    let rows = servers.into_iter().map(|server| row(scene, server, chosen)).collect();
    let list = List { id: "rows".to_owned(), shape: Shape::Rows, items: rows };
    let [_, summary] = verdict::verdict(scene);
    Drawing {
        state: scene.worst(),
        fixed: vec![
            Fragment::new("verdict", html! { h1 #verdict { (title) } }),
            summary,
            overview::found(scene, filter, found, false),
            overview::none(scene, filter, found, "/servers"),
        ],
        tiles: vec![
            Block::Fixed(filter::form(scene, filter, "/servers", keep)),
            Block::Table("servers", head(scene, filter, sort), list),
            Block::Fixed(run::bar(scene, found, &link(filter, sort, true))),
        ],
        title,
    }
}

fn head(scene: &Scene, filter: &Filter, sort: Sort) -> Markup {
    html! {
        thead { tr {
            @if scene.actions().is_some() { td {} }
            @for column in Column::ALL {
                @let chosen = column == sort.by;
                @let falling = if chosen { !sort.falling } else { column.falls() };
                @let next = Sort { by: column, falling };
                th.right[numeric(column)] scope="col" aria-sort=[chosen.then(|| if sort.falling { "descending" } else { "ascending" })] {
                    a href=(link(filter, next, false)) {
                        (name(scene, column))
                        @if chosen { span aria-hidden="true" { (if sort.falling { "\u{a0}↓" } else { "\u{a0}↑" }) } }
                    }
                }
            }
        } }
    }
}

const fn numeric(column: Column) -> bool {
    matches!(column, Column::Cpu | Column::Mem | Column::Hdd | Column::Off)
}

fn name(scene: &Scene, column: Column) -> &'static str {
    let words = scene.words;
    match column {
        Column::State => words.state,
        Column::Name => words.incidents.server,
        Column::Groups => words.list.groups,
        Column::Off => words.list.off,
        Column::Since => words.since_head,
        other => other.word(),
    }
}

/// The address of this list in an order, with all of them selected or none.
pub(super) fn link(filter: &Filter, sort: Sort, chosen: bool) -> String {
    let order = if sort == Sort::default() {
        String::new()
    } else {
        query(&[("sort", Some(sort.by.word())), ("dir", Some(sort.word()))])
    };
    let chosen = if chosen { "select=all".to_owned() } else { String::new() };
    let parts: Vec<_> =
        [filter.query(), order, chosen].into_iter().filter(|part| !part.is_empty()).collect();
    address("/servers", &parts.join("&"))
}

/// By what a server is put in order: whether there is a value, and that value.
pub(super) fn key(scene: &Scene, server: &ServerView, by: Column) -> (bool, Key) {
    match by {
        Column::State => (true, Key::Status(server.unreachable(), filter::status(server))),
        Column::Name => (true, Key::Text(server.name.to_string())),
        Column::Groups => (!server.groups.is_empty(), Key::Text(groups(server))),
        Column::Cpu | Column::Mem | Column::Hdd => {
            let value =
                resource(server, by.word()).and_then(|check| check.current_value(scene.now));
            // In thousandths: a number that has an order.
            #[allow(clippy::cast_possible_truncation, reason = "it saturates")]
            let thousandths = value.map(|value| (value * 1000.0) as i64);
            (value.is_some(), Key::Number(thousandths.unwrap_or(0)))
        }
        Column::Off => (true, Key::Number(i64::try_from(off(server)).unwrap_or(i64::MAX))),
        Column::Since => {
            let since = since(scene, server);
            (since.is_some(), Key::Number(since.map_or(0, Timestamp::as_millis)))
        }
    }
}

/// Of one kind within one column.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Status(bool, Status),
    Text(String),
    Number(i64),
}

fn groups(server: &ServerView) -> String {
    server.groups.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}

fn resource<'a>(server: &'a ServerView, name: &str) -> Option<&'a CheckView> {
    let check = server.check(name).filter(|check| check.kind == CheckKind::Resource)?;
    Some(check)
}

fn off(server: &ServerView) -> usize {
    let off = |check: &CheckView| {
        check.kind == CheckKind::Service && check.status == Status::Critical && is_problem(check)
    };
    server.checks.iter().filter(|check| off(check)).count()
}

/// Since when the first of its problems lasts.
fn since(scene: &Scene, server: &ServerView) -> Option<Timestamp> {
    let problems = server.checks.iter().filter(|check| is_problem(check));
    problems.filter_map(|check| scene.began(check)).min()
}

fn row(scene: &Scene, server: &ServerView, chosen: bool) -> Fragment {
    let id = format!("r-{}", server.name);
    let status = filter::status(server);
    let off = off(server);
    let state = state(scene, server, status);
    let html = html! {
        tr.(mark::class(status)) #(id) {
            @if scene.actions().is_some() { td.pick-cell { (run::pick(scene, &server.name, chosen)) } }
            td.state { (mark::mark(status)) " " (state) }
            th scope="row" { a href={ "/servers/" (server.name) } { (server.name) } }
            td.groups { (groups(server)) }
            @for name in ["cpu", "mem", "hdd"] { (percent(scene, server, name)) }
            (services_off(scene, off, &state))
            td.since { @if let Some(since) = since(scene, server) { (scene.moment(since, false)) } }
        }
    };
    Fragment::new(id, html)
}

/// A number below its heading; on a phone, which has none, a sentence, unless the state says it.
fn services_off(scene: &Scene, off: usize, state: &str) -> Markup {
    let sentence = scene.words.services_off(off);
    html! {
        td.right.off.said[sentence == state] {
            @if off > 0 { b { (off) } span.label { (sentence) } }
        }
    }
}

fn state(scene: &Scene, server: &ServerView, status: Status) -> String {
    match (tile::trouble(scene, server), status) {
        (Some((_, text)), _) => text,
        (None, Status::Ok) => scene.words.ok.to_owned(),
        (None, _) => scene.words.waiting.to_owned(),
    }
}

/// Only what is known now: an old value has no room for its age here.
fn percent(scene: &Scene, server: &ServerView, name: &str) -> Markup {
    let check = resource(server, name);
    let value = check.and_then(|check| check.current_value(scene.now));
    let limit = check.and_then(|check| check.threshold.or(check.warn));
    let class =
        check.filter(|check| is_problem(check)).map_or("", |check| mark::class(check.status));
    html! {
        td.right.percent.(class) {
            @match (check, value) {
                (Some(_), Some(value)) => {
                    span.label { (name) " " } (gauge::number(value, limit)) span.unit { "%" }
                }
                (Some(_), None) => { span.label { (name) " " } span.none title=(scene.words.no_value) { "–" } }
                (None, _) => {}
            }
        }
    }
}
