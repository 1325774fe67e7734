//! What happened in an incident, in the order of time.

use litemon_core::model::{
    AttemptRecord, AttemptResult, NoticeRecord, NoticeState, Status, StatusChange, Timestamp,
};
use maud::{Markup, html};

use super::{Fragment, incident::Known, mark::mark};
use crate::{past::Story, scene::Scene, text::Clean};

/// One thing that happened.
struct Step {
    at: Timestamp,
    /// As a shape; what was sent has none.
    status: Option<Status>,
    what: Markup,
}

impl Step {
    const fn new(at: Timestamp, status: Option<Status>, what: Markup) -> Self {
        Self { at, status, what }
    }
}

/// All of it. Without the history, only how it began is known.
pub(super) fn timeline(scene: &Scene, known: &Known<'_>) -> Fragment {
    let mut steps = Vec::new();
    if let Some(since) = known.since() {
        let what = html! { (scene.words.incidents.first_bad) };
        steps.push(Step::new(since, Some(Status::Warning), what));
    }
    if let Some(story) = known.story {
        steps.extend(raised(scene, story));
        steps.extend(changes(scene, story));
        steps.extend(end(scene, story));
        for (notice, attempts) in &story.history.notices {
            steps.extend(sent(scene, notice, attempts));
        }
    }
    // Stable: of the same moment, in the order above.
    steps.sort_by_key(|step| step.at);
    let html = html! {
        section #timeline {
            h2.section { (scene.words.incidents.timeline) }
            ol.card.timeline { @for step in &steps { (row(scene, step)) } }
        }
    };
    Fragment::new("timeline", html)
}

fn row(scene: &Scene, step: &Step) -> Markup {
    html! {
        li {
            span.at { (scene.moment(step.at, true)) }
            @match step.status { Some(status) => (mark(status)), None => span.mark.sent aria-hidden="true" {} }
            p { (step.what) }
        }
    }
}

fn raised(scene: &Scene, story: &Story) -> Option<Step> {
    let incident = &story.history.incident;
    (incident.raised > incident.since).then(|| {
        let change = story.changes.iter().find(|change| change.at == incident.raised);
        let why = change.map(|change| change.detail.as_str()).unwrap_or_default();
        let what = html! {
            b { (scene.words.incidents.raised) }
            @if scene.detail && !why.is_empty() { " — " (Clean(why)) }
        };
        Step::new(incident.raised, Some(Status::Critical), what)
    })
}

/// What the check became while the incident lasted; its beginning and end are told as such.
fn changes<'a>(scene: &'a Scene, story: &'a Story) -> impl Iterator<Item = Step> + 'a {
    let incident = &story.history.incident;
    let told = [Some(incident.raised), incident.closed.map(|(at, _)| at)];
    story
        .changes
        .iter()
        .filter(move |change| !told.contains(&Some(change.at)))
        .map(|change| Step::new(change.at, Some(change.status), became(scene, change)))
}

fn became(scene: &Scene, change: &StatusChange) -> Markup {
    let words = scene.words;
    let word = match change.status {
        Status::Ok => words.ok,
        Status::Warning => words.warning,
        Status::Unknown => words.unknown,
        Status::Critical => words.critical,
    };
    html! {
        (words.incidents.became) " " b { (word) }
        @if scene.detail && !change.detail.is_empty() { " — " (Clean(&change.detail)) }
    }
}

/// Each attempt to tell somebody; where there was none yet, that it waits.
fn sent(scene: &Scene, notice: &NoticeRecord, attempts: &[AttemptRecord]) -> Vec<Step> {
    let words = &scene.words.incidents;
    let mut steps: Vec<_> =
        attempts.iter().map(|one| Step::new(one.at, None, attempt(scene, notice, one))).collect();
    if attempts.is_empty() && matches!(notice.state, NoticeState::Pending | NoticeState::Held) {
        let what = html! { (what(scene, notice)) " — " (scene.words.telling) };
        steps.push(Step::new(notice.at, None, what));
    }
    if notice.state == NoticeState::Gathered {
        let what = html! { (what(scene, notice)) " — " b { (words.accepted) } ", " (scene.words.with_others) };
        steps.push(Step::new(notice.state_at, None, what));
    }
    let arrival = match notice.state {
        NoticeState::Delivered => Some(html! { b { (scene.words.delivered) } }),
        NoticeState::Undelivered => Some(html! { b.bad { (scene.words.undelivered) } }),
        _ => None,
    };
    if let Some(arrival) = arrival {
        let what = html! { (what(scene, notice)) " — " (arrival) };
        steps.push(Step::new(notice.state_at, None, what));
    }
    if notice.state == NoticeState::Dead {
        let what = html! { (what(scene, notice)) " — " b.bad { (words.given_up) } };
        steps.push(Step::new(notice.state_at, None, what));
    }
    steps
}

fn attempt(scene: &Scene, notice: &NoticeRecord, one: &AttemptRecord) -> Markup {
    let words = &scene.words.incidents;
    let result = match one.result {
        AttemptResult::Accepted => words.accepted,
        AttemptResult::Queued => words.queued,
        AttemptResult::Retry => words.try_failed,
        AttemptResult::Permanent => scene.words.failed,
        _ => scene.words.unknown,
    };
    html! {
        (what(scene, notice)) " — " b { (result) }
        @if one.attempt > 1 { ", " (words.attempt(one.attempt)) }
        @if scene.detail && !one.detail.is_empty() { span.said { " " (Clean(&one.detail)) } }
    }
}

/// What was sent, and to whom for those who may know.
fn what(scene: &Scene, notice: &NoticeRecord) -> Markup {
    html! {
        (scene.words.incidents.notice(notice.reason))
        @if scene.detail {
            ": " (Clean(&notice.notifier))
            @if !notice.recipient.is_empty() { " → " (Clean(&notice.recipient)) }
        }
    }
}

fn end(scene: &Scene, story: &Story) -> Option<Step> {
    let (at, reason) = story.history.incident.closed?;
    let what = html! { b { (scene.words.incidents.end(reason)) } };
    Some(Step::new(at, Some(Status::Ok), what))
}
