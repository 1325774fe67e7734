//! What is asked before an action is run: its parameters, what speaks against it, the password.

use std::collections::BTreeMap;

use litemon_core::{
    manage::{
        ManageError,
        actions::{Action, Doubt, Param, ParamKind},
        jobs::{JobId, Order, Planned, Rolling, What},
    },
    model::{Name, Status},
};
use maud::{Markup, html};

use super::{
    super::{filter, jobs, mark},
    rolling,
};
use crate::{scene::Scene, text::Clean, words::Words};

/// What was chosen so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) servers: Vec<Name>,
    /// By the names of parameters, as typed.
    pub(crate) params: BTreeMap<String, String>,
    /// One server after the other, or all at once, where it was said.
    pub(crate) at_once: Option<usize>,
    /// One batch after the other, where it was said.
    pub(crate) rolling: Option<Rolling>,
    /// The job of which this is the second try.
    pub(crate) retry_of: Option<JobId>,
}

/// An action that is not run before something more is said.
pub(crate) struct Asking<'a> {
    pub(crate) action: &'a Action,
    pub(crate) chosen: &'a Chosen,
    /// What speaks against it: the server and why.
    pub(crate) concerns: &'a [(Name, String)],
    /// Why what was said is not enough.
    pub(crate) trouble: Option<&'a str>,
}

/// The heading and the content of the page.
pub(crate) fn ask(scene: &Scene, asking: &Asking<'_>) -> (String, Markup) {
    let words = &scene.words.jobs;
    let Asking { action, chosen, .. } = asking;
    let verb = chosen.params.get("verb").map(String::as_str);
    let what = jobs::name(scene.words, action.name.as_str(), verb);
    let (title, button) = match chosen.servers.as_slice() {
        [one] => {
            (words.ask_one(what.as_str(), one.as_str()), words.on_one(what.as_str(), one.as_str()))
        }
        many => (words.ask(what.as_str(), many.len()), words.on(what.as_str(), many.len())),
    };
    let html = html! {
        p.summary { (Clean(&action.description)) }
        @if let Some(trouble) = asking.trouble { p.notice.bad role="alert" { (Clean(trouble)) } }
        (concerns(scene, asking.concerns))
        (named(scene, &chosen.servers))
        form.ask method="post" action="/jobs" {
            (scene.csrf())
            @for server in &chosen.servers { input type="hidden" name="server" value=(server); }
            input type="hidden" name="action" value=(action.name);
            input type="hidden" name="sure" value="yes";
            @if let Some(number) = chosen.retry_of { input type="hidden" name="retry_of" value=(number); }
            @for param in &action.params { (field(scene, param, &chosen.params)) }
            @if (action.one_by_one || action.changes) && chosen.servers.len() > 1 {
                (rolling::order(scene, action, chosen))
            }
            @if action.asks_password { (password(scene)) }
            p.actions {
                button.button.danger[action.dangerous] type="submit" { (button) }
                a.button.plain href="/servers" { (words.back) }
            }
        }
    };
    (title, html)
}

/// A job of the configuration that is not run before somebody has read what it does.
pub(crate) struct AskingPlanned<'a> {
    pub(crate) planned: &'a Planned,
    /// In turn.
    pub(crate) servers: &'a [Name],
    pub(crate) dangerous: bool,
    pub(crate) asks_password: bool,
    /// What speaks against it: the server and why.
    pub(crate) concerns: &'a [(Name, String)],
    /// Why what was said is not enough.
    pub(crate) trouble: Option<&'a str>,
}

/// The heading and the content of the page.
pub(crate) fn ask_planned(scene: &Scene, asking: &AskingPlanned<'_>) -> (String, Markup) {
    let words = &scene.words.jobs;
    let name = asking.planned.name.as_str();
    let button = on(scene, &asking.planned.order.what, asking.servers);
    let html = html! {
        p.summary { (summary(scene, &asking.planned.order)) }
        @if let Some(trouble) = asking.trouble { p.notice.bad role="alert" { (Clean(trouble)) } }
        (concerns(scene, asking.concerns))
        (named(scene, asking.servers))
        form.ask method="post" action={ "/schedules/" (name) "/run" } {
            (scene.csrf())
            input type="hidden" name="sure" value="yes";
            @if asking.asks_password { (password(scene)) }
            p.actions {
                button.button.danger[asking.dangerous] type="submit" { (button) }
                a.button.plain href="/jobs" { (words.back) }
            }
        }
    };
    (words.planned_ask(name), html)
}

/// An action in the reader's language, a command as it is.
fn summary(scene: &Scene, order: &Order) -> Markup {
    html! {
        @match &order.what {
            What::Command(command) => code.command { (Clean(command)) },
            what => (Clean(&jobs::doing(scene.words, what))),
        }
        @if order.sudo { " " (scene.words.jobs.as_root) }
    }
}

