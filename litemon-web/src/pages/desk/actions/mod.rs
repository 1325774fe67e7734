//! `/admin/actions`: what operators can run. What comes with litemon and what stands in files is
//! shown, and locked.

mod form;
mod one;
mod typed;

use litemon_core::{
    manage::{
        ManageError, Principal, Role,
        actions::{Action, Catalog},
    },
    model::Name,
};
use maud::{Markup, html};
use warp::reply::Response;

use self::typed::{Typed, named};
use super::{Sheet, account::who, adding, fields::Fields};
use crate::{
    gate::{Ask, Entry, Least, entry, see_other},
    pages::{Trouble, jobs},
    routes,
    text::Clean,
};

/// The address.
const HERE: &str = "/admin/actions";
/// The part of the bar.
const PART: &str = "/admin/users";
const ADMIN: Least = Least::Role(Role::Admin);

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(GET "/admin/actions", ADMIN, list),
        entry!(POST "/admin/actions", ADMIN, add),
        entry!(GET "/admin/actions/{action}", ADMIN, one::show),
        entry!(POST "/admin/actions/{action}", ADMIN, one::edit),
        entry!(POST "/admin/actions/{action}/remove", ADMIN, one::remove),
    ]
}

/// Who asks and the actions, or the answer that there are none.
fn catalog(ask: &Ask) -> Result<(Catalog, Principal), Response> {
    let (_, by) = who(ask)?;
    let catalog = ask.site.handles.actions.clone();
    Ok((catalog.ok_or_else(|| routes::refused(Trouble::NotFound))?, by))
}

/// The list; with `?add`, the fields of a new one.
async fn list(ask: Ask) -> Response {
    if ask.query.has("add") { new(&ask, None).await } else { listed(&ask).await }
}

async fn add(ask: Ask) -> Response {
    let (catalog, by) = match catalog(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let typed = Typed::of(&ask.form);
    let wanted = named("name", &typed.name).and_then(|name| Ok((name, typed.action()?)));
    let added = match wanted {
        Ok((name, action)) => catalog.add_action(&by, &name, &action).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(()) => see_other(HERE),
        Err(error) => new(&ask, Some(&error)).await,
    }
}

/// The page of one.
fn address_of(action: &str) -> String {
    format!("{HERE}/{action}")
}

/// The groups of the configuration; none when it cannot be read, as there are actions without.
async fn groups(ask: &Ask) -> Vec<Name> {
    let Ok((manage, by)) = who(ask) else { return Vec::new() };
    manage.server_choices(&by).await.map(|choices| choices.groups).unwrap_or_default()
}

/// The fields of a new one; with why it could not be added, and what was typed for it.
async fn new(ask: &Ask, error: Option<&ManageError>) -> Response {
    let words = &ask.words.catalog;
    let typed = if error.is_some() { Typed::of(&ask.form) } else { Typed::new() };
    let groups = groups(ask).await;
    let sections =
        form::Sections { ask, fields: Fields::new(error), typed: &typed, groups: &groups };
    let body = adding(ask, HERE, words.add, &sections.draw(true));
    Sheet::new(words.add, PART, body).told(ask, error)
}

fn refused(ask: &Ask, error: &ManageError) -> Response {
    let back = html! { p.actions { a.button.plain href=(HERE) { (ask.words.catalog.to_list) } } };
    Sheet::new(ask.words.accounts.actions, PART, back).told(ask, Some(error))
}

async fn listed(ask: &Ask) -> Response {
    let (catalog, by) = match catalog(ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let all = match catalog.list(&by).await {
        Ok(all) => all,
        Err(error) => return refused(ask, &error),
    };
    let words = &ask.words.catalog;
    let body = html! {
        (super::admin_tabs(ask, HERE))
        p.summary { (words.summary) }
        p.actions { a.button.first href={ (HERE) "?add" } { (words.add) } }
        (table(ask, &all, &catalog))
    };
    Sheet::new(ask.words.accounts.actions, PART, body).answer(ask)
}

fn table(ask: &Ask, all: &[Action], catalog: &Catalog) -> Markup {
    let words = &ask.words.catalog;
    html! {
        div.card { table.list.catalog {
            thead { tr {
                th scope="col" { (words.name) }
                th scope="col" { (words.what) }
                th scope="col" { (words.how) }
                th scope="col" { (words.least) }
                th scope="col" { (words.origin) }
            } }
            tbody { @for action in all { (line(ask, action, origin(ask, action, catalog))) } }
        } }
    }
}

/// Where it stands.
fn origin(ask: &Ask, action: &Action, catalog: &Catalog) -> &'static str {
    let words = &ask.words.catalog;
    match action.built_in {
        true => words.built_in,
        false if catalog.is_of_file(&action.name) => words.of_file,
        false => words.editable,
    }
}

fn line(ask: &Ask, action: &Action, origin: &str) -> Markup {
    html! {
        tr {
            th scope="row" { a.link href=(address_of(action.name.as_str())) { (action.name) } }
            td.about { (Clean(&about(ask, action))) }
            td.how { (how(ask, action)) }
            td.least { (action.least.word()) }
            td.origin { (origin) }
        }
    }
}

/// What it does; those that come with litemon in the reader's language.
fn about(ask: &Ask, action: &Action) -> String {
    if action.built_in && ask.words.code != "en" {
        return jobs::name(ask.words, action.name.as_str(), None);
    }
    action.description.clone()
}

/// What is to be known of how it runs, in a few words.
fn how(ask: &Ask, action: &Action) -> String {
    let words = &ask.words.catalog;
    let facts = [
        (action.sudo, words.is_root),
        (!action.changes, words.only_asks),
        (action.dangerous, words.is_dangerous),
        (action.asks_password, words.wants_password),
        (action.one_by_one, words.one_by_one),
    ];
    let facts: Vec<&str> = facts.into_iter().filter(|(so, _)| *so).map(|(_, word)| word).collect();
    facts.join(", ")
}
