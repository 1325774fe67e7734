//! `/admin/users`.

use litemon_core::{
    manage::{
        ManageError, Role,
        accounts::{NewUser, User, UserEdit, one_time_password},
    },
    model::Name,
    secret::Secret,
};
use maud::{Markup, html};
use warp::reply::Response;

use super::{Sheet, account::who, csrf, refusal::said};
use crate::{
    gate::{Ask, Entry, Least, entry, see_other},
    words::Words,
};

/// The address.
const HERE: &str = "/admin/users";
const ADMIN: Least = Least::Role(Role::Admin);

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(GET "/admin/users", ADMIN, list),
        entry!(POST "/admin/users", ADMIN, add),
        entry!(GET "/admin/users/{user}", ADMIN, show),
        entry!(POST "/admin/users/{user}", ADMIN, edit),
        entry!(POST "/admin/users/{user}/password", ADMIN, reset),
        entry!(POST "/admin/users/{user}/code/remove", ADMIN, forget_code),
        entry!(POST "/admin/users/{user}/remove", ADMIN, remove),
    ]
}

async fn list(ask: Ask) -> Response {
    listed(&ask, html! {}).await
}

async fn listed(ask: &Ask, above: Markup) -> Response {
    let (manage, by) = match who(ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.users(&by).await {
        Ok(users) => {
            let body =
                html! { (above) (super::admin_tabs(ask, HERE)) (table(ask, &users)) (new(ask)) };
            Sheet::new(ask.words.accounts.users, HERE, body).answer(ask)
        }
        Err(error) => refused(ask, &error),
    }
}

fn refused(ask: &Ask, error: &ManageError) -> Response {
    let (status, why) = said(ask.words, error);
    let words = &ask.words.accounts;
    let back = html! { p.actions { a.button.plain href=(HERE) { (words.users) } } };
    Sheet::new(words.users, HERE, back).refused(status, &why).answer(ask)
}

fn table(ask: &Ask, users: &[User]) -> Markup {
    let words = &ask.words.accounts;
    let zone = &ask.site.settings.zone;
    html! {
        div.card { table.list {
            thead { tr {
                th scope="col" { (words.name) }
                th scope="col" { (words.role) }
                th scope="col" { (words.groups) }
                th scope="col" { (words.last_login) }
                th scope="col" { (ask.words.state) }
            } }
            tbody {
                @for user in users {
                    tr {
                        th scope="row" { a.link href={ (HERE) "/" (user.name.as_str()) } { (user.name.as_str()) } }
                        td { (words.role_of(user.role.word())) }
                        td { (groups(ask.words, user)) }
                        td { @match user.last_login { Some(at) => (zone.date_time(at)), None => (words.never) } }
                        td { (state(ask.words, user)) }
                    }
                }
            }
        } }
    }
}

fn groups(words: &Words, user: &User) -> String {
    if user.groups.is_empty() { words.accounts.all_servers.to_owned() } else { joined(user) }
}

fn joined(user: &User) -> String {
    let names: Vec<&str> = user.groups.iter().map(Name::as_str).collect();
    names.join(", ")
}

fn state(words: &Words, user: &User) -> &'static str {
    let words = &words.accounts;
    match user {
        User { disabled: true, .. } => words.is_disabled,
        User { must_change: true, .. } => words.has_to_change,
        User { totp: true, .. } => words.with_code,
        _ => words.is_enabled,
    }
}

fn new(ask: &Ask) -> Markup {
    let words = &ask.words.accounts;
    html! {
        h2.section { (words.add_user) }
        form.entry method="post" action=(HERE) {
            (csrf(&ask.visitor))
            label {
                span { (words.name) }
                input name="name" maxlength="63" required autocomplete="off" autocapitalize="none" spellcheck="false";
            }
            (rights(ask.words, Role::Viewer, ""))
            p.actions { button.button.first type="submit" { (words.add_user) } }
        }
    }
}

fn rights(words: &Words, chosen: Role, groups: &str) -> Markup {
    let words = &words.accounts;
    html! {
        label {
            span { (words.role) }
            select name="role" {
                @for role in Role::ALL {
                    option value=(role.word()) selected[role == chosen] { (words.role_of(role.word())) }
                }
            }
        }
        label {
            span { (words.groups) }
            input name="groups" value=(groups) maxlength="1024" autocomplete="off" spellcheck="false" aria-describedby="groups-hint";
            small #groups-hint { (words.groups_hint) }
        }
    }
}

