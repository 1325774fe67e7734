//! A timeline's events as they are written in a file.

use std::{fmt::Display, time::Duration};

use super::{
    scene::{Act, Cure, Reporting, Sight, Way},
    timeline::{Action, By, Event, Which, report, signed},
};
use crate::{config::TimeSpan, monitor::PlannedKind, policy::WindowKind};

/// The `[[at]]` of an event; nothing for one that follows from another.
pub(super) fn moment(event: &Event) -> String {
    let lines = match &event.action {
        Action::See(checks, act) => [list("check", checks), act_lines(act)].concat(),
        Action::Way(notifiers, way) => [list("notifier", notifiers), way_lines(*way)].concat(),
        Action::Gateway(notifiers, place, way) => {
            [list("notifier", notifiers), gateway(*place), way_lines(*way)].concat()
        }
        Action::Reports(notifiers, place, how) => {
            let place = place.map(gateway).unwrap_or_default();
            [list("notifier", notifiers), place, report_lines(*how)].concat()
        }
        Action::Remedy(remedies, cure) => [list("remedy", remedies), cure_lines(cure)].concat(),
        Action::Network(up) => text("network", if *up { "up" } else { "down" }),
        Action::Answer { from, text: typed } => {
            [text("answer", typed), text("from", from)].concat()
        }
        Action::Acknowledge(which, by) => [one("acknowledge", which), by_lines(by)].concat(),
        Action::Unacknowledge(which) => one("unacknowledge", which),
        Action::Silence(kind, scopes, by) => {
            let key = if *kind == WindowKind::Mute { "mute" } else { "maintenance" };
            [list(key, scopes), by_lines(by)].concat()
        }
        Action::Unsilence(scopes) => list("unmute", scopes),
        Action::Run(checks) => list("run", checks),
        Action::Reload(_, name) => text("reload", name),
        Action::Restart { after, killed } => span(if *killed { "kill" } else { "restart" }, *after),
        Action::Start => return String::new(),
        Action::Clock(by) => text("clock", signed(*by)),
        Action::Store(up) => text("store", if *up { "up" } else { "down" }),
        Action::Journal(up) => text("journal", if *up { "up" } else { "down" }),
        Action::Plan(server, kind, by) => {
            let key = if *kind == PlannedKind::Restart { "reboot" } else { "shutdown" };
            [text(key, server), by_lines(by)].concat()
        }
        Action::Back(server) => text("back", server),
    };
    format!("\n[[at]]\n{}{lines}", span("time", event.after))
}

/// Strings of TOML are written as those of JSON.
fn quoted(value: impl Display) -> String {
    serde_json::Value::String(value.to_string()).to_string()
}

fn text(key: &str, value: impl Display) -> String {
    format!("{key} = {}\n", quoted(value))
}

fn span(key: &str, value: Duration) -> String {
    text(key, TimeSpan(value))
}

fn one(key: &str, which: &Which) -> String {
    match which {
        Which::Number(number) => format!("{key} = {number}\n"),
        Which::Check(check) => text(key, check),
    }
}

fn list<T: Display>(key: &str, all: &[T]) -> String {
    match all {
        [one] => text(key, one),
        all => {
            let all: Vec<String> = all.iter().map(quoted).collect();
            format!("{key} = [{}]\n", all.join(", "))
        }
    }
}

fn by_lines(by: &By) -> String {
    let lasts = by.lasts.map(|lasts| span("for", lasts)).unwrap_or_default();
    let note = if by.note.is_empty() { String::new() } else { text("note", &by.note) };
    format!("{}{lasts}{note}", text("by", &by.who))
}

fn gateway(place: usize) -> String {
    format!("gateway = {}\n", place + 1)
}

fn report_lines(how: Reporting) -> String {
    match how.what {
        Some(what) => format!("{}{}", text("reports", report(what)), span("takes", how.after)),
        None => text("reports", "none"),
    }
}

fn cure_lines(cure: &Cure) -> String {
    let detail = cure.detail.as_ref().map(|detail| text("detail", detail)).unwrap_or_default();
    let takes = cure.takes.map(|takes| span("takes", takes)).unwrap_or_default();
    format!("{}{detail}{takes}", text("is", cure.effect))
}

fn act_lines(act: &Act) -> String {
    let is = match act.sight {
        Sight::Number(value) => format!("is = {value:?}\n"),
        word => text("is", word),
    };
    let optional = |key, value: &Option<String>| {
        value.as_ref().map(|value| text(key, value)).unwrap_or_default()
    };
    let takes = act.takes.map(|takes| span("takes", takes)).unwrap_or_default();
    format!("{is}{}{}{takes}", optional("detail", &act.detail), optional("unit", &act.unit))
}

fn way_lines(way: Way) -> String {
    match way {
        Way::Slow(takes) => format!("{}{}", text("is", "slow"), span("takes", takes)),
        way => text("is", way),
    }
}
