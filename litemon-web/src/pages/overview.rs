//! `/`

use litemon_core::{
    model::{CheckKind, Name, Status},
    monitor::{CheckView, ServerView},
};
use maud::{Markup, html};

use super::{
    Block, Drawing, Fragment, List, Shape, duty,
    filter::{self, Filter},
    mark, messaging, problems, statistics, tile, verdict,
};
use crate::scene::{Scene, is_problem};

/// Of more servers than these, those that are well are shown as their names only.
const TILES: usize = 60;

pub(super) fn draw(scene: &Scene, filter: &Filter) -> Drawing {
    let [heading, summary] = verdict::verdict(scene);
    let servers = filter.of(scene);
    let found = servers.len();
    let mut tiles = vec![Block::Fixed(filter::form(scene, filter, "/", &[]))];
    tiles.extend(blocks(scene, &servers));
    Drawing {
        title: verdict::headline(scene),
        state: scene.worst(),
        fixed: vec![
            heading,
            summary,
            problems::problems(scene),
            self::found(scene, filter, found, true),
            none(scene, filter, found, "/"),
            messaging::messaging(scene),
            statistics::statistics(scene),
            others(scene),
            duty::duty(scene),
        ],
        tiles,
    }
}

/// How many servers there are, and how many of them are shown; where the first is said already,
/// not `always`.
pub(super) fn found(scene: &Scene, filter: &Filter, found: usize, always: bool) -> Fragment {
    let words = scene.words;
    let all = scene.snapshot.servers.len();
    let number = |count: usize| words.numbers.amount(real(count));
    let text =
        if filter.narrows() { words.list.found(number(found), number(all)) } else { number(all) };
    let html = html! {
        h2.section #count hidden[all == 0 || !(always || filter.narrows())] { (words.servers) " " span.count { (text) } }
    };
    Fragment::new("count", html)
}

/// A count as a number to be written.
pub(super) fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// What is said in place of servers when none is as was asked.
pub(super) fn none(scene: &Scene, filter: &Filter, found: usize, path: &str) -> Fragment {
    let words = &scene.words.list;
    let html = html! {
        div #none {
            @if found == 0 && filter.narrows() {
                p.card.hint { (words.none) " " a.link href=(path) { (words.show_all) } }
            }
        }
    };
    Fragment::new("none", html)
}

/// Servers by their first group, where there are groups; always all groups, so that what a reader
/// folds or looks for changes only what is in them.
fn blocks(scene: &Scene, servers: &[&ServerView]) -> Vec<Block> {
    let compact = servers.len() > TILES;
    let most = |parts: usize| compact.then(|| (TILES / parts.max(1)).max(4));
    let groups = filter::groups(scene);
    if groups.is_empty() {
        let [tiles, names] = lists(scene, servers, most(1), "tiles", "names");
        return vec![Block::List(tiles), Block::List(names)];
    }
    let mut firsts: Vec<Option<&Name>> = groups.into_iter().map(Some).collect();
    firsts.push(None);
    // One that is nobody's first group has no servers to show.
    firsts.retain(|group| {
        scene.snapshot.servers.iter().any(|server| server.groups.first() == *group)
    });
    let most = most(firsts.len());
    firsts.into_iter().map(|name| group(scene, servers, most, name)).collect()
}

fn group(
    scene: &Scene,
    servers: &[&ServerView],
    most: Option<usize>,
    name: Option<&Name>,
) -> Block {
    let inside: Vec<&ServerView> =
        servers.iter().filter(|server| server.groups.first() == name).copied().collect();
    // No name begins with a dash.
    let key = name.map_or("-", Name::as_str);
    Block::Group {
        key: key.to_owned(),
        hidden: inside.is_empty(),
        summary: summary(scene, &inside, key, name),
        lists: lists(scene, &inside, most, &format!("gt-{key}"), &format!("gn-{key}")),
    }
}

/// The name of a group and how it is: what is left when it is folded.
fn summary(scene: &Scene, inside: &[&ServerView], key: &str, name: Option<&Name>) -> Fragment {
    let words = scene.words;
    let worst = inside.iter().map(|server| filter::status(server)).max().unwrap_or(Status::Ok);
    let all = inside.iter().flat_map(|server| &server.checks);
    let problems = all.filter(|check| is_problem(check)).count();
    let verdict = match (problems, worst) {
        (0, Status::Ok) => words.ok.to_owned(),
        (0, _) if inside.iter().any(|server| verdict::waits(server)) => words.waiting.to_owned(),
        (0, _) => words.unknown.to_owned(),
        (count, _) => words.problems(count),
    };
    let id = format!("gs-{key}");
    let html = html! {
        summary #(id) {
            (mark::mark(worst)) " "
            b { (name.map_or(words.list.no_group, Name::as_str)) } " "
            span.count { (inside.len()) } " "
            span.badge.(mark::class(worst)) { (verdict) }
        }
    };
    Fragment::new(id, html)
}

/// Tiles, and the names of those that have none: where there is a `most`, only what is not well has
/// a tile, and no more than so many.
fn lists(
    scene: &Scene,
    servers: &[&ServerView],
    most: Option<usize>,
    tiles: &str,
    names: &str,
) -> [List; 2] {
    let (large, small): (Vec<_>, Vec<_>) = servers
        .iter()
        .copied()
        .partition(|server| most.is_none() || filter::status(server) != Status::Ok);
    let (large, more) = large.split_at(large.len().min(most.unwrap_or(usize::MAX)));
    let large = large.iter().map(|server| tile::tile(scene, server)).collect();
    let small = more.iter().chain(&small).map(|server| named(server)).collect();
    [
        List { id: tiles.to_owned(), shape: Shape::Tiles, items: large },
        List { id: names.to_owned(), shape: Shape::Names, items: small },
    ]
}

fn named(server: &ServerView) -> Fragment {
    let id = format!("n-{}", server.name);
    let html = html! {
        a.small #(id) href={ "/servers/" (server.name) } { (mark::mark(filter::status(server))) (server.name) }
    };
    Fragment::new(id, html)
}

/// Checks that belong to no server and have no place of their own.
fn others(scene: &Scene) -> Fragment {
    let elsewhere =
        |check: &&CheckView| matches!(check.kind, CheckKind::Messaging | CheckKind::Statistic);
    let all = scene.snapshot.others.iter().map(AsRef::as_ref);
    let list: Vec<&CheckView> = all.filter(|check| !elsewhere(check)).collect();
    let html = html! {
        section #others {
            @if !list.is_empty() {
                h2.section { (scene.words.other_checks) " " span.count { (list.len()) } }
                ul.card.rows { @for check in &list { (other(scene, check)) } }
            }
        }
    };
    Fragment::new("others", html)
}

fn other(scene: &Scene, check: &CheckView) -> Markup {
    html! {
        li {
            (mark::mark(messaging::shown(scene, check)))
            a.name href={ "/checks/" (check.id.as_str()) } { (check.id.as_str()) }
            span.word { (mark::word(scene.words, check)) }
            @if let Some(since) = check.since { span.when { (scene.since(since)) } }
        }
    }
}
