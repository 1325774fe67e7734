//! How it looks.

use litemon_core::model::Status;
use litemon_web::api::types::{Check, Series};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style},
    text::{Line, Span},
    widgets::{Cell, Paragraph, Row, Sparkline, Table, Wrap},
};

use super::app::{App, Place};
use crate::{
    commands::status::{age, observed, own_lines, state, verdict},
    terminal,
};

/// All of it.
pub fn draw(frame: &mut Frame<'_>, app: &mut App) {
    let own = app.report().map(own_lines).unwrap_or_default();
    let own_height = u16::try_from(own.len().min(3)).unwrap_or(3);
    let [head, faults, body, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(own_height),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(heading(app), head);
    let own: Vec<Line<'_>> = own.iter().map(|line| clean(line).into()).collect();
    frame.render_widget(Paragraph::new(own), faults);
    match app.check().cloned() {
        Some(check) => detail(frame, app, &check, body),
        None => table(frame, app, body),
    }
    frame.render_widget(footing(app), foot);
}

/// Text from elsewhere, without what a terminal would obey.
fn clean(text: &str) -> String {
    terminal::clean_line(text)
}

fn style(app: &App, status: Status) -> Style {
    let plain = Style::new();
    let colour = match status {
        Status::Ok => Color::Green,
        Status::Warning => Color::Yellow,
        Status::Unknown => Color::Magenta,
        Status::Critical => Color::Red,
    };
    let weight = if status == Status::Ok { plain } else { plain.add_modifier(Modifier::BOLD) };
    if app.colour { weight.fg(colour) } else { weight }
}

fn heading(app: &App) -> Line<'static> {
    if let Some((since, long)) = app.gone() {
        let since = app.zone().clock_time(since);
        let text = format!("monitor gone since {since} ({})", terminal::age(long));
        return Span::styled(text, style(app, Status::Critical)).into();
    }
    let Some(report) = app.report() else { return "asking the monitor".into() };
    let counts = &report.counts;
    let place = match &app.place {
        Place::Home => format!("{} servers, {} checks", counts.servers, counts.checks),
        Place::Server(name) => clean(name),
        Place::Check(id, _) => clean(id),
    };
    Line::from(vec![
        Span::styled(verdict(report), style(app, report.status).add_modifier(Modifier::BOLD)),
        Span::raw(format!("   {place}   {}", app.zone().clock_time(report.monitor.now.0))),
    ])
}

fn footing(app: &App) -> Line<'static> {
    let dim = Style::new().add_modifier(Modifier::DIM);
    if app.typing {
        return format!("/{}\u{2588}   Enter keeps, Esc clears", clean(&app.filter)).into();
    }
    let filter = match app.filter.as_str() {
        "" => String::new(),
        filter => format!("   /{}", clean(filter)),
    };
    let keys = match app.place {
        Place::Home => "Enter opens  s sorts  / filters  q leaves",
        Place::Server(_) => "Enter opens  Esc goes back  s sorts  / filters  q leaves",
        Place::Check(..) => "Esc goes back  q leaves",
    };
    Line::styled(format!("{keys}   {}{filter}", app.sort.word()), dim)
}

fn table(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let rows = app.rows();
    if rows.is_empty() {
        let text = match app.report() {
            None => "",
            Some(_) if !app.filter.is_empty() => "Nothing matches.",
            Some(_) => "Nothing is here.",
        };
        return frame.render_widget(Paragraph::new(text), area);
    }
    let wide = |longest: usize, most: u16| u16::try_from(longest).unwrap_or(most).clamp(6, most);
    let names = wide(rows.iter().map(|row| row.name.len()).max().unwrap_or(0), area.width / 2);
    let states = wide(rows.iter().map(|row| row.state.len()).max().unwrap_or(0), 24);
    let lines: Vec<Row<'_>> = rows
        .iter()
        .map(|row| {
            Row::new([
                Cell::from(clean(&row.name)),
                Cell::from(Span::styled(clean(&row.state), style(app, row.status))),
                Cell::from(row.since.clone()),
                Cell::from(clean(&row.seen)),
            ])
        })
        .collect();
    let widths = [
        Constraint::Length(names),
        Constraint::Length(states),
        Constraint::Length(8),
        Constraint::Fill(1),
    ];
    let title = Style::new().add_modifier(Modifier::DIM);
    let table = Table::new(lines, widths)
        .column_spacing(2)
        .header(Row::new(["NAME", "STATE", "SINCE", "SEEN"]).style(title))
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    frame.render_stateful_widget(table, area, &mut app.table);
}