/// What the button does: `Restart web-3`, `Run on 2 servers`.
fn on(scene: &Scene, what: &What, servers: &[Name]) -> String {
    let words = &scene.words.jobs;
    let What::Action { name, params } = what else { return words.planned_on(servers.len()) };
    let what = jobs::name(scene.words, name.as_str(), params.get("verb").map(String::as_str));
    match servers {
        [one] => words.on_one(what.as_str(), one.as_str()),
        many => words.on(what.as_str(), many.len()),
    }
}

/// Each reason once, with all servers that it speaks of.
fn concerns(scene: &Scene, concerns: &[(Name, String)]) -> Markup {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (server, why) in concerns {
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, servers)) => servers.push(server.as_str()),
            None => reasons.push((why, vec![server.as_str()])),
        }
    }
    html! {
        @if !concerns.is_empty() {
            h2.section { (scene.words.jobs.think_twice) }
            ul.card.problems {
                @for (why, servers) in reasons {
                    li { (mark::mark(Status::Warning)) p.what { b { (servers.join(", ")) } " " (Clean(why)) } }
                }
            }
        }
    }
}

/// Every one by its name, with how it is.
fn named(scene: &Scene, servers: &[Name]) -> Markup {
    html! {
        h2.section { (scene.words.servers) " " span.count { (servers.len()) } }
        ul.names.asked {
            @for server in servers {
                @let status = scene.snapshot.server(server.as_str()).map_or(Status::Unknown, |server| filter::status(server));
                li.small { (mark::mark(status)) " " (server) }
            }
        }
    }
}

fn field(scene: &Scene, param: &Param, given: &BTreeMap<String, String>) -> Markup {
    let given = given.get(&param.name).or(param.default.as_ref());
    let name = format!("p.{}", param.name);
    let about = format!("about-{}", param.name);
    let needed = param.default.is_none();
    let label = if param.description.is_empty() { &param.name } else { &param.description };
    html! {
        div.field {
            label for=(name) { (Clean(label)) }
            @match &param.kind {
                ParamKind::Choice(choices) => {
                    select id=(name) name=(name) required[needed] {
                        @for choice in choices {
                            option value=(choice) selected[given.is_some_and(|one| one == choice)] { (choice) }
                        }
                    }
                }
                ParamKind::Number { min, max } => {
                    input id=(name) name=(name) type="number" min=(min) max=(max) step="1" inputmode="numeric"
                        value=[given] required[needed] aria-describedby=(about);
                }
                _ => {
                    input id=(name) name=(name) type="text" maxlength="1000" autocomplete="off" autocapitalize="off"
                        spellcheck="false" value=[given] required[needed] aria-describedby=(about);
                }
            }
            (hint(scene, param, &about))
        }
    }
}

fn hint(scene: &Scene, param: &Param, id: &str) -> Markup {
    let words = &scene.words.jobs;
    let hint = match &param.kind {
        ParamKind::Number { min, max } => words.between(min.to_string(), max.to_string()),
        ParamKind::Text(pattern) => words.pattern(pattern.as_str()),
        _ => return html! {},
    };
    html! { p.soft id=(id) { (Clean(&hint)) } }
}

fn password(scene: &Scene) -> Markup {
    let words = &scene.words.jobs;
    html! {
        div.field {
            label for="password" { (words.password) }
            input #password name="password" type="password" autocomplete="current-password" required
                aria-describedby="about-password";
            p.soft #about-password { (words.password_hint) }
        }
    }
}

/// What speaks against something, behind the name of its server.
pub(crate) fn doubt(words: &Words, why: &Doubt) -> String {
    let jobs = &words.jobs;
    match why {
        Doubt::LastOfGroup(group) => jobs.doubt_last(group.as_str()),
        Doubt::Down => jobs.doubt_down.to_owned(),
        Doubt::Planned(by) => jobs.doubt_planned(by.as_str()),
        Doubt::PackagesBusy(what) => jobs.doubt_packages(what.as_str()),
        Doubt::DiskLow(used) => jobs.doubt_disk(format!("{used:.0}")),
        Doubt::OwnHost => jobs.doubt_own.to_owned(),
        Doubt::JumpHost(names) => {
            let names: Vec<_> = names.iter().map(Name::as_str).collect();
            jobs.doubt_jump(names.join(", "))
        }
        other => other.to_string(),
    }
}

/// Nothing was chosen.
pub(crate) fn chooses(scene: &Scene) -> (String, Markup) {
    let words = &scene.words.jobs;
    let title = words.choose_first.to_owned();
    let html = html! {
        p.actions { a.button href="/servers" { (words.to_servers) } }
    };
    (title, html)
}

/// Something was not done, and why.
pub(crate) fn not_done(scene: &Scene, error: &ManageError) -> (String, Markup) {
    let words = &scene.words.jobs;
    let title = words.not_done.to_owned();
    let html = html! {
        p.summary role="alert" { (Clean(&error.to_string())) "." }
        p.actions {
            a.button href="/servers" { (words.to_servers) }
            a.button.plain href="/jobs" { (words.to_list) }
        }
    };
    (title, html)
}
