//! Acknowledging incidents, and times in which people are not told.

use std::time::Duration;

use litemon_core::{
    manage::ManageError,
    policy::{Acknowledged, NewWindow, Scope, Window, WindowKind},
};

use super::{
    call::{Answer, Call, body, json},
    problem::Refusal,
    servers::{created, nothing, who},
    silence_types::{AckOrder, NewSilence, Silence, SilenceKind, SilenceList},
};

/// The shortest and the longest.
const LASTS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(90 * 24 * 3600)];

pub(super) async fn acknowledge(call: Call) -> Answer {
    let order: AckOrder =
        if call.payload.0.is_empty() { AckOrder::default() } else { body(&call)? };
    let (manage, by) = who(&call)?;
    let monitor = call.site.handles.monitor.clone().ok_or_else(Refusal::stopped)?;
    let lasts = order.lasts_ms.map(lasting).transpose()?;
    let taken = Acknowledged::by(&by.name, call.now).lasting(lasts).note(&order.note);
    manage.acknowledge(&by, &monitor, number(&call)?, Some(taken)).await?;
    nothing()
}

pub(super) async fn unacknowledge(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let monitor = call.site.handles.monitor.clone().ok_or_else(Refusal::stopped)?;
    manage.acknowledge(&by, &monitor, number(&call)?, None).await?;
    nothing()
}

pub(super) async fn list(call: Call) -> Answer {
    let silences = call.snapshot.windows.iter().map(|window| silence(window, &call)).collect();
    json(&SilenceList { silences, timezone: call.timezone() })
}

pub(super) async fn add(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let monitor = call.site.handles.monitor.clone().ok_or_else(Refusal::stopped)?;
    let order: NewSilence = body(&call)?;
    let scopes =
        order.targets.iter().map(|text| text.parse::<Scope>()).collect::<Result<Vec<_>, _>>();
    let scopes = scopes.map_err(|error| ManageError::invalid("targets", error.to_string()))?;
    if scopes.is_empty() {
        return Err(ManageError::invalid("targets", "name what it is about").into());
    }
    let kind = match order.kind {
        SilenceKind::Maintenance => WindowKind::Maintenance,
        SilenceKind::Mute => WindowKind::Mute,
    };
    let new = NewWindow::new(kind, scopes, lasting(order.lasts_ms)?, &by.name)
        .from(order.from.map(|at| at.0))
        .note(&order.note);
    created(&silence(&manage.add_window(&by, &monitor, new).await?, &call))
}

pub(super) async fn end(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let monitor = call.site.handles.monitor.clone().ok_or_else(Refusal::stopped)?;
    manage.end_window(&by, &monitor, number(&call)?).await?;
    nothing()
}

fn number(call: &Call) -> Result<i64, Refusal> {
    call.segment(0).parse().map_err(|_| Refusal::unknown("this is no number"))
}

fn lasting(millis: u64) -> Result<Duration, Refusal> {
    let (lasts, [least, most]) = (Duration::from_millis(millis), LASTS);
    if (least..=most).contains(&lasts) {
        return Ok(lasts);
    }
    Err(ManageError::invalid("lasts_ms", "a minute to 90 days is expected").into())
}

fn silence(window: &Window, call: &Call) -> Silence {
    Silence {
        number: (window.id > 0).then_some(window.id),
        kind: match window.kind {
            WindowKind::Mute => SilenceKind::Mute,
            _ => SilenceKind::Maintenance,
        },
        targets: window.scopes.iter().map(ToString::to_string).collect(),
        from: window.from.into(),
        until: window.until.into(),
        open: window.is_open(call.now),
        by: window.by.clone(),
        note: window.note.clone(),
    }
}
