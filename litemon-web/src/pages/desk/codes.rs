//! Codes of an authenticator app at logins, as a section of `/account`.

use litemon_core::manage::accounts::{TotpSetup, User};
use maud::{Markup, html};
use warp::reply::Response;

use super::{
    account::{HERE, refused, sheet, who},
    csrf, whose,
};
use crate::gate::{Ask, Entry, Least, entry, see_other};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(POST "/account/code", Least::Session, enroll),
        entry!(POST "/account/code/confirm", Least::Session, confirm),
        entry!(POST "/account/code/remove", Least::Session, remove),
    ]
}

pub(super) fn section(ask: &Ask, user: &User) -> Markup {
    let words = &ask.words.accounts;
    let (hint, action, label) = match user.totp {
        true => (words.codes_on, "/account/code/remove", words.codes_remove),
        false => (words.codes_off, "/account/code", words.codes_add),
    };
    html! {
        h2.section { (words.codes) }
        p.summary { (hint) }
        form.entry method="post" action=(action) {
            (csrf(&ask.visitor))
            (whose(&ask.visitor))
            label {
                span { (words.current_password) }
                input type="password" name="password" autocomplete="current-password" maxlength="1024" required;
            }
            p.actions { button.button type="submit" { (label) } }
        }
    }
}

async fn enroll(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.enroll_totp(&by, ask.form.get("password")).await {
        Ok(setup) => sheet(&ask, shown_once(&ask, &setup)).await,
        Err(error) => refused(&ask, &error),
    }
}

/// The only time that the secret is seen.
fn shown_once(ask: &Ask, setup: &TotpSetup) -> Markup {
    let words = &ask.words.accounts;
    html! {
        div.notice.good role="status" {
            p { (words.codes_setup) }
            p { code.secret { (setup.secret.expose()) } }
            p { a.link href=(setup.uri.expose()) { (words.codes_open) } }
            form.entry method="post" action="/account/code/confirm" {
                (csrf(&ask.visitor))
                label {
                    span { (words.code) }
                    input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required;
                }
                p.actions { button.button.first type="submit" { (words.codes_confirm) } }
            }
        }
    }
}

async fn confirm(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.confirm_totp(&by, ask.form.get("code").trim()).await {
        Ok(()) => see_other(HERE),
        Err(error) => refused(&ask, &error),
    }
}

async fn remove(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.remove_totp(&by, &by.name, Some(ask.form.get("password"))).await {
        Ok(()) => see_other(HERE),
        Err(error) => refused(&ask, &error),
    }
}
