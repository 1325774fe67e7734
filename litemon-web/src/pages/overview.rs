//! `/`

use litemon_core::{model::CheckKind, monitor::CheckView};
use maud::html;

use super::{Block, Drawing, Fragment, mark, messaging, problems, statistics, tile, verdict};
use crate::scene::Scene;

pub(super) fn draw(scene: &Scene) -> Drawing {
    let [heading, summary] = verdict::verdict(scene);
    Drawing {
        title: verdict::headline(scene),
        state: scene.worst(),
        fixed: vec![
            heading,
            summary,
            problems::problems(scene),
            count(scene),
            messaging::messaging(scene),
            statistics::statistics(scene),
            others(scene),
        ],
        tiles: vec![Block::List {
            id: "tiles",
            items: scene.servers().into_iter().map(|server| tile::tile(scene, server)).collect(),
        }],
    }
}

fn count(scene: &Scene) -> Fragment {
    let count = scene.snapshot.servers.len();
    let html = html! {
        h2.section #count hidden[count == 0] { (scene.words.servers) " " span.count { (count) } }
    };
    Fragment::new("count", html)
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
                ul.card.rows {
                    @for check in &list {
                        li {
                            (mark::mark(check.status))
                            a.name href={ "/checks/" (check.id.as_str()) } { (check.id.as_str()) }
                            span.word { (mark::word(scene.words, check)) }
                            @if let Some(since) = check.since { span.when { (scene.since(since)) } }
                        }
                    }
                }
            }
        }
    };
    Fragment::new("others", html)
}
