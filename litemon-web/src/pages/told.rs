//! What a server told of itself: system, uptime, addresses, updates.

use std::time::Duration;

use litemon_core::manage::inventory::{Facts, Pending};
use maud::{Markup, html};

use crate::{scene::Scene, text::Clean};

/// What it told, with what needs somebody first. Nothing before it was asked.
pub(super) fn told(scene: &Scene) -> Markup {
    let words = &scene.words.charts;
    html! {
        div #told {
            @if let Some((at, facts)) = &scene.work.told {
                h2.section { (words.server_says) }
                dl.card.figures.ways {
                    @for (name, value) in lines(scene, facts, scene.now.since(*at)) {
                        div { dt { (name) } dd { (Clean(&value)) } }
                    }
                    div { dt { (words.asked) } dd { (scene.moment(*at, false)) } }
                }
            }
        }
    }
}

/// Each fact that it told, under its name; `ago` it was asked.
fn lines(scene: &Scene, facts: &Facts, ago: Duration) -> Vec<(&'static str, String)> {
    let words = &scene.words.charts;
    let updates = facts.pending.map(|pending| updates(scene, pending));
    let restart = facts.reboot_required;
    let restart = restart.map(|needed| if needed { words.restart_yes } else { words.restart_no });
    let up = facts.uptime.map(|up| scene.words.duration(Duration::from_secs(up) + ago));
    let machine = [facts.kernel.as_deref(), facts.machine.as_deref()];
    let machine: Vec<&str> = machine.into_iter().flatten().collect();
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let all = [
        (words.restart_needed, restart.map(str::to_owned)),
        (words.updates, updates),
        (words.system, facts.os.clone()),
        (words.kernel, some(machine.join(", "))),
        (words.up_for, up),
        (words.addresses, some(facts.addresses.join(", "))),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// `12, 3 of them for security`
fn updates(scene: &Scene, pending: Pending) -> String {
    let words = &scene.words.charts;
    match pending.security {
        Some(security) if security > 0 => words.updates_of(pending.all, security),
        _ => words.updates_count(pending.all),
    }
}
