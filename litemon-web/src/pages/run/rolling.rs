//! Asking for a rolling job: in which order servers go, and what has to be well meanwhile.

use litemon_core::manage::{actions::Action, jobs::Rolling};
use maud::{Markup, html};

use super::Chosen;
use crate::scene::Scene;

/// One server after the other, all at once, or one batch after the other.
pub(super) fn order(scene: &Scene, action: &Action, chosen: &Chosen) -> Markup {
    let (words, rolling) = (&scene.words.jobs, &scene.words.rolling);
    let all = chosen.servers.len();
    let at_once = chosen.at_once.map_or(!action.one_by_one, |count| count > 1);
    let rolls = chosen.rolling.is_some();
    // As many as the action has by itself, unless that is one.
    let together = if action.one_by_one { all.to_string() } else { String::new() };
    html! {
        div.field {
            label for="at_once" { (words.at_once_head) }
            select #at_once name="at_once" {
                option value="1" { (words.one_by_one) }
                option value="rolling" selected[rolls] { (rolling.way) }
                option value=(together) selected[!rolls && at_once] { (words.at_once_all) }
            }
        }
        details.here open[rolls] {
            summary { (rolling.head) }
            p.soft { (rolling.about) }
            (fields(scene, &chosen.rolling.clone().unwrap_or_default()))
        }
    }
}

fn fields(scene: &Scene, given: &Rolling) -> Markup {
    let words = &scene.words.rolling;
    let minutes = given.settle_within.as_secs().div_ceil(60);
    let keep = given.keep_healthy.map(|share| share.to_string());
    html! {
        (number("r.canary", words.canary, given.canary, 0, 1000, None))
        (share("r.batch", words.batch, Some(&given.batch.to_string()), words.batch_hint))
        (number("r.rounds", words.rounds, given.healthy_rounds, 0, 100, Some(words.rounds_hint)))
        (number("r.minutes", words.minutes, minutes, 1, 1440, None))
        (number("r.max_failures", words.max_failures, given.max_failures, 0, 10_000, None))
        (share("r.keep_healthy", words.keep_healthy, keep.as_deref(), words.keep_healthy_hint))
        label.check {
            input type="checkbox" name="r.pause" value="yes" checked[given.pause_after_canary] autocomplete="off";
            span { (words.pause_after_canary) }
        }
    }
}

fn number(
    name: &str,
    label: &str,
    value: impl ToString,
    min: u32,
    max: u32,
    hint: Option<&str>,
) -> Markup {
    let about = format!("about-{name}");
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) name=(name) type="number" min=(min) max=(max) step="1" inputmode="numeric"
                value=(value.to_string()) required aria-describedby=[hint.map(|_| about.as_str())];
            @if let Some(hint) = hint { p.soft id=(about) { (hint) } }
        }
    }
}

fn share(name: &str, label: &str, value: Option<&str>, hint: &str) -> Markup {
    let about = format!("about-{name}");
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) name=(name) type="text" pattern="[0-9]+ ?%?" maxlength="6" autocomplete="off"
                spellcheck="false" value=[value] aria-describedby=(about);
            p.soft id=(about) { (hint) }
        }
    }
}
