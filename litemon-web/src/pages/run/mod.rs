//! Running something: the bar of actions below the list of servers, the few that fit a server or an
//! incident, and the page that asks before a dangerous one.

mod ask;
mod bar;
mod few;
mod rolling;

use litemon_core::manage::actions::Action;
use maud::{Markup, html};

pub(crate) use ask::{Asking, AskingPlanned, Chosen, ask, ask_planned, chooses, doubt, not_done};
pub(super) use bar::{bar, pick};
pub(super) use few::{of_incident, of_server};

use super::jobs;
use crate::scene::Scene;

/// In which order those that come with litemon stand: what is done daily first, what ends a server
/// last. Others stand between, by name.
const DAILY: [&str; 5] = ["update", "refresh", "full-upgrade", "ping", "service"];
const LAST: [&str; 3] = ["restart", "shutdown", "cancel-shutdown"];

/// What is typed or pressed in a form that runs something.
fn fields(scene: &Scene, actions: &[Action]) -> Markup {
    let words = &scene.words.jobs;
    html! {
        // The first button is the one that Enter presses in the field before it.
        div.typed {
            label {
                span { (words.command) }
                input type="text" name="command" maxlength="4096" autocomplete="off" autocapitalize="off"
                    spellcheck="false" placeholder=(words.command_hint);
            }
            label.check { input type="checkbox" name="sudo" value="yes" autocomplete="off"; span { (words.as_root_box) } }
            button.button type="submit" name="action" value="" { (words.run) }
        }
        div.named {
            @for action in ordered(actions) {
                button.button.danger[action.dangerous] type="submit" name="action" value=(action.name)
                    title=(action.description) { (jobs::name(scene.words, action.name.as_str(), None)) }
            }
        }
    }
}

/// Actions in the order of their buttons.
fn ordered(actions: &[Action]) -> Vec<&Action> {
    let mut ordered: Vec<_> = actions.iter().collect();
    ordered.sort_by_key(|action| place(action.name.as_str()));
    ordered
}

fn place(name: &str) -> (usize, usize) {
    let at = |list: &[&str]| list.iter().position(|one| *one == name);
    match (at(&DAILY), at(&LAST)) {
        (Some(at), _) => (0, at),
        (_, Some(at)) => (2, at),
        _ => (1, 0),
    }
}
