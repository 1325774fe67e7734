//! `/admin/audit`: who did what, whether it is as it was written, and all of it as a file.

use http::{HeaderValue, header};
use litemon_core::manage::{
    Manage, ManageError, Principal, Role,
    audit::{AuditExport, AuditFilter, AuditId, Entry as Written, Verified},
};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use warp::{Reply as _, reply::Response};

use super::{Sheet, account::who, admin_tabs, csrf, notice, refusal::said};
use crate::{
    gate::{Ask, Entry, Form, Least, entry},
    text::Clean,
};

/// The address.
const HERE: &str = "/admin/audit";
/// The part of the bar.
const PART: &str = "/admin/users";
const ADMIN: Least = Least::Role(Role::Admin);
/// Entries on one page.
const MOST: usize = 100;
/// The longest text of a field that is looked for.
const LONGEST: usize = 100;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(GET "/admin/audit", ADMIN, list),
        entry!(POST "/admin/audit/verify", ADMIN, verify),
        entry!(POST "/admin/audit/export", ADMIN, export),
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
    let filter = filter(&ask.query);
    let before = ask.query.get("before").parse().ok();
    match manage.audit_entries(&by, before, MOST, &filter).await {
        Ok(written) => {
            let body = html! {
                (admin_tabs(ask, HERE)) (above) (narrowing(ask, &filter)) (tools(ask))
                (table(ask, &written)) (older(ask, &filter, &written))
            };
            Sheet::new(ask.words.accounts.audit, PART, body).answer(ask)
        }
        Err(error) => refused(ask, &error),
    }
}

fn refused(ask: &Ask, error: &ManageError) -> Response {
    let (status, why) = said(ask.words, error);
    Sheet::new(ask.words.accounts.audit, PART, html! {}).refused(status, &why).answer(ask)
}

fn filter(query: &Form) -> AuditFilter {
    let field =
        |name: &str| query.filled(name).map(|text| text.chars().take(LONGEST).collect::<String>());
    let mut filter = AuditFilter::default();
    filter.by = field("by");
    filter.doing = field("doing");
    filter.about = field("about");
    filter
}

fn narrowing(ask: &Ask, filter: &AuditFilter) -> Markup {
    let words = &ask.words.accounts;
    let fields = [
        ("by", words.who, &filter.by),
        ("doing", words.what, &filter.doing),
        ("about", words.about, &filter.about),
    ];
    html! {
        form.filter method="get" action=(HERE) role="search" {
            @for (name, label, value) in fields {
                label {
                    span { (label) }
                    input name=(name) value=[value.as_deref()] maxlength=(LONGEST) autocomplete="off" spellcheck="false";
                }
            }
            button.button type="submit" { (ask.words.list.show) }
            @if *filter != AuditFilter::default() { a.button.plain href=(HERE) { (ask.words.list.show_all) } }
        }
    }
}

fn tools(ask: &Ask) -> Markup {
    let words = &ask.words.accounts;
    html! {
        div.actions {
            @for (what, label) in [("verify", words.verify), ("export", words.export)] {
                form method="post" action={ (HERE) "/" (what) } {
                    (csrf(&ask.visitor))
                    button.button type="submit" { (label) }
                }
            }
        }
    }
}

fn table(ask: &Ask, written: &[Written]) -> Markup {
    let words = &ask.words.accounts;
    html! {
        div.card { table.list {
            thead { tr {
                th scope="col" { (words.when) }
                th scope="col" { (words.who) }
                th scope="col" { (words.what) }
                th scope="col" { (words.about) }
                th scope="col" { (words.outcome) }
            } }
            tbody { @for one in written { (row(ask, one)) } }
        } }
    }
}

fn row(ask: &Ask, one: &Written) -> Markup {
    let detail = (!one.detail.is_null()).then(|| one.detail.to_string());
    let detail = detail.filter(|text| text != "{}");
    html! {
        tr {
            th scope="row" { (ask.site.settings.zone.date_time(one.at)) span.soft { "#" (one.id) } }
            td { (Clean(&one.by.name)) @if let Some(from) = one.by.from { span.soft { (from.to_string()) } } }
            td { (Clean(&one.doing)) }
            td {
                (Clean(&one.about))
                @if let Some(begun) = one.begun { "#" (begun) }
                @if let Some(detail) = &detail { span.soft { (Clean(detail)) } }
            }
            td { @if let Some(outcome) = &one.outcome { (Clean(outcome)) } }
        }
    }
}

/// A link to what was written before.
fn older(ask: &Ask, filter: &AuditFilter, written: &[Written]) -> Markup {
    let last: Option<AuditId> = written.last().map(|one| one.id);
    let more = last.filter(|id| written.len() >= MOST && *id > 1);
    let quoted = |text: &Option<String>| {
        utf8_percent_encode(text.as_deref().unwrap_or_default(), NON_ALPHANUMERIC).to_string()
    };
    html! {
        @if let Some(before) = more {
            p.pages {
                a.button href={ (HERE) "?before=" (before) "&by=" (quoted(&filter.by)) "&doing=" (quoted(&filter.doing)) "&about=" (quoted(&filter.about)) } {
                    (ask.words.accounts.older)
                }
            }
        }
    }
}

async fn verify(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match manage.audit_verify(&by).await {
        Ok(found) => listed(&ask, verdict(&ask, &found)).await,
        Err(error) => refused(&ask, &error),
    }
}

fn verdict(ask: &Ask, found: &Verified) -> Markup {
    let words = &ask.words.accounts;
    match &found.fault {
        None => html! { p.notice.good role="status" { (words.intact(found.entries.to_string())) } },
        Some(fault) => notice(&format!("{} {fault}", words.broken)),
    }
}

async fn export(ask: Ask) -> Response {
    let (manage, by) = match who(&ask) {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    match begin(&manage, &by).await {
        Ok(export) => trail(export),
        Err(error) => refused(&ask, &error),
    }
}

async fn begin(manage: &Manage, by: &Principal) -> Result<AuditExport, ManageError> {
    manage.audit_export(by).await
}

/// The trail as it is read, some hundred lines ahead of the reader at most.
pub(crate) fn trail(mut export: AuditExport) -> Response {
    let (send, mut lines) = mpsc::channel::<Result<String, ManageError>>(1);
    let reading = AbortOnDropHandle::new(tokio::spawn(async move {
        while let Some(next) = export.next().await.transpose() {
            let over = next.is_err();
            // A reader who left wants no more.
            if send.send(next).await.is_err() || over {
                return;
            }
        }
    }));
    let stream = futures_util::stream::poll_fn(move |cx| {
        // It ends with its reader.
        let _owned = &reading;
        lines.poll_recv(cx)
    });
    let mut answer = warp::reply::stream(stream).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    let name = "attachment; filename=\"litemon-audit.jsonl\"";
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    answer
}