/// The role and the groups of a form.
fn given(ask: &Ask) -> Result<(Role, Vec<Name>), ManageError> {
    let role = Role::parse(ask.form.get("role"))
        .ok_or_else(|| ManageError::invalid("role", "viewer, operator or admin is expected"))?;
    let names = ask.form.get("groups").split([',', ' ']).filter(|name| !name.is_empty());
    let groups: Result<Vec<Name>, ManageError> = names.map(|text| name("groups", text)).collect();
    Ok((role, groups?))
}

fn name(field: &'static str, text: &str) -> Result<Name, ManageError> {
    Name::new(text).map_err(|error| ManageError::invalid(field, error.to_string()))
}

async fn add(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let password = one_time_password();
    let added = match wanted(&ask, &password) {
        Ok(new) => manage.add_user(&by, new).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(user) => listed(&ask, shown_once(&ask, user.name.as_str(), &password)).await,
        Err(error) => refused(&ask, &error),
    }
}

fn wanted(ask: &Ask, password: &Secret) -> Result<NewUser, ManageError> {
    let (role, groups) = given(ask)?;
    let mut new = NewUser::new(name("name", ask.form.get("name").trim())?, role, password.clone());
    new.groups = groups;
    Ok(new)
}

/// The only time that a one-time password is seen.
fn shown_once(ask: &Ask, user: &str, password: &Secret) -> Markup {
    html! {
        div.notice.good role="status" {
            p { (ask.words.accounts.password_once(user)) }
            p { code.secret { (password.expose()) } }
        }
    }
}

async fn show(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.user(&by, ask.segment(0)).await {
        Ok(user) => Sheet::new(user.name.as_str(), HERE, one(&ask, &user)).answer(&ask),
        Err(error) => refused(&ask, &error),
    }
}

fn one(ask: &Ask, user: &User) -> Markup {
    let words = &ask.words.accounts;
    let here = format!("{HERE}/{}", user.name);
    html! {
        p.summary { (state(ask.words, user)) " · " (words.created) " " (ask.site.settings.zone.date_time(user.created)) }
        form.entry method="post" action=(here) {
            (csrf(&ask.visitor))
            (rights(ask.words, user.role, &joined(user)))
            label.tick {
                input type="checkbox" name="disabled" value="yes" checked[user.disabled];
                span { (words.disabled) }
            }
            p.actions { button.button.first type="submit" { (words.save) } }
        }
        h2.section { (words.reset_password) }
        p.summary { (words.reset_hint) }
        form.entry method="post" action={ (here) "/password" } {
            (csrf(&ask.visitor))
            p.actions { button.button type="submit" { (words.reset_password) } }
        }
        @if user.totp {
            h2.section { (words.codes_remove) }
            p.summary { (words.codes_lost) }
            form.entry method="post" action={ (here) "/code/remove" } {
                (csrf(&ask.visitor))
                p.actions { button.button type="submit" { (words.codes_remove) } }
            }
        }
        h2.section { (words.remove_user) }
        p.summary { (words.remove_hint) }
        form.entry method="post" action={ (here) "/remove" } {
            (csrf(&ask.visitor))
            p.actions { button.button.danger type="submit" { (words.remove_named(user.name.as_str())) } }
        }
    }
}

async fn edit(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let edited = match given(&ask) {
        Ok((role, groups)) => {
            let edit =
                UserEdit::default().role(role).groups(groups).disabled(ask.form.has("disabled"));
            manage.edit_user(&by, ask.segment(0), &edit).await
        }
        Err(error) => Err(error),
    };
    edited.map_or_else(|error| refused(&ask, &error), |_| see_other(HERE))
}

async fn reset(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let (user, password) = (ask.segment(0), one_time_password());
    match manage.reset_password(&by, user, password.expose(), true).await {
        Ok(()) => listed(&ask, shown_once(&ask, user, &password)).await,
        Err(error) => refused(&ask, &error),
    }
}

async fn forget_code(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.remove_totp(&by, ask.segment(0), None).await {
        Ok(()) => see_other(HERE),
        Err(error) => refused(&ask, &error),
    }
}

async fn remove(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.remove_user(&by, ask.segment(0)).await {
        Ok(()) => see_other(HERE),
        Err(error) => refused(&ask, &error),
    }
}
