//! `/maintenance`: times in which problems are not told; and what the buttons of an incident do.

use std::time::Duration;

use http::StatusCode;
use litemon_core::{
    manage::{Manage, ManageError, Principal, Role},
    model::Timestamp,
    monitor::MonitorHandle,
    policy::{Acknowledged, NewWindow, Scope, Window, WindowKind},
};
use maud::{Markup, html};
use warp::reply::Response;

use super::{Sheet, csrf, notice, refusal::said};
use crate::gate::{Ask, Entry, Least, entry, see_other};

const HERE: &str = "/maintenance";
const OPERATOR: Least = Least::Role(Role::Operator);
/// For how long, in minutes.
const LASTS: [u64; 7] = [30, 60, 120, 240, 480, 1440, 10_080];

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry!(GET "/maintenance", Least::Role(Role::Viewer), show),
        entry!(POST "/maintenance", OPERATOR, add),
        entry!(POST "/maintenance/{number}/end", OPERATOR, end),
        entry!(POST "/incidents/{number}/ack", OPERATOR, take),
        entry!(POST "/incidents/{number}/unack", OPERATOR, give_up),
    ]
}

async fn show(ask: Ask) -> Response {
    sheet(&ask).answer(&ask)
}

fn sheet(ask: &Ask) -> Sheet {
    let words = &ask.words.silence;
    let snapshot = ask.site.handles.snapshot.borrow().clone();
    let may = ask.visitor.principal.as_ref().is_some_and(|by| by.role >= Role::Operator);
    let body = html! {
        p.summary { (words.maintenance_hint) }
        @if snapshot.windows.is_empty() {
            div.card.hint { p { (words.none) } }
        } @else {
            div.card { (table(ask, &snapshot.windows, may)) }
        }
        @if may { (form(ask)) }
    };
    Sheet::new(words.maintenance, "/incidents", body)
}

