use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use litemon_core::{
    clock::SystemClock,
    model::{CheckKind, FailureKind, Status, Timestamp},
};
use litemon_web::api::types::{
    Check, Counts, Failure, LastResult, MonitorInfo, OnCall, Outbox, Sample, Seen, Series, Server,
    StatusReport, Time,
};
use ratatui::{Terminal, backend::TestBackend, style::Color};

use super::{
    app::{App, Go, Place},
    draw::draw,
    feed::News,
};
use crate::commands::status::as_text;

const NOW: i64 = 1_460_586_794_000;

fn before(seconds: i64) -> Time {
    Time(Timestamp::from_millis(NOW - seconds * 1_000))
}

fn check(id: &str, kind: CheckKind, status: Status, since: i64, seen: Seen) -> Check {
    Check {
        id: id.to_owned(),
        kind,
        status,
        state: litemon_web::api::state_word(kind, status).to_owned(),
        since: Some(before(since)),
        pending: false,
        blocked: false,
        current: true,
        soft: None,
        last: Some(LastResult { at: before(2), took_ms: 12, status, seen }),
        last_value: None,
        threshold: None,
        warn: None,
        interval_ms: 10_000,
        timeout_ms: 5_000,
        incident: (status != Status::Ok).then_some(17),
        notifies: true,
        overruns: 0,
    }
}

fn percent(value: f64) -> Seen {
    Seen { value: Some(value), unit: "%".to_owned(), ..Seen::default() }
}

fn failed(kind: FailureKind, message: &str) -> Seen {
    let failure = Some(Failure { kind, message: message.to_owned() });
    Seen { failure, ..Seen::default() }
}

fn server(name: &str, checks: Vec<Check>) -> Server {
    Server {
        name: name.to_owned(),
        address: Some("10.0.0.1".to_owned()),
        groups: Vec::new(),
        status: checks.iter().map(|check| check.status).max().unwrap(),
        unreachable: checks.iter().any(|check| check.state == "unreachable"),
        planned: None,
        checks,
    }
}

/// One server that is well, one with a service off, one that cannot be reached.
fn report() -> StatusReport {
    use CheckKind::{Resource, Service, Ssh};
    use Status::{Critical, Ok, Unknown};
    let off = Seen {
        on: Some(false),
        detail: Some("exit 3: in\u{1b}[2Jactive".into()),
        ..Seen::default()
    };
    let refused = || failed(FailureKind::Refused, "connection refused");
    let mut blocked = check("db-1/cpu", Resource, Unknown, 113, refused());
    blocked.blocked = true;
    blocked.incident = None;
    let servers = vec![
        server(
            "web-1",
            vec![
                check("web-1/ssh", Ssh, Ok, 90_000, Seen::default()),
                check("web-1/cpu", Resource, Ok, 90_000, percent(12.5)),
            ],
        ),
        server(
            "app-1",
            vec![
                check("app-1/ssh", Ssh, Ok, 90_000, Seen::default()),
                check("app-1/chat", Service, Critical, 74, off),
            ],
        ),
        server("db-1", vec![check("db-1/ssh", Ssh, Critical, 113, refused()), blocked]),
    ];
    StatusReport {
        status: Critical,
        counts: Counts {
            servers: 3,
            checks: 6,
            ok: 3,
            critical: 2,
            blocked: 1,
            problems: 2,
            incidents: 2,
            ..Counts::default()
        },
        monitor: MonitorInfo {
            version: "0.1.0".to_owned(),
            now: before(0),
            timezone: Some("UTC".to_owned()),
            at: before(0),
            health: "ok".to_owned(),
            last_result: Some(before(2)),
            faults: 0,
            fault_lines: Some(Vec::new()),
            detail: true,
        },
        servers,
        others: Vec::new(),
        incidents: Vec::new(),
        outbox: Outbox { pending: 1, held: 0 },
        on_call: None,
    }
}

fn app(colour: bool) -> App {
    let mut app = App::new(Arc::new(SystemClock), colour);
    app.take(News { report: Some(Arc::new(report())), ..News::default() });
    app
}

fn press(app: &mut App, keys: &[KeyCode]) -> Go {
    let press = |key: &KeyCode| app.key(KeyEvent::new(*key, KeyModifiers::NONE));
    keys.iter().map(press).last().unwrap()
}

fn drawn(app: &mut App, width: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, 12)).unwrap();
    terminal.draw(|frame| draw(frame, app)).unwrap();
    terminal
}

/// What is on the screen, without the time of day, which depends on this machine's zone.
fn screen(app: &mut App, width: u16) -> String {
    let text = drawn(app, width).backend().to_string();
    let time = regex::Regex::new(r"\d\d:\d\d:\d\d").unwrap();
    time.replace_all(&text, "[TIME]  ").into_owned()
}

#[test]
fn the_worst_server_comes_first() {
    insta::assert_snapshot!(screen(&mut app(false), 80));
    insta::assert_snapshot!("narrow", screen(&mut app(false), 48));
}

