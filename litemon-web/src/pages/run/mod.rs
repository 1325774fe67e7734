//! Running something: the bar of actions below the list of servers, the few that fit a server or an
//! incident, and the page that asks before a dangerous one.

mod ask;
mod bar;
mod few;

use litemon_core::manage::actions::Action;

pub(crate) use ask::{Asking, Chosen, ask, chooses, doubt, not_done};
pub(super) use bar::{bar, pick};
pub(super) use few::{of_incident, of_server};

/// In which order those that come with litemon stand: what is done daily first, what ends a server
/// last. Others stand between, by name.
const DAILY: [&str; 5] = ["update", "refresh", "full-upgrade", "ping", "service"];
const LAST: [&str; 3] = ["restart", "shutdown", "cancel-shutdown"];

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