fn detail(frame: &mut Frame<'_>, app: &App, check: &Check, area: Rect) {
    let lines = about(app, check);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let [text, title, chart] =
        Layout::vertical([Constraint::Length(height), Constraint::Length(1), Constraint::Max(8)])
            .areas(area);
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), text);
    let series = app.news.series.as_deref().filter(|series| series.check == check.id);
    if let Some(series) = series.filter(|series| !series.samples.is_empty()) {
        frame.render_widget(Line::from(range(series)), title);
        frame.render_widget(spark(series, chart.width).style(style(app, Status::Ok)), chart);
    }
}

fn about(app: &App, check: &Check) -> Vec<Line<'static>> {
    let now = app.report().map(|report| report.monitor.now);
    let ago = |at| now.map_or_else(String::new, |now| age(now, at));
    let mut lines = vec![Line::from(Span::styled(state(check), style(app, check.status)))];
    let mut say = |label: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("{label:<10}{}", clean(&text)).into());
        }
    };
    say("since", check.since.map_or_else(String::new, ago));
    say("incident", check.incident.map_or_else(String::new, |number| format!("#{number}")));
    if let Some(last) = &check.last {
        let failed = last.seen.failure.is_some();
        say(if failed { "error" } else { "seen" }, observed(&last.seen, None));
        say("last run", format!("{} ago, took {} ms", ago(last.at), last.took_ms));
    }
    say("limits", limits(check));
    let every =
        format!("{} s, at most {} s", seconds(check.interval_ms), seconds(check.timeout_ms));
    say("every", every);
    if check.overruns > 0 {
        say("overruns", check.overruns.to_string());
    }
    if !check.notifies {
        say("told to", "nobody".to_owned());
    }
    lines
}

fn seconds(millis: u64) -> f64 {
    std::time::Duration::from_millis(millis).as_secs_f64()
}

fn limits(check: &Check) -> String {
    let limits = [("warning", check.warn), ("critical", check.threshold)];
    let above = |(word, limit): (&str, Option<f64>)| Some(format!("{word} above {}", limit?));
    limits.into_iter().filter_map(above).collect::<Vec<_>>().join(", ")
}

fn range(series: &Series) -> String {
    let all = || series.samples.iter();
    let least = all().map(|sample| sample.min).fold(f64::INFINITY, f64::min);
    let most = all().map(|sample| sample.max).fold(f64::NEG_INFINITY, f64::max);
    format!("last hour: {} to {}", terminal::short(least), terminal::short(most))
}

/// The newest values that there is room for, as bars from the lowest to the highest.
fn spark(series: &Series, width: u16) -> Sparkline<'static> {
    const STEPS: f64 = 1_000.0;
    let most = series.samples.iter().map(|sample| sample.avg).fold(f64::NEG_INFINITY, f64::max);
    let least =
        series.samples.iter().map(|sample| sample.avg).fold(f64::INFINITY, f64::min).min(0.0);
    let span = if most > least { most - least } else { 1.0 };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1,000")]
    let bar = |value: f64| ((value - least) / span * STEPS).clamp(0.0, STEPS) as u64;
    let skip = series.samples.len().saturating_sub(usize::from(width));
    let bars: Vec<u64> = series.samples.iter().skip(skip).map(|sample| bar(sample.avg)).collect();
    Sparkline::default().data(bars).max(1_000)
}
