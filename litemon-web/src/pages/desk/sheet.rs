//! What stands around a page with forms.

use http::StatusCode;
use litemon_core::{
    manage::{Manage, ManageError},
    model::Status,
};
use maud::{DOCTYPE, Markup, html};
use warp::reply::Response;

use super::{
    super::{
        Trouble,
        bar::{Place, bar},
        shell::{Live, head},
    },
    refusal::said,
};
use crate::{
    gate::{Ask, Visitor, is_open},
    routes,
};

/// A page with forms.
pub(crate) struct Sheet {
    /// Its heading, and the title of its window.
    pub(crate) title: String,
    /// The part of the dashboard that it belongs to, by the address that the bar leads to.
    pub(crate) part: &'static str,
    pub(crate) status: StatusCode,
    /// What happened, above all else.
    pub(crate) notice: Option<Markup>,
    /// All below the heading.
    pub(crate) body: Markup,
}

impl Sheet {
    pub(crate) fn new(title: impl Into<String>, part: &'static str, body: Markup) -> Self {
        Self { title: title.into(), part, status: StatusCode::OK, notice: None, body }
    }

    /// With what went wrong with what was sent.
    pub(crate) fn refused(self, status: StatusCode, why: &str) -> Self {
        Self { status, notice: Some(notice(why)), ..self }
    }

    /// With what could not be done, if anything could not.
    pub(crate) fn told(self, ask: &Ask, error: Option<&ManageError>) -> Response {
        match error.map(|error| said(ask.words, error)) {
            Some((status, why)) => self.refused(status, &why).answer(ask),
            None => self.answer(ask),
        }
    }

    pub(crate) fn answer(self, ask: &Ask) -> Response {
        let words = ask.words;
        let place = Place::sheet(self.part, &ask.here, &ask.site);
        let page = html! {
            (DOCTYPE)
            html lang=(words.code) {
                (head(&self.title, Status::Ok, Live::No))
                body data-state="ok" {
                    a.skip href="#main" { (words.skip) }
                    (bar(words, &place, ask.site.handles.clock.now(), &ask.visitor))
                    main #main {
                        h1 { (self.title) }
                        @if let Some(notice) = self.notice { (notice) }
                        (self.body)
                    }
                    footer { p { "litemon" @if ask.visitor.detail() { " " (ask.site.settings.version) } } }
                }
            }
        };
        routes::html(self.status, page)
    }
}

/// Links to the pages of administration, of which this is one.
pub(crate) fn admin_tabs(ask: &Ask, here: &str) -> Markup {
    let words = &ask.words.accounts;
    let tabs = [
        ("/admin/users", words.users),
        ("/admin/servers", ask.words.servers),
        ("/admin/actions", words.actions),
        ("/admin/audit", words.audit),
    ];
    html! {
        nav.tabs aria-label=(ask.words.frame.admin) {
            @for (path, name) in tabs.into_iter().filter(|(path, _)| is_open(path, &ask.visitor)) {
                a href=(path) aria-current=[(path == here).then_some("page")] { (name) }
            }
        }
    }
}

/// The form of something new, on a page of administration.
pub(crate) fn adding(ask: &Ask, here: &str, add: &str, fields: &Markup) -> Markup {
    html! {
        (admin_tabs(ask, here))
        form.entry.wide method="post" action=(here) autocomplete="off" {
            (csrf(&ask.visitor))
            (fields)
            p.actions {
                button.button.first type="submit" { (add) }
                a.button.plain href=(here) { (ask.words.accounts.cancel) }
            }
        }
    }
}

/// What went wrong, or needs to be known first.
pub(crate) fn notice(text: &str) -> Markup {
    html! { p.notice.bad role="alert" { (text) } }
}

/// The token that every form with `method="post"` holds.
pub(crate) fn csrf(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name="csrf" value=(visitor.csrf); }
}

/// Tells a browser's keeper of passwords whose password a form asks for.
pub(crate) fn whose(visitor: &Visitor) -> Markup {
    let name = visitor.principal.as_ref().map_or("", |principal| principal.name.as_str());
    html! { input type="text" name="username" autocomplete="username" value=(name) hidden; }
}

/// The management; where there is none, there are no such pages.
pub(crate) fn manage(ask: &Ask) -> Result<Manage, Response> {
    ask.site.handles.manage.clone().ok_or_else(|| routes::refused(Trouble::NotFound))
}
