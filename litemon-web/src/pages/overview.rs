//! `/`

use maud::html;

use super::{Drawing, Fragment, mark, problems, tile, verdict};
use crate::scene::Scene;

pub(super) fn draw(scene: &Scene) -> Drawing {
    let [heading, summary] = verdict::verdict(scene);
    Drawing {
        title: verdict::headline(scene),
        state: scene.worst(),
        fixed: vec![heading, summary, problems::problems(scene), count(scene), others(scene)],
        tiles: scene.servers().into_iter().map(|server| tile::tile(scene, server)).collect(),
    }
}

fn count(scene: &Scene) -> Fragment {
    let count = scene.snapshot.servers.len();
    let html = html! {
        h2.section #count hidden[count == 0] { (scene.words.servers) " " span.count { (count) } }
    };
    Fragment::new("count", html)
}

/// Checks that belong to no server.
fn others(scene: &Scene) -> Fragment {
    let list = &scene.snapshot.others;
    let html = html! {
        section #others {
            @if !list.is_empty() {
                h2.section { (scene.words.other_checks) " " span.count { (list.len()) } }
                ul.card.rows {
                    @for check in list {
                        li {
                            (mark::mark(check.status))
                            span.name { (check.id.as_str()) }
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
