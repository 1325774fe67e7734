//! A check's history as a chart.

use litemon_core::{
    model::{CheckKind, Sample, Status},
    monitor::CheckView,
};
use maud::{Markup, html};

use crate::{
    archive::Course,
    chart::{range::Range, rows, spans},
    pages::{
        chart::{self, States, Unit, Values},
        mark, notice,
    },
    scene::Scene,
};

/// The chart with its ranges, the value under the pointer, and the same as a table.
pub(super) fn course(scene: &Scene, check: &CheckView, range: Range) -> Markup {
    let seen = &scene.kept.course;
    html! {
        section #course aria-labelledby="course-head" {
            div.head {
                h2.section #course-head { (scene.words.charts.course) }
                (ranges(scene, check, range))
            }
            div.card.course {
                (notice::of(scene, seen, |course| course.window.to))
                @if let Some(course) = &seen.value { (drawn(scene, check, range, course)) }
            }
        }
    }
}

fn ranges(scene: &Scene, check: &CheckView, shown: Range) -> Markup {
    let words = &scene.words.charts;
    html! {
        nav.ranges aria-label=(words.range) {
            @for (range, word) in Range::ALL.into_iter().zip(words.ranges()) {
                a href={ "/checks/" (check.id.as_str()) "?range=" (range.code()) } aria-current=[(range == shown).then_some("true")] { (word) }
            }
        }
    }
}

/// Values where any were measured, else states.
fn drawn(scene: &Scene, check: &CheckView, range: Range, course: &Course) -> Markup {
    let now = check.since.map(|since| (since, check.status));
    let spans = &spans::spans(&course.changes, now, course.window);
    let Course { window, width, samples, incidents, .. } = course;
    let (window, width) = (*window, *width);
    if let Some(total) = rows::total(samples) {
        let values = Values { check, range, window, width, samples, incidents, spans };
        return drawn_values(scene, &values, &total);
    }
    let states = States { check, range, window, spans, incidents };
    html! {
        @if measures(check.kind) { p.notice { (scene.words.charts.nothing_measured) } }
        (drawn_states(scene, &states))
    }
}

const fn measures(kind: CheckKind) -> bool {
    matches!(kind, CheckKind::Resource | CheckKind::Messaging | CheckKind::Statistic)
}

fn drawn_values(scene: &Scene, values: &Values<'_>, total: &Sample) -> Markup {
    let words = &scene.words.charts;
    let sum = chart::sum(scene, &Unit::of(values.check), total);
    html! {
        (readout(&sum))
        div.room { (chart::plot(scene, values, &label(scene, values.check, values.range, &sum))) }
        p.legend {
            span { span.key.line {} (words.mean) }
            span { span.key.spread {} (words.spread) }
            @if !values.incidents.is_empty() { span { span.key.incident {} (words.incident) } }
            @if !scene.work.ran.is_empty() { span { span.key.job {} (words.job) } }
            (common(scene, values.window.to))
        }
        (table(scene, chart::values(scene, values)))
    }
}

fn drawn_states(scene: &Scene, states: &States<'_>) -> Markup {
    let words = &scene.words.charts;
    let sum = shares(scene, states);
    let known = |status: Status| states.spans.iter().any(|span| span.status == Some(status));
    let all = [Status::Ok, Status::Warning, Status::Critical, Status::Unknown];
    html! {
        (readout(&sum))
        div.room.low { (chart::band(scene, states, &label(scene, states.check, states.range, &sum))) }
        p.legend {
            @for status in all.into_iter().filter(|status| known(*status)) {
                span { (mark::mark(status)) (mark::named(scene.words, states.check.kind, status)) }
            }
            @if states.spans.iter().any(|span| span.status.is_none()) { span { span.key.none {} (words.no_record) } }
            @if !states.incidents.is_empty() { span { span.key.incident {} (words.incident) } }
            @if !scene.work.ran.is_empty() { span { span.key.job {} (words.job) } }
            (common(scene, states.window.to))
        }
        (table(scene, chart::states(scene, states)))
    }
}

/// How long it was what, the longest first.
fn shares(scene: &Scene, states: &States<'_>) -> String {
    let mut sums: Vec<(Option<Status>, std::time::Duration)> = Vec::new();
    for span in states.spans {
        let time = span.to.since(span.from);
        match sums.iter_mut().find(|(status, _)| *status == span.status) {
            Some((_, sum)) => *sum += time,
            None => sums.push((span.status, time)),
        }
    }
    sums.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    let texts = sums.iter().map(|(status, time)| {
        format!("{} {}", chart::word(scene, states.check, *status), scene.words.duration(*time))
    });
    texts.collect::<Vec<_>>().join(" · ")
}

fn label(scene: &Scene, check: &CheckView, range: Range, sum: &str) -> String {
    let words = &scene.words.charts;
    let range = Range::ALL.into_iter().zip(words.ranges()).find(|(one, _)| *one == range);
    format!("{}, {}: {sum}", check.id, range.map_or("", |(_, word)| word))
}

/// The sum of it, and instead of that what is under the pointer or chosen by the keyboard.
fn readout(sum: &str) -> Markup {
    html! { p.readout data-sum=(sum) aria-live="polite" { (sum) } }
}

fn common(scene: &Scene, to: litemon_core::model::Timestamp) -> Markup {
    let words = &scene.words.charts;
    html! {
        span.keys { (words.keys) }
        span.zone { (words.times_in) " " (scene.zone.abbreviation(to)) }
    }
}

fn table(scene: &Scene, table: Markup) -> Markup {
    html! {
        details #course-table {
            summary data-focus="table" { (scene.words.charts.as_table) }
            (table)
        }
    }
}
