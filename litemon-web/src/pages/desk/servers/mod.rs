//! `/admin/servers`: the servers that are watched. Those of the files are shown, and locked.

mod form;
mod one;
mod report;
mod typed;

use litemon_core::manage::{
    ManageError, Role,
    inventory::{Choices, ServerEntry, Stored},
};
use maud::{Markup, html};
use warp::reply::Response;

use super::{Sheet, account::who, adding, fields::Fields};
use crate::gate::{Ask, Entry, Least, entry, see_other};

/// The address.
const HERE: &str = "/admin/servers";
/// The part of the bar.
const PART: &str = "/admin/users";
const ADMIN: Least = Least::Role(Role::Admin);
/// From so many servers on, they can be searched.
const MANY: usize = 12;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(GET "/admin/servers", ADMIN, list),
        entry!(POST "/admin/servers", ADMIN, add),
        entry!(GET "/admin/servers/{server}", ADMIN, one::show),
        entry!(POST "/admin/servers/{server}", ADMIN, one::edit),
        entry!(POST "/admin/servers/{server}/test", ADMIN, one::test),
        entry!(POST "/admin/servers/{server}/pin", ADMIN, one::pin),
        entry!(POST "/admin/servers/{server}/remove", ADMIN, one::remove),
    ]
}

/// The list; with `?add`, the fields of a new one.
async fn list(ask: Ask) -> Response {
    if ask.query.has("add") { new(&ask, None).await } else { listed(&ask).await }
}

async fn add(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let added = match typed::draft(&ask.form, None) {
        Ok(draft) => {
            let to = format!("{}?done=added", address_of(draft.name.as_str()));
            manage.add_server(&by, draft).await.map(|()| to)
        }
        Err(error) => Err(error),
    };
    match added {
        Ok(to) => see_other(&to),
        Err(error) => new(&ask, Some(&error)).await,
    }
}

/// The page of one.
fn address_of(server: &str) -> String {
    format!("{HERE}/{server}")
}

/// What there is to choose from; a page without it when it cannot be read.
async fn choices(ask: &Ask) -> Result<Choices, Response> {
    let (manage, by) = who(ask)?;
    manage.server_choices(&by).await.map_err(|error| refused(ask, &error))
}

/// The fields of a new one; with why it could not be added, and what was typed for it.
async fn new(ask: &Ask, error: Option<&ManageError>) -> Response {
    let choices = match choices(ask).await {
        Ok(choices) => choices,
        Err(answer) => return answer,
    };
    let typed = typed::Typed::of(&ask.form, Stored::default());
    let fields = Fields::new(error);
    let words = &ask.words.inventory;
    let sections = form::Sections { ask, fields, typed: &typed, choices: &choices };
    let body = adding(ask, HERE, words.add, &sections.draw(true));
    Sheet::new(words.add, PART, body).told(ask, error)
}

fn refused(ask: &Ask, error: &ManageError) -> Response {
    let back = html! { p.actions { a.button.plain href=(HERE) { (ask.words.inventory.to_list) } } };
    Sheet::new(ask.words.servers, PART, back).told(ask, Some(error))
}

async fn listed(ask: &Ask) -> Response {
    let (manage, by) = match who(ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let servers = match manage.servers(&by).await {
        Ok(servers) => servers,
        Err(error) => return refused(ask, &error),
    };
    let words = &ask.words.inventory;
    let asked = ask.query.get("q").trim().to_lowercase();
    let shown: Vec<&ServerEntry> = servers.iter().filter(|one| fits(one, &asked)).collect();
    let locked = servers.iter().filter(|server| server.locked()).count();
    let body = html! {
        (super::admin_tabs(ask, HERE))
        p.summary { (words.counted(servers.len() - locked, locked)) }
        p.actions { a.button.first href={ (HERE) "?add" } { (words.add) } }
        @if servers.len() > MANY { (search(ask)) }
        (table(ask, &shown))
    };
    Sheet::new(ask.words.servers, PART, body).answer(ask)
}

fn search(ask: &Ask) -> Markup {
    let words = &ask.words.jobs;
    html! {
        form.filter method="get" action=(HERE) role="search" {
            label { (words.find) input type="search" name="q" value=(ask.query.get("q")) maxlength="200"; }
            button.button type="submit" { (words.show) }
        }
    }
}

/// Whether a word stands in what is shown of a server.
fn fits(server: &ServerEntry, asked: &str) -> bool {
    let told = [
        server.name.to_string(),
        server.address.clone(),
        typed::joined(&server.groups),
        typed::labelled(&server.labels),
    ];
    asked.is_empty() || told.iter().any(|text| text.to_lowercase().contains(asked))
}

fn table(ask: &Ask, servers: &[&ServerEntry]) -> Markup {
    let words = &ask.words.inventory;
    html! {
        @if servers.is_empty() { p.card.hint { (words.none) } } @else {
            div.card { table.list.inventory {
                thead { tr {
                    th scope="col" { (words.name) }
                    th scope="col" { (words.address) }
                    th scope="col" { (words.groups) }
                    th.right scope="col" { (words.checks) }
                    th scope="col" { (words.origin) }
                } }
                tbody { @for server in servers { (line(ask, server)) } }
            } }
        }
    }
}

fn line(ask: &Ask, server: &ServerEntry) -> Markup {
    let words = &ask.words.inventory;
    html! {
        tr {
            th scope="row" { a.link href=(address_of(server.name.as_str())) { (server.name) } }
            td.address { (server.address) }
            td.groups {
                (typed::joined(&server.groups))
                @if !server.labels.is_empty() { span.soft { (typed::labelled(&server.labels)) } }
            }
            td.right.checks { span.label { (words.checks) " " } (server.checks.len()) }
            td.origin.locked[server.locked()] { (if server.locked() { words.locked } else { words.editable }) }
        }
    }
}
