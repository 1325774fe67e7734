//! `/admin/servers/NAME`: what is said of a server, what works with it, and whether its key is
//! trusted.

use litemon_core::manage::{
    Manage, ManageError, Principal,
    inventory::{Choices, ServerEntry},
};
use maud::{Markup, html};
use warp::reply::Response;

use super::{
    super::{Sheet, account::who, admin_tabs, csrf, fields::Fields},
    HERE, PART, address_of, choices, form, refused, report,
    typed::{self, Typed},
};
use crate::gate::{Ask, see_other};

/// The page; with `?remove`, the question whether it is to be removed.
pub(super) async fn show(ask: Ask) -> Response {
    shown(&ask, &html! { (done(&ask)) }, None).await
}

/// What was done just before.
fn done(ask: &Ask) -> Markup {
    let words = &ask.words.inventory;
    let told = match ask.query.get("done") {
        "added" => words.is_added,
        "saved" => words.is_saved,
        _ => return html! {},
    };
    html! { p.notice.good role="status" { (told) } }
}

/// The page, with something above its form, or with why the form was not taken.
async fn shown(ask: &Ask, above: &Markup, error: Option<&ManageError>) -> Response {
    let (manage, by) = match who(ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let server = match manage.server(&by, ask.segment(0)).await {
        Ok(server) => server,
        Err(error) => return refused(ask, &error),
    };
    if ask.query.has("remove") && !server.locked() {
        return asked(ask, &server).answer(ask);
    }
    let choices = match choices(ask).await {
        Ok(choices) => choices,
        Err(answer) => return answer,
    };
    let body = html! {
        (admin_tabs(ask, HERE))
        (try_it(ask, &server))
        (above)
        @if server.locked() { (said_of(ask, &server)) } @else { (edited(ask, &server, &choices, error)) }
    };
    Sheet::new(server.name.as_str(), PART, body).told(ask, error)
}

/// Whether it is to be removed.
fn asked(ask: &Ask, server: &ServerEntry) -> Sheet {
    let words = &ask.words.inventory;
    let here = address_of(server.name.as_str());
    let body = html! {
        p.summary { (server.address) " · " (words.remove_hint) }
        form.entry method="post" action={ (here) "/remove" } {
            (csrf(&ask.visitor))
            p.actions {
                button.button.danger type="submit" { (words.remove_named(server.name.as_str())) }
                a.button.plain href=(here) { (ask.words.accounts.cancel) }
            }
        }
    };
    Sheet::new(words.remove_sure(server.name.as_str()), PART, body)
}

fn try_it(ask: &Ask, server: &ServerEntry) -> Markup {
    let words = &ask.words.inventory;
    let watched = ask.site.handles.snapshot.borrow().server(server.name.as_str()).is_some();
    html! {
        p.summary { (server.address) " · " (if server.locked() { words.locked_hint } else { words.editable }) }
        form.actions method="post" action={ (address_of(server.name.as_str())) "/test" } {
            (csrf(&ask.visitor))
            button.button type="submit" { (words.test) }
            @if watched { a.button.plain href={ "/servers/" (server.name) } { (words.to_server) } }
        }
    }
}

/// What a file says of it.
fn said_of(ask: &Ask, server: &ServerEntry) -> Markup {
    let words = &ask.words.inventory;
    let checks: Vec<&str> = server.checks.iter().map(|id| id.as_str()).collect();
    let facts = [
        (words.groups, typed::joined(&server.groups)),
        (words.labels, typed::labelled(&server.labels)),
        (words.device, server.device.word().to_owned()),
        (words.user, server.user.clone().unwrap_or_default()),
        (words.jump, server.jump.clone().unwrap_or_default()),
        (words.checks, checks.join(", ")),
    ];
    html! {
        dl.card.facts {
            @for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
                dt { (name) } dd { (value) }
            }
        }
    }
}

fn edited(
    ask: &Ask,
    server: &ServerEntry,
    choices: &Choices,
    error: Option<&ManageError>,
) -> Markup {
    let words = &ask.words.inventory;
    let here = address_of(server.name.as_str());
    let typed = match (&server.draft, error) {
        (Some(draft), None) => Typed::kept(draft, server.stored),
        _ => Typed::of(&ask.form, server.stored),
    };
    let sections = form::Sections { ask, fields: Fields::new(error), typed: &typed, choices };
    html! {
        form.entry.wide method="post" action=(here) autocomplete="off" {
            (csrf(&ask.visitor))
            (sections.draw(false))
            p.actions {
                button.button.first type="submit" { (words.save) }
                a.button.danger href={ (here) "?remove" } { (words.remove) "…" }
            }
        }
    }
}

pub(super) async fn edit(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match changed(&ask, &manage, &by).await {
        Ok(()) => see_other(&format!("{}?done=saved", address_of(ask.segment(0)))),
        Err(error) => shown(&ask, &html! {}, Some(&error)).await,
    }
}

async fn changed(ask: &Ask, manage: &Manage, by: &Principal) -> Result<(), ManageError> {
    let name = ask.segment(0);
    let locked = || {
        let why = "it stands in the configuration file, and is changed there";
        ManageError::Conflict(why.to_owned())
    };
    let kept = manage.server(by, name).await?.draft.ok_or_else(locked)?;
    manage.edit_server(by, name, typed::draft(&ask.form, Some(kept))?).await
}

pub(super) async fn remove(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.remove_server(&by, ask.segment(0)).await {
        Ok(()) => see_other(HERE),
        Err(error) => refused(&ask, &error),
    }
}

/// Trusts the key that was shown, and tries again.
pub(super) async fn pin(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let fingerprint = ask.form.get("fingerprint").trim();
    match manage.pin_host_key(&by, ask.segment(0), fingerprint).await {
        Ok(()) => test(ask).await,
        Err(error) => refused(&ask, &error),
    }
}

pub(super) async fn test(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.test_server(&by, ask.segment(0)).await {
        Ok(report) => shown(&ask, &report::draw(&ask, &report), None).await,
        Err(error) => refused(&ask, &error),
    }
}
