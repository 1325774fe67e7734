//! What a check was, and from when to when.

use litemon_core::model::{Status, StatusChange, Timestamp};

use super::Window;

/// More than these are put together, so that a chart of something that flaps stays small.
const MOST: u32 = 240;

/// A time in which a check was one thing; `None` when it is not known what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) status: Option<Status>,
}

/// The changes that are known of a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Changes {
    /// What held when the time began.
    pub(crate) before: Option<Status>,
    /// Oldest first.
    pub(crate) changes: Vec<StatusChange>,
    /// Whether there were more, which are not here.
    pub(crate) cut: bool,
}

/// What a window holds, without holes: from its beginning to its end, oldest first. `now` is what
/// holds at its end, and since when.
pub(crate) fn spans(
    known: &Changes,
    now: Option<(Timestamp, Status)>,
    window: Window,
) -> Vec<Span> {
    let mut steps = vec![(window.from, known.before)];
    steps.extend(known.changes.iter().map(|change| (change.at, Some(change.status))));
    if known.cut {
        // From the last that was read on it is not known, until what holds now began.
        steps.extend(known.changes.last().map(|last| (last.at, None)));
    }
    steps.sort_by_key(|(at, _)| *at);
    if let (Some((since, status)), Some(&(last, held))) = (now, steps.last())
        && held != Some(status)
    {
        steps.push((since.max(last), Some(status)));
    }
    let ends = steps.iter().skip(1).map(|(at, _)| *at).chain([window.to]).collect::<Vec<_>>();
    let mut spans = Vec::new();
    for (&(from, status), to) in steps.iter().zip(ends) {
        if let Some(cut) = window.cut(from, to) {
            push(&mut spans, Span { from: cut.from, to: cut.to, status });
        }
    }
    if spans.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
        coarse(&spans, window)
    } else {
        spans
    }
}

fn push(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if last.status == span.status => last.to = span.to,
        _ => spans.push(span),
    }
}

/// Cells of equal width, each with the worst of what it holds.
fn coarse(spans: &[Span], window: Window) -> Vec<Span> {
    let all = window.to.since(window.from);
    let start = |index: u32| window.from.plus(all * index / MOST);
    let mut coarse = Vec::new();
    let mut rest = spans;
    for index in 0..MOST {
        let (from, to) = (start(index), start(index + 1));
        let over = rest.iter().take_while(|span| span.to <= from).count();
        rest = rest.get(over..).unwrap_or_default();
        let within = rest.iter().take_while(|span| span.from < to);
        push(&mut coarse, Span { from, to, status: within.filter_map(|span| span.status).max() });
    }
    coarse
}
