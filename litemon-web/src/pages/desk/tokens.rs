//! API tokens, as a section of `/account`.

use std::time::Duration;

use litemon_core::{
    manage::{
        ManageError, Principal, Role,
        accounts::{ApiToken, MadeToken, NewToken},
    },
    model::Name,
};
use maud::{Markup, html};
use warp::reply::Response;

use super::{
    account::{HERE, refused, sheet, who},
    csrf,
};
use crate::gate::{Ask, Entry, Least, entry, see_other};

const DAY: u64 = 86_400;
/// How long a token may last, in days; 0: until it is removed.
const LASTS: [u64; 4] = [30, 90, 365, 0];

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(POST "/account/tokens", Least::Session, add),
        entry!(POST "/account/tokens/{token}/remove", Least::Session, remove),
    ]
}

pub(super) fn section<'a>(
    ask: &Ask,
    by: &Principal,
    tokens: impl Iterator<Item = &'a ApiToken>,
) -> Markup {
    let words = &ask.words.accounts;
    html! {
        h2.section { (words.tokens) }
        p.summary { (words.tokens_hint) }
        div.card { (table(ask, tokens)) }
        form.entry method="post" action="/account/tokens" {
            (csrf(&ask.visitor))
            label {
                span { (words.token_name) }
                input name="name" maxlength="63" required autocomplete="off" spellcheck="false";
            }
            label {
                span { (words.role) }
                select name="role" {
                    @for role in Role::ALL.into_iter().filter(|role| *role <= by.role) {
                        option value=(role.word()) { (words.role_of(role.word())) }
                    }
                }
            }
            label {
                span { (words.lasts) }
                select name="days" {
                    @for days in LASTS { option value=(days) { (lasts(ask, days)) } }
                }
            }
            p.actions { button.button type="submit" { (words.add_token) } }
        }
    }
}

fn lasts(ask: &Ask, days: u64) -> String {
    let words = &ask.words.accounts;
    match usize::try_from(days) {
        Ok(0) | Err(_) => words.ends_never.to_owned(),
        Ok(days) => words.days(days),
    }
}

fn table<'a>(ask: &Ask, tokens: impl Iterator<Item = &'a ApiToken>) -> Markup {
    let words = &ask.words.accounts;
    let zone = &ask.site.settings.zone;
    html! {
        table.list {
            thead { tr {
                th scope="col" { (words.token_name) }
                th scope="col" { (words.role) }
                th scope="col" { (words.ends) }
                th scope="col" { (words.last_used) }
                td {}
            } }
            tbody {
                @for token in tokens {
                    tr {
                        th scope="row" { (token.name.as_str()) }
                        td { (words.role_of(token.role.word())) }
                        td { @match token.ends { Some(at) => (zone.date_time(at)), None => (words.ends_never) } }
                        td { @match token.used { Some(at) => (zone.date_time(at)), None => (words.never) } }
                        td.do {
                            form method="post" action={ "/account/tokens/" (token.name.as_str()) "/remove" } {
                                (csrf(&ask.visitor))
                                button.button type="submit" { (words.remove) }
                            }
                        }
                    }
                }
            }
        }
    }
}

async fn add(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let made = match wanted(&ask, &by) {
        Ok(wanted) => manage.add_token(&by, wanted).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => sheet(&ask, shown_once(&ask, &made)).await,
        Err(error) => refused(&ask, &error),
    }
}

fn wanted(ask: &Ask, by: &Principal) -> Result<NewToken, ManageError> {
    let name = |field, text: &str| {
        Name::new(text).map_err(|error| ManageError::invalid(field, error.to_string()))
    };
    let role = Role::parse(ask.form.get("role")).unwrap_or(Role::Viewer);
    let mut wanted = NewToken::new(name("name", ask.form.get("name").trim())?, role);
    wanted.user = Some(name("user", &by.name)?);
    // What is not one of the lengths offered ends as soon as the shortest of them.
    let days = ask.form.get("days").parse().ok().filter(|days| LASTS.contains(days));
    let days = days.unwrap_or(LASTS[0]);
    wanted.lasts = (days > 0).then(|| Duration::from_secs(days * DAY));
    Ok(wanted)
}

/// The only time that the secret is seen.
fn shown_once(ask: &Ask, made: &MadeToken) -> Markup {
    let words = &ask.words.accounts;
    html! {
        div.notice.good role="status" {
            p { (words.token_once(made.token.name.as_str())) }
            p { code.secret { (made.secret.expose()) } }
        }
    }
}

async fn remove(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.remove_token(&by, ask.segment(0)).await {
        Ok(()) => see_other(HERE),
        Err(error) => refused(&ask, &error),
    }
}