#[test]
fn enter_opens_a_server_and_then_a_check() {
    let mut app = app(false);
    press(&mut app, &[KeyCode::Down, KeyCode::Enter]);
    assert_eq!(app.place, Place::Server("app-1".to_owned()));
    insta::assert_snapshot!("server", screen(&mut app, 80));
    press(&mut app, &[KeyCode::Enter]);
    assert_eq!(app.wanted().as_deref(), Some("app-1/chat"));
    insta::assert_snapshot!("check", screen(&mut app, 80));
    press(&mut app, &[KeyCode::Esc]);
    assert_eq!(app.place, Place::Server("app-1".to_owned()));
    press(&mut app, &[KeyCode::Esc, KeyCode::Esc]);
    assert_eq!(app.place, Place::Home);
}

#[test]
fn a_check_with_values_has_a_chart() {
    let mut app = app(false);
    app.place = Place::Check("web-1/cpu".to_owned(), Some("web-1".to_owned()));
    let sample = |n: i64| {
        let value = f64::from(u32::try_from(n).unwrap()) * 10.0;
        Sample { at: before(100 - n), min: value, avg: value, max: value + 0.5, count: 1 }
    };
    let series = Series {
        check: "web-1/cpu".to_owned(),
        from: before(3_600),
        to: before(0),
        step_ms: 30_000,
        samples: (0..10).map(sample).collect(),
    };
    app.news.series = Some(Arc::new(series));
    let mut terminal = Terminal::new(TestBackend::new(40, 16)).unwrap();
    terminal.draw(|frame| draw(frame, &mut app)).unwrap();
    let text = terminal.backend().to_string();
    assert!(text.contains("last hour: 0 to 90.5"), "{text}");
    assert!(text.contains('\u{2588}'), "{text}");
}

#[test]
fn rows_are_filtered_and_sorted() {
    let names = |app: &App| app.rows().into_iter().map(|row| row.name).collect::<Vec<_>>();
    let mut app = app(false);
    assert_eq!(names(&app), ["db-1", "app-1", "web-1"]);
    press(&mut app, &[KeyCode::Char('s')]);
    assert_eq!(names(&app), ["app-1", "db-1", "web-1"]);
    press(&mut app, &[KeyCode::Char('s')]);
    assert_eq!(names(&app)[0], "app-1");
    press(
        &mut app,
        &[KeyCode::Char('/'), KeyCode::Char('Q'), KeyCode::Backspace, KeyCode::Char('W')],
    );
    assert!(app.typing);
    press(&mut app, &[KeyCode::Char('e'), KeyCode::Char('b'), KeyCode::Enter]);
    assert_eq!(names(&app), ["web-1"]);
    press(&mut app, &[KeyCode::Esc]);
    assert_eq!(names(&app).len(), 3);
    assert_eq!(press(&mut app, &[KeyCode::Char('q')]), Go::Away);
}

#[test]
fn a_monitor_that_is_gone_is_said_and_what_was_known_stays() {
    let mut app = app(false);
    app.news.gone = Some((before(5).0, "nobody answers".to_owned()));
    let text = screen(&mut app, 80);
    assert!(text.contains("monitor gone since [TIME]") && text.contains("db-1"), "{text}");
}

/// The same with its own network away: what is beyond it is unknown.
fn isolated() -> StatusReport {
    let mut report = report();
    report.monitor.health = "isolated".to_owned();
    report.monitor.faults = 1;
    let line = "litemon cannot reach its own network (no answer from gateway, resolver): \
                what is beyond it is unknown";
    report.monitor.fault_lines = Some(vec![line.to_owned()]);
    report.counts = Counts { servers: 3, checks: 6, blocked: 6, ..Counts::default() };
    for server in &mut report.servers {
        (server.status, server.unreachable) = (Status::Unknown, false);
    }
    for check in report.servers.iter_mut().flat_map(|server| &mut server.checks) {
        (check.status, check.blocked, check.incident) = (Status::Unknown, true, None);
        check.state = "Unknown".to_owned();
    }
    report.on_call = Some(vec![OnCall {
        rota: "ops".to_owned(),
        who: vec!["ann".to_owned()],
        until: Some(Time(Timestamp::from_millis(NOW + 400_000_000))),
        then: vec!["budi".to_owned()],
    }]);
    report
}

#[test]
fn a_monitor_that_is_cut_off_says_so_first() {
    let mut app = app(false);
    app.take(News { report: Some(Arc::new(isolated())), ..News::default() });
    insta::assert_snapshot!("isolated", screen(&mut app, 80));
    insta::assert_snapshot!("isolated_status", as_text(&isolated(), false, Some(100)));
}

#[test]
fn colour_only_where_it_may_be_and_nothing_that_a_terminal_obeys() {
    let colours = |colour: bool| {
        let mut app = app(colour);
        press(&mut app, &[KeyCode::Down, KeyCode::Enter]);
        let terminal = drawn(&mut app, 80);
        let cells = terminal.backend().buffer().content().to_vec();
        assert!(cells.iter().all(|cell| !cell.symbol().contains('\u{1b}')));
        cells.iter().any(|cell| cell.fg != Color::Reset)
    };
    assert!(colours(true));
    assert!(!colours(false));
}
