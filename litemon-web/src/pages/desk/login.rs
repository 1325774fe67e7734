//! `/login` and `/logout`.

use http::{StatusCode, header};
use litemon_core::{
    manage::{
        Manage,
        accounts::{LoggedIn, LoginRefused},
    },
    secret::Secret,
};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use warp::reply::Response;

use super::{Sheet, csrf, manage, refusal::said};
use crate::{
    gate::{Ask, Cookies, Entry, Least, entry, see_other},
    language::is_local,
    pages::Trouble,
    routes,
};

/// The address.
const HERE: &str = "/login";

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(GET "/login", Least::Public, show),
        entry!(POST "/login", Least::Public, log_in),
        entry!(POST "/logout", Least::Session, log_out),
    ]
}

/// Where a link of a page leads to log in, and back to it.
pub(crate) fn log_in_link(here: &str) -> String {
    match here {
        "/" => HERE.to_owned(),
        here => format!("{HERE}?back={}", utf8_percent_encode(here, NON_ALPHANUMERIC)),
    }
}

/// Where a login leads to.
fn back(text: &str) -> &str {
    if is_local(text) && !text.starts_with(HERE) { text } else { "/" }
}

async fn show(ask: Ask) -> Response {
    if ask.site.handles.manage.is_none() || ask.site.handles.authenticator.is_some() {
        return routes::refused(Trouble::NotFound);
    }
    if ask.visitor.session.is_some() {
        return see_other(back(ask.query.get("back")));
    }
    let form = Asked { back: back(ask.query.get("back")), name: "", code: false };
    let sheet = form.sheet(&ask);
    with_form_cookie(&ask, sheet.answer(&ask))
}

/// A browser gets the value that the form's token was made from, and shows it with the form.
fn with_form_cookie(ask: &Ask, mut answer: Response) -> Response {
    let cookies = Cookies::new(ask.visitor.came.https);
    let cookie = ask.visitor.form.as_deref().and_then(|value| cookies.keep_form(value));
    answer.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    answer
}

async fn log_in(ask: Ask) -> Response {
    let manage = match manage(&ask) {
        Ok(manage) if ask.site.handles.authenticator.is_none() => manage,
        Ok(_) => return routes::refused(Trouble::NotFound),
        Err(none) => return none,
    };
    let back = back(ask.form.get("back"));
    if !ask.visitor.came.private {
        return Asked { back, name: "", code: false }.sheet(&ask).answer(&ask);
    }
    match tried(&manage, &ask).await {
        Ok(done) => welcome(&ask, &done, if done.must_change { "/account/password" } else { back }),
        Err(refused) => {
            let code = matches!(refused, LoginRefused::CodeNeeded) || ask.form.has("code");
            let (status, why) = why(&ask, &refused);
            let form = Asked { back, name: ask.form.get("name"), code };
            form.sheet(&ask).refused(status, &why).answer(&ask)
        }
    }
}

async fn tried(manage: &Manage, ask: &Ask) -> Result<LoggedIn, LoginRefused> {
    let (name, password) = (ask.form.get("name").trim(), ask.form.get("password"));
    manage.login(name, password, ask.form.filled("code"), ask.visitor.came.from).await
}

fn why(ask: &Ask, refused: &LoginRefused) -> (StatusCode, String) {
    let words = &ask.words.accounts;
    match refused {
        LoginRefused::CodeNeeded => (StatusCode::OK, words.code_needed.into()),
        LoginRefused::TooMany(wait) => {
            let seconds = usize::try_from(wait.as_secs().max(1)).unwrap_or(usize::MAX);
            (StatusCode::TOO_MANY_REQUESTS, words.too_many(seconds))
        }
        LoginRefused::Busy => (StatusCode::SERVICE_UNAVAILABLE, words.busy.into()),
        LoginRefused::Failed(error) => said(ask.words, error),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, words.wrong.into()),
    }
}

/// Leads on with the cookie of a session that has just begun.
pub(super) fn welcome(ask: &Ask, session: &LoggedIn, to: &str) -> Response {
    let cookie = Cookies::new(ask.visitor.came.https).keep_session(session.token.expose());
    let mut answer = see_other(to);
    answer.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    answer
}

async fn log_out(ask: Ask) -> Response {
    let manage = match manage(&ask) {
        Ok(manage) => manage,
        Err(none) => return none,
    };
    let token = ask.visitor.token.as_ref().map_or("", Secret::expose);
    if let Some(principal) = &ask.visitor.principal
        && let Err(error) = manage.logout(principal, token).await
    {
        let (status, why) = said(ask.words, &error);
        let title = ask.words.accounts.log_out;
        return Sheet::new(title, HERE, html! {}).refused(status, &why).answer(&ask);
    }
    let mut answer = see_other(HERE);
    let cookie = Cookies::new(ask.visitor.came.https).drop_session();
    answer.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    answer
}

/// The form, as far as it is filled.
struct Asked<'a> {
    back: &'a str,
    name: &'a str,
    code: bool,
}

impl Asked<'_> {
    fn sheet(&self, ask: &Ask) -> Sheet {
        let words = &ask.words.accounts;
        let (title, body) = match (ask.visitor.came.private, ask.visitor.accounts) {
            (false, _) => (words.overheard, html! { p.summary { (words.overheard_hint) } }),
            (_, false) => (words.no_accounts, html! { p.summary { (words.no_accounts_hint) } }),
            _ => (words.log_in, self.form(ask)),
        };
        Sheet::new(title, HERE, body)
    }

    fn form(&self, ask: &Ask) -> Markup {
        let words = &ask.words.accounts;
        html! {
            form.entry method="post" action=(HERE) {
                (csrf(&ask.visitor))
                input type="hidden" name="back" value=(self.back);
                label {
                    span { (words.name) }
                    input name="name" value=(self.name) autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="63" required autofocus[!self.code];
                }
                label {
                    span { (words.password) }
                    input type="password" name="password" autocomplete="current-password" maxlength="1024" required;
                }
                @if self.code {
                    label {
                        span { (words.code) }
                        input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required autofocus;
                    }
                }
                p.actions { button.button.first type="submit" { (words.log_in) } }
            }
        }
    }
}
