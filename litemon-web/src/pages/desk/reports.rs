//! `/reports`: a report to be read, printed, or taken away as CSV or JSON.

use http::{HeaderValue, StatusCode, header};
use litemon_core::{
    manage::Role,
    model::Timestamp,
    report::{Period, Report, Span, SpanError},
};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use warp::{Reply, reply::Response};

use super::Sheet;
use crate::{
    gate::{Ask, Entry, Least, entry},
    pages::Trouble,
    report::{self, NoReport},
    routes,
    words::Words,
};

const HERE: &str = "/reports";

pub(super) fn entries() -> Vec<Entry> {
    vec![entry!(GET "/reports", Least::Role(Role::Admin), show)]
}

async fn show(ask: Ask) -> Response {
    let span = match chosen(&ask) {
        Ok(span) => span,
        Err(error) => return wrong(&ask, &error),
    };
    let report = match report::read(&ask.site, span, ask.visitor.principal.as_ref()).await {
        Ok(report) => report,
        Err(error) => return away(&ask, span, &error),
    };
    let zone = &ask.site.settings.zone;
    match ask.query.get("format") {
        "" | "html" => page(&ask, &report),
        "csv" => file(&ask, span, "text/csv; charset=utf-8", "csv", report::csv(&report, zone)),
        "json" => match serde_json::to_string_pretty(&report::json(&report)) {
            Ok(text) => file(&ask, span, "application/json", "json", text),
            Err(_) => routes::refused(Trouble::NotFound),
        },
        _ => routes::refused(Trouble::NotFound),
    }
}

/// The time that is asked for: this week when nothing is said.
fn chosen(ask: &Ask) -> Result<Span, SpanError> {
    let (now, zone) = (ask.site.handles.clock.now(), &ask.site.settings.zone);
    if let Some(from) = ask.query.filled("from") {
        return Span::between(from, ask.query.filled("to"), now, zone);
    }
    let period = Period::parse(ask.query.get("period")).unwrap_or(Period::Week);
    Span::typed(period, ask.query.get("date"), now, zone)
}

fn page(ask: &Ask, report: &Report) -> Response {
    let (words, zone) = (ask.words, &ask.site.settings.zone);
    let body = html! {
        (choice(ask, Some(report.span)))
        (report::content(words, zone, report))
    };
    Sheet::new(report::title(words, zone, report), HERE, body).answer(ask)
}

fn wrong(ask: &Ask, error: &SpanError) -> Response {
    let words = &ask.words.report;
    let why = match error {
        SpanError::Backwards => words.backwards,
        SpanError::TooLong => words.too_long,
        SpanError::ToCome => words.to_come,
        _ => words.unreadable,
    };
    let sheet = Sheet::new(words.reports, HERE, choice(ask, None));
    sheet.refused(StatusCode::UNPROCESSABLE_ENTITY, why).answer(ask)
}

fn away(ask: &Ask, span: Span, error: &NoReport) -> Response {
    let words = &ask.words.report;
    let why = match error {
        NoReport::Slow => words.slow,
        NoReport::Away(_) => words.away,
    };
    let sheet = Sheet::new(words.reports, HERE, choice(ask, Some(span)));
    sheet.refused(StatusCode::SERVICE_UNAVAILABLE, why).answer(ask)
}

/// The ways to another time, and to take this one away.
fn choice(ask: &Ask, span: Option<Span>) -> Markup {
    let words = &ask.words.report;
    html! {
        nav.ranges.choice aria-label=(words.times) {
            @for (period, date, name) in usual(ask.words) {
                a href={ (HERE) "?period=" (period.word()) "&date=" (date) }
                    aria-current=[is_it(ask, span, period, date).then_some("page")] { (name) }
            }
        }
        form.filter action=(HERE) method="get" {
            label { span { (words.from) } input type="date" name="from" value=[day(ask, span, Span::first_day)] required; }
            label { span { (words.until) } input type="date" name="to" value=[day(ask, span, Span::last_day)]; }
            button.button type="submit" { (words.show) }
        }
        @if let Some(span) = span { (ways(ask, span)) }
    }
}

fn usual(words: &Words) -> [(Period, &'static str, &'static str); 6] {
    let words = &words.report;
    [
        (Period::Day, "this", words.today),
        (Period::Day, "last", words.yesterday),
        (Period::Week, "this", words.this_week),
        (Period::Week, "last", words.last_week),
        (Period::Month, "this", words.this_month),
        (Period::Month, "last", words.last_month),
    ]
}

fn is_it(ask: &Ask, span: Option<Span>, period: Period, date: &str) -> bool {
    let (now, zone) = (ask.site.handles.clock.now(), &ask.site.settings.zone);
    span.is_some() && Span::typed(period, date, now, zone).ok() == span
}

fn day(
    ask: &Ask,
    span: Option<Span>,
    which: fn(&Span, &litemon_core::model::Zone) -> String,
) -> Option<String> {
    span.map(|span| which(&span, &ask.site.settings.zone))
}

/// Earlier, later, and as a file.
fn ways(ask: &Ask, span: Span) -> Markup {
    let (words, zone) = (&ask.words.report, &ask.site.settings.zone);
    let later = Some(span.after(zone)).filter(|later| later.from < ask.site.handles.clock.now());
    html! {
        p.actions {
            a.button.plain rel="prev" href=(address(&span.before(zone))) { (words.earlier) }
            @if let Some(later) = later {
                a.button.plain rel="next" href=(address(&later)) { (words.later) }
            }
            a.button.plain href={ (address(&span)) "&format=csv" } { "CSV" }
            a.button.plain href={ (address(&span)) "&format=json" } { "JSON" }
        }
    }
}

/// The address of the report of a time, the same tomorrow.
fn address(span: &Span) -> String {
    let moment = |at: Timestamp| utf8_percent_encode(&at.to_string(), NON_ALPHANUMERIC).to_string();
    format!("{HERE}?from={}&to={}", moment(span.from), moment(span.to))
}

fn file(ask: &Ask, span: Span, kind: &'static str, ending: &str, text: String) -> Response {
    let zone = &ask.site.settings.zone;
    let (first, last) = (span.first_day(zone), span.last_day(zone));
    let name = format!("attachment; filename=\"litemon-{first}-{last}.{ending}\"");
    let mut response = warp::reply::with_header(text, header::CONTENT_TYPE, kind).into_response();
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