fn table(ask: &Ask, windows: &[Window], may: bool) -> Markup {
    let words = &ask.words.silence;
    let zone = &ask.site.settings.zone;
    let now = ask.site.handles.clock.now();
    let time = |at: Timestamp| zone.format("%Y-%m-%d %H:%M", at);
    html! {
        table.list {
            thead { tr {
                th scope="col" { (words.targets) }
                th scope="col" { (words.kind) }
                th scope="col" { (words.from) }
                th scope="col" { (words.till) }
                th scope="col" { (words.by) }
                td {}
            } }
            tbody {
                @for window in windows {
                    tr {
                        th scope="row" {
                            (window.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
                        }
                        td {
                            (if window.kind == WindowKind::Mute { words.muted } else { words.maintenance })
                            ", " (if window.is_open(now) { words.now } else { words.coming })
                        }
                        td { (time(window.from)) }
                        td { (time(window.until)) }
                        td {
                            (window.by) @if window.id == 0 { " " span.soft { "(" (words.of_file) ")" } }
                            @if !window.note.is_empty() { " — " (window.note) }
                        }
                        td.do {
                            @if may && window.id > 0 {
                                form method="post" action={ (HERE) "/" (window.id) "/end" } {
                                    (csrf(&ask.visitor))
                                    button.button type="submit" { (words.end) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn form(ask: &Ask) -> Markup {
    let words = &ask.words.silence;
    let kinds = [("maintenance", words.maintenance), ("mute", words.muted)];
    html! {
        form.entry method="post" action=(HERE) {
            (csrf(&ask.visitor))
            label {
                span { (words.targets) }
                input name="targets" required maxlength="2000" autocomplete="off" spellcheck="false"
                    autocapitalize="off" value=(ask.form.get("targets"));
                small { (words.targets_hint) }
            }
            label {
                span { (words.kind) }
                select name="kind" {
                    @for (value, name) in kinds {
                        option value=(value) selected[ask.form.get("kind") == value] { (name) }
                    }
                }
            }
            label {
                span { (words.from) }
                input name="from" maxlength="40" autocomplete="off" value=(ask.form.get("from"));
                small { (words.from_hint) }
            }
            label {
                span { (words.lasts) }
                select name="minutes" {
                    @for minutes in LASTS {
                        option value=(minutes) selected[minutes == 120] { (lasting(ask, minutes)) }
                    }
                }
            }
            label {
                span { (words.note) }
                input name="note" maxlength="200" autocomplete="off" value=(ask.form.get("note"));
            }
            p.actions { button.button.first type="submit" { (words.add) } }
        }
    }
}

fn lasting(ask: &Ask, minutes: u64) -> String {
    let words = &ask.words.silence;
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    if minutes < 60 { words.minutes(count(minutes)) } else { words.hours(count(minutes / 60)) }
}

async fn add(ask: Ask) -> Response {
    match try_add(&ask).await {
        Ok(()) => see_other(HERE),
        Err((status, why)) => sheet(&ask).refused(status, &why).answer(&ask),
    }
}

type Refused = (StatusCode, String);

async fn try_add(ask: &Ask) -> Result<(), Refused> {
    let words = &ask.words.silence;
    let wrong = |why: &str| (StatusCode::UNPROCESSABLE_ENTITY, why.to_owned());
    let typed = ask.form.get("targets");
    let words_typed = typed.split([' ', ',', '\n']).filter(|word| !word.is_empty());
    let scopes = words_typed.map(str::parse::<Scope>).collect::<Result<Vec<_>, _>>();
    let scopes = scopes.map_err(|error| wrong(&error.to_string()))?;
    if scopes.is_empty() {
        return Err(wrong(words.no_targets));
    }
    let from = ask.form.filled("from").map(|text| moment(ask, text)).transpose();
    let from = from.map_err(|()| wrong(words.no_time))?;
    let kind = match ask.form.get("kind") {
        "mute" => WindowKind::Mute,
        _ => WindowKind::Maintenance,
    };
    let by = principal(ask).map_err(|error| said(ask.words, &error))?;
    let lasts = minutes(ask).filter(|minutes| LASTS.contains(minutes)).unwrap_or(60);
    let new = NewWindow::new(kind, scopes, Duration::from_secs(lasts * 60), &by.name)
        .from(from)
        .note(ask.form.get("note"));
    let done = async { office(ask)?.add_window(by, &monitor(ask)?, new).await.map(drop) };
    done.await.map_err(|error| said(ask.words, &error))
}

/// A time as the page asks for it, in the zone of the monitor.
fn moment(ask: &Ask, text: &str) -> Result<Timestamp, ()> {
    ask.site.settings.zone.read(text.trim()).ok_or(())
}

async fn end(ask: Ask) -> Response {
    let done = async {
        let number = number(&ask)?;
        office(&ask)?.end_window(principal(&ask)?, &monitor(&ask)?, number).await.map(drop)
    };
    match done.await {
        // It may have ended by itself.
        Ok(()) | Err(ManageError::NotFound { .. }) => see_other(HERE),
        Err(error) => {
            let (status, why) = said(ask.words, &error);
            sheet(&ask).refused(status, &why).answer(&ask)
        }
    }
}

async fn take(ask: Ask) -> Response {
    let lasts = minutes(&ask).filter(|minutes| *minutes > 0);
    let lasts = lasts.map(|minutes| Duration::from_secs(minutes.min(10_080) * 60));
    let now = ask.site.handles.clock.now();
    let taken = principal(&ask).map(|by| Acknowledged::by(&by.name, now).lasting(lasts));
    match taken {
        Ok(taken) => acknowledge(ask, Some(taken)).await,
        Err(error) => told(&ask, &error),
    }
}

async fn give_up(ask: Ask) -> Response {
    acknowledge(ask, None).await
}

async fn acknowledge(ask: Ask, taken: Option<Acknowledged>) -> Response {
    let done = async {
        let number = number(&ask)?;
        office(&ask)?.acknowledge(principal(&ask)?, &monitor(&ask)?, number, taken).await
    };
    match done.await {
        // It may be over by now: its page says so.
        Ok(()) | Err(ManageError::NotFound { .. }) => {
            see_other(&format!("/incidents/{}", ask.segment(0)))
        }
        Err(error) => told(&ask, &error),
    }
}

fn told(ask: &Ask, error: &ManageError) -> Response {
    let (status, why) = said(ask.words, error);
    let mut sheet = Sheet::new(ask.words.incidents.incidents, "/incidents", notice(&why));
    sheet.status = status;
    sheet.answer(ask)
}

fn principal(ask: &Ask) -> Result<&Principal, ManageError> {
    let nobody = || ManageError::Forbidden("do this without an account".to_owned());
    ask.visitor.principal.as_ref().ok_or_else(nobody)
}

fn office(ask: &Ask) -> Result<&Manage, ManageError> {
    let nothing = || ManageError::Conflict("nothing is managed here".to_owned());
    ask.site.handles.manage.as_ref().ok_or_else(nothing)
}

fn monitor(ask: &Ask) -> Result<MonitorHandle, ManageError> {
    let stopped = || ManageError::Conflict("there is no running monitor here".to_owned());
    ask.site.handles.monitor.clone().ok_or_else(stopped)
}

fn number(ask: &Ask) -> Result<i64, ManageError> {
    let text = ask.segment(0);
    let unknown = || ManageError::NotFound { what: "number", name: text.to_owned() };
    text.parse().map_err(|_| unknown())
}

fn minutes(ask: &Ask) -> Option<u64> {
    ask.form.get("minutes").parse().ok()
}
