use super::*;
use crate::model::{Timestamp, Zone};

fn at(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn shown(span: Span) -> String {
    format!("{} .. {}", span.from, span.to)
}

#[test]
fn days_weeks_and_months_begin_where_people_live() {
    let now = at("2026-03-30T10:00:00Z");
    for (zone, period, text, expected) in [
        ("Asia/Jakarta", Period::Day, "", "2026-03-29T17:00:00Z .. 2026-03-30T17:00:00Z"),
        ("Asia/Jakarta", Period::Week, "this", "2026-03-29T17:00:00Z .. 2026-04-05T17:00:00Z"),
        ("Asia/Jakarta", Period::Month, "last", "2026-01-31T17:00:00Z .. 2026-02-28T17:00:00Z"),
        ("UTC", Period::Week, "2026-W01", "2025-12-29T00:00:00Z .. 2026-01-05T00:00:00Z"),
        ("UTC", Period::Week, "2026-01-01", "2025-12-29T00:00:00Z .. 2026-01-05T00:00:00Z"),
        ("UTC", Period::Month, "2026-02", "2026-02-01T00:00:00Z .. 2026-03-01T00:00:00Z"),
        ("UTC", Period::Month, "2024-02-29", "2024-02-01T00:00:00Z .. 2024-03-01T00:00:00Z"),
        // Clocks go forward at 02:00: 23 hours, and a week of 167.
        (
            "Europe/Berlin",
            Period::Day,
            "2026-03-29",
            "2026-03-28T23:00:00Z .. 2026-03-29T22:00:00Z",
        ),
        ("Europe/Berlin", Period::Week, "last", "2026-03-22T23:00:00Z .. 2026-03-29T22:00:00Z"),
        // Back: 25 hours.
        (
            "Europe/Berlin",
            Period::Day,
            "2025-10-26",
            "2025-10-25T22:00:00Z .. 2025-10-26T23:00:00Z",
        ),
        // Midnight is left out that day.
        ("Africa/Cairo", Period::Day, "2025-04-25", "2025-04-24T22:00:00Z .. 2025-04-25T21:00:00Z"),
    ] {
        let zone = Zone::named(zone).unwrap();
        let span = Span::typed(period, text, now, &zone).unwrap();
        assert_eq!(shown(span), expected, "{zone:?} {period:?} {text}");
        assert_eq!(span.period, Some(period));
        assert!(span.is_whole_days(&zone), "{text}");
        assert_eq!(span.before(&zone).after(&zone), span, "{text}");
        assert_eq!(span.before(&zone).to, span.from, "{text}");
    }
}

#[test]
fn any_time_can_be_typed() {
    let zone = Zone::named("Asia/Jakarta").unwrap();
    let now = at("2026-11-21T08:30:00Z");
    for (from, to, expected, period) in [
        (
            "2026-11-02",
            Some("2026-11-08"),
            "2026-11-01T17:00:00Z .. 2026-11-08T17:00:00Z",
            Some(Period::Week),
        ),
        (
            "2026-11-01",
            Some("2026-11-30"),
            "2026-10-31T17:00:00Z .. 2026-11-30T17:00:00Z",
            Some(Period::Month),
        ),
        ("2026-11-01", Some("2026-11-02"), "2026-10-31T17:00:00Z .. 2026-11-02T17:00:00Z", None),
        ("2026-11-20 05:30", None, "2026-11-19T22:30:00Z .. 2026-11-21T08:30:00Z", None),
        (
            "2026-11-20T05:30",
            Some("2026-11-20T06:00:30"),
            "2026-11-19T22:30:00Z .. 2026-11-19T23:00:30Z",
            None,
        ),
        ("2026-11-20T05:30:00Z", Some(" "), "2026-11-20T05:30:00Z .. 2026-11-21T08:30:00Z", None),
    ] {
        let span = Span::between(from, to, now, &zone).unwrap();
        assert_eq!((shown(span).as_str(), span.period), (expected, period), "{from} {to:?}");
        assert_eq!(span.before(&zone).to, span.from);
    }
    let days = Span::between("2026-11-01", Some("2026-11-02"), now, &zone).unwrap();
    assert_eq!(
        (days.first_day(&zone).as_str(), days.last_day(&zone).as_str()),
        ("2026-11-01", "2026-11-02")
    );
}

#[test]
fn what_is_no_time_is_said() {
    let (zone, now) = (Zone::utc(), at("2026-11-21T08:30:00Z"));
    let said: Vec<String> = [
        Span::between("yesterday", None, now, &zone),
        Span::between("2026-11-31", None, now, &zone),
        Span::between("2026-11-20", Some("2026-11-19"), now, &zone),
        Span::between("2026-11-22", None, now, &zone),
        Span::between("1990-01-01", Some("2026-01-01"), now, &zone),
        Span::typed(Period::Day, "2026-11-20 05:30", now, &zone),
        Span::typed(Period::Week, "2026-W54", now, &zone),
        Span::typed(Period::Month, "2026-13", now, &zone),
        Span::typed(Period::Month, "2026-12", now, &zone),
    ]
    .into_iter()
    .map(|span| span.unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(said.join("\n"));
}
