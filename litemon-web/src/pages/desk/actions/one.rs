//! `/admin/actions/NAME`.

use litemon_core::{
    manage::{
        ManageError,
        actions::{Action, OwnAction, ParamKind},
    },
    model::Name,
};
use maud::{Markup, html};
use warp::reply::Response;

use super::{
    super::{Sheet, admin_tabs, csrf, fields::Fields},
    HERE, PART, about, address_of, catalog, form, groups, how, refused,
    typed::{Typed, named},
};
use crate::{
    gate::{Ask, see_other},
    text::Clean,
};

/// The page; with `?remove`, the question whether it is to be removed.
pub(super) async fn show(ask: Ask) -> Response {
    shown(&ask, None).await
}

/// The action that counts, and how it is written if it is one of this page.
async fn read(ask: &Ask, name: &Name) -> Result<(Action, Option<OwnAction>), Response> {
    let (catalog, by) = catalog(ask)?;
    let read = async {
        let action = catalog.action(name).await?;
        let mut own = catalog.own_actions(&by).await?;
        Ok((action, own.remove(name).filter(|_| !catalog.is_of_file(name))))
    };
    read.await.map_err(|error| refused(ask, &error))
}

/// The name in the address. One that is none is that of nothing.
fn name(ask: &Ask) -> Result<Name, Response> {
    let text = ask.segment(0);
    let unknown = |_| ManageError::NotFound { what: "action", name: text.to_owned() };
    named("name", text).map_err(|error| refused(ask, &unknown(error)))
}

async fn shown(ask: &Ask, error: Option<&ManageError>) -> Response {
    let read = match name(ask) {
        Ok(name) => read(ask, &name).await,
        Err(answer) => return answer,
    };
    let (action, own) = match read {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let Some(own) = own else { return locked(ask, &action) };
    if ask.query.has("remove") {
        return asked(ask, &action.name, &own).answer(ask);
    }
    let groups = groups(ask).await;
    let typed = match error {
        Some(_) => Typed::of(&ask.form),
        None => Typed::kept(action.name.as_str(), &own),
    };
    let sections =
        form::Sections { ask, fields: Fields::new(error), typed: &typed, groups: &groups };
    Sheet::new(action.name.as_str(), PART, edited(ask, &action, &sections)).told(ask, error)
}

fn edited(ask: &Ask, action: &Action, sections: &form::Sections<'_>) -> Markup {
    let words = &ask.words.catalog;
    let here = address_of(action.name.as_str());
    html! {
        (admin_tabs(ask, HERE))
        form.entry.wide method="post" action=(here) autocomplete="off" {
            (csrf(&ask.visitor))
            (sections.draw(false))
            p.actions {
                button.button.first type="submit" { (words.save) }
                a.button.plain href=(HERE) { (ask.words.accounts.cancel) }
                a.button.danger href={ (here) "?remove" } { (words.remove) "…" }
            }
        }
    }
}

/// Whether it is to be removed.
fn asked(ask: &Ask, name: &Name, own: &OwnAction) -> Sheet {
    let words = &ask.words.catalog;
    let here = address_of(name.as_str());
    let body = html! {
        p.summary { (Clean(&own.description)) " · " (words.remove_hint) }
        form.entry method="post" action={ (here) "/remove" } {
            (csrf(&ask.visitor))
            p.actions {
                button.button.danger type="submit" { (ask.words.inventory.remove_named(name.as_str())) }
                a.button.plain href=(here) { (ask.words.accounts.cancel) }
            }
        }
    };
    Sheet::new(ask.words.inventory.remove_sure(name.as_str()), PART, body)
}

/// What comes with litemon or stands in a file.
fn locked(ask: &Ask, action: &Action) -> Response {
    let words = &ask.words.catalog;
    let groups: Vec<&str> = action.groups.iter().map(Name::as_str).collect();
    let facts = [
        (words.how, how(ask, action)),
        (words.limit, ask.words.duration(action.limit)),
        (words.least, action.least.word().to_owned()),
        (words.groups, groups.join(", ")),
    ];
    let body = html! {
        (admin_tabs(ask, HERE))
        p.summary { (Clean(&about(ask, action))) " · " (if action.built_in { words.built_in_hint } else { words.of_file_hint }) }
        dl.card.facts {
            @for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
                dt { (name) } dd { (value) }
            }
            @for param in &action.params {
                dt { code { (param.name) } }
                dd { (Clean(&takes(ask, &param.kind))) @if !param.description.is_empty() { span.soft { " · " (Clean(&param.description)) } } }
            }
        }
    };
    Sheet::new(action.name.as_str(), PART, body).answer(ask)
}

/// What a parameter may be.
fn takes(ask: &Ask, kind: &ParamKind) -> String {
    match kind {
        ParamKind::Choice(choices) => choices.join(", "),
        ParamKind::Number { min, max } => ask.words.jobs.between(min.to_string(), max.to_string()),
        ParamKind::Text(pattern) => ask.words.jobs.pattern(pattern.as_str()),
        other => other.expected(),
    }
}

pub(super) async fn edit(ask: Ask) -> Response {
    let (catalog, by) = match catalog(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let name = match name(&ask) {
        Ok(name) => name,
        Err(answer) => return answer,
    };
    let saved = match Typed::of(&ask.form).action() {
        Ok(action) => catalog.edit_action(&by, &name, &action).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => see_other(HERE),
        Err(error) => shown(&ask, Some(&error)).await,
    }
}

pub(super) async fn remove(ask: Ask) -> Response {
    let (catalog, by) = match catalog(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let name = match name(&ask) {
        Ok(name) => name,
        Err(answer) => return answer,
    };
    match catalog.remove_action(&by, &name).await {
        Ok(()) => see_other(HERE),
        Err(error) => refused(&ask, &error),
    }
}
