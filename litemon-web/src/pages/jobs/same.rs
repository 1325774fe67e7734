//! Outputs that are the same, told once with how many servers gave them, and what differs.

use maud::{Markup, html};

use super::{super::Fragment, Same};
use crate::scene::Scene;

/// So many servers are named; the others are counted.
const NAMED: usize = 12;
/// So many different outputs are shown.
const MOST: usize = 20;

pub(super) fn section(scene: &Scene, groups: &[Same]) -> Fragment {
    let shared = groups.iter().any(|group| group.servers.len() > 1);
    let html = html! {
        section #same aria-label=(scene.words.jobs.same_head) {
            @if shared {
                h2.section { (scene.words.jobs.same_head) }
                div.card.folds { @for group in groups.iter().take(MOST) { (one(scene, group)) } }
            }
        }
    };
    Fragment::new("same", html)
}

fn one(scene: &Scene, group: &Same) -> Markup {
    let words = &scene.words.jobs;
    let count = group.servers.len();
    let id = group.servers.first().map_or_else(String::new, |first| format!("same-{first}"));
    html! {
        details.fold id=(id) open[group.diff.is_some()] {
            summary.result {
                b { (words.servers_count(count)) }
                span.soft { (named(group)) }
                @if group.diff.is_some() { span.word { (words.differs) } }
            }
            @match &group.diff {
                Some(diff) => (lines(scene, group, diff)),
                None => pre.output tabindex="0" role="region" aria-label=(words.output) { (group.text) },
            }
        }
    }
}

fn named(group: &Same) -> String {
    let names: Vec<_> = group.servers.iter().take(NAMED).map(|name| name.as_str()).collect();
    let rest = if group.servers.len() > NAMED { " …" } else { "" };
    format!("{}{rest}", names.join(", "))
}

/// Each line with its sign, so that it can be read without colour.
fn lines(scene: &Scene, group: &Same, diff: &str) -> Markup {
    html! {
        pre.output.diff tabindex="0" role="region" aria-label={ (scene.words.jobs.differs) ": " (named(group)) } {
            @for line in diff.lines() {
                @match line.as_bytes().first() {
                    Some(b'+') => ins { (line) "\n" },
                    Some(b'-') => del { (line) "\n" },
                    _ => { (line) "\n" }
                }
            }
        }
    }
}
