//! `/account`: one's own password and sessions.

use http::StatusCode;
use litemon_core::manage::{Manage, ManageError, Principal, accounts::Session};
use maud::{Markup, html};
use warp::reply::Response;

use super::{Sheet, codes, csrf, login, manage, notice, refusal::said, tokens, whose};
use crate::{
    gate::{Ask, Entry, Least, entry, see_other},
    pages::Trouble,
    routes,
};

/// The address.
pub(super) const HERE: &str = "/account";

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(GET "/account", Least::Session, show),
        entry!(GET "/account/password", Least::Session, ask_password),
        entry!(POST "/account/password", Least::Session, change_password),
        entry!(POST "/account/sessions/{session}/end", Least::Session, end_session),
    ]
}

/// Who asks and the management, or the answer that there is none.
pub(super) fn who(ask: &Ask) -> Result<(Manage, Principal), Response> {
    let manage = manage(ask)?;
    let principal = ask.visitor.principal.clone();
    principal.map(|by| (manage, by)).ok_or_else(|| routes::refused(Trouble::Forbidden))
}

async fn show(ask: Ask) -> Response {
    sheet(&ask, html! {}).await
}

/// The page, with something above its lists.
pub(super) async fn sheet(ask: &Ask, above: Markup) -> Response {
    let (manage, by) = match who(ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let words = &ask.words.accounts;
    match body(ask, &manage, &by).await {
        Ok(body) => {
            let body = html! { (above) (body) };
            Sheet::new(words.account, HERE, body).answer(ask)
        }
        Err(error) => refused(ask, &error),
    }
}

/// The page with nothing but what went wrong.
pub(super) fn refused(ask: &Ask, error: &ManageError) -> Response {
    let (status, why) = said(ask.words, error);
    let back = html! { p.actions { a.button.plain href=(HERE) { (ask.words.accounts.account) } } };
    Sheet::new(ask.words.accounts.account, HERE, back).refused(status, &why).answer(ask)
}

async fn body(ask: &Ask, manage: &Manage, by: &Principal) -> Result<Markup, ManageError> {
    let words = &ask.words.accounts;
    let sessions = manage.sessions(by, false).await?;
    let tokens = manage.tokens(by).await?;
    let mine = tokens
        .iter()
        .filter(|token| token.user.as_ref().is_some_and(|user| user.as_str() == by.name));
    let user = manage.user(by, &by.name).await?;
    Ok(html! {
        p.summary { b { (by.name) } " · " (words.role_of(by.role.word())) }
        p.actions { a.button href="/account/password" { (words.change_password) } }
        h2.section { (words.sessions) }
        div.card { (session_table(ask, &sessions)) }
        (codes::section(ask, &user))
        (tokens::section(ask, by, mine))
    })
}

fn session_table(ask: &Ask, sessions: &[Session]) -> Markup {
    let words = &ask.words.accounts;
    let zone = &ask.site.settings.zone;
    html! {
        table.list {
            thead { tr {
                th scope="col" { (words.begun) }
                th scope="col" { (words.last_seen) }
                th scope="col" { (words.from) }
                td {}
            } }
            tbody {
                @for session in sessions {
                    tr {
                        th scope="row" { (zone.date_time(session.created)) }
                        td { (zone.date_time(session.seen)) }
                        td { @if let Some(from) = session.from { (from.to_string()) } @else { "–" } }
                        td.do {
                            @if ask.visitor.session == Some(session.id) { (words.this_session) }
                            @else {
                                form method="post" action={ "/account/sessions/" (session.id) "/end" } {
                                    (csrf(&ask.visitor))
                                    button.button type="submit" { (words.end_session) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

async fn end_session(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let Ok(session) = ask.segment(0).parse() else { return routes::refused(Trouble::NotFound) };
    match manage.end_session(&by, session).await {
        Ok(()) => see_other(HERE),
        Err(error) => refused(&ask, &error),
    }
}

async fn ask_password(ask: Ask) -> Response {
    password_sheet(&ask).answer(&ask)
}

fn password_sheet(ask: &Ask) -> Sheet {
    let words = &ask.words.accounts;
    let field = |name: &str, label: &str, kind: &str| {
        html! {
            label {
                span { (label) }
                input type="password" name=(name) autocomplete=(kind) maxlength="1024" required;
            }
        }
    };
    let body = html! {
        @if ask.visitor.must_change { (notice(words.must_change_hint)) }
        p.summary { (words.password_hint) }
        form.entry method="post" action="/account/password" {
            (csrf(&ask.visitor))
            (whose(&ask.visitor))
            (field("current", words.current_password, "current-password"))
            (field("new", words.new_password, "new-password"))
            (field("again", words.repeat_password, "new-password"))
            p.actions {
                button.button.first type="submit" { (words.change_password) }
                @if !ask.visitor.must_change { a.button.plain href=(HERE) { (words.cancel) } }
            }
        }
    };
    Sheet::new(words.change_password, HERE, body)
}

async fn change_password(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let (current, new) = (ask.form.get("current"), ask.form.get("new"));
    if new != ask.form.get("again") {
        let why = ask.words.accounts.not_the_same;
        let sheet = password_sheet(&ask).refused(StatusCode::UNPROCESSABLE_ENTITY, why);
        return sheet.answer(&ask);
    }
    match manage.change_password(&by, current, new).await {
        Ok(session) => {
            login::welcome(&ask, &session, if ask.visitor.must_change { "/" } else { HERE })
        }
        Err(error) => {
            let (status, why) = said(ask.words, &error);
            password_sheet(&ask).refused(status, &why).answer(&ask)
        }
    }
}
