//! What people ask a running monitor for.

use std::time::Duration;

use super::timeline::{Action, By, Which};
use crate::{
    clock::Clock,
    hold::{Planned, PlannedKind},
    model::IncidentNumber,
    monitor::{MonitorHandle, Stopped},
    policy::{Acknowledged, NewWindow, Scope, WindowKind},
};

/// How long silence lasts, and a restart may take, where the timeline does not say.
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// What a running monitor is asked for; why it was in vain.
pub(super) async fn ask(
    handle: &MonitorHandle,
    action: &Action,
    clock: &dyn Clock,
) -> Option<String> {
    let stopped = Some("litemon stopped".to_owned());
    match action {
        Action::Acknowledge(which, by) => {
            let given = Acknowledged::by(&by.who, clock.now()).lasting(by.lasts).note(&by.note);
            acknowledge(handle, which, Some(given)).await
        }
        Action::Unacknowledge(which) => acknowledge(handle, which, None).await,
        Action::Silence(kind, scopes, by) => silence(handle, *kind, scopes, by).await,
        Action::Unsilence(scopes) => unsilence(handle, scopes).await,
        Action::Run(checks) => {
            for check in checks {
                match handle.run_now(check.clone()).await {
                    Ok(true) => {}
                    Ok(false) => return Some(format!("there is no {check}")),
                    Err(_) => return stopped,
                }
            }
            None
        }
        Action::Plan(server, kind, by) => {
            let within = by.lasts.unwrap_or(HOUR);
            let planned = match kind {
                PlannedKind::Restart => Planned::restart(&by.who, within),
                PlannedKind::Shutdown => Planned::shutdown(&by.who, within),
            };
            known(handle.hold(server, planned).await, "there is no such server")
        }
        Action::Back(server) => known(handle.came_back(server).await, "nothing was held"),
        _ => None,
    }
}

fn known(answer: Result<bool, Stopped>, unknown: &str) -> Option<String> {
    match answer {
        Ok(true) => None,
        Ok(false) => Some(unknown.to_owned()),
        Err(stopped) => Some(stopped.to_string()),
    }
}

async fn acknowledge(
    handle: &MonitorHandle,
    which: &Which,
    given: Option<Acknowledged>,
) -> Option<String> {
    let Some(number) = number(handle, which) else {
        return Some("there is no open incident".to_owned());
    };
    known(handle.acknowledge(number, given).await, "it is not open")
}

fn number(handle: &MonitorHandle, which: &Which) -> Option<IncidentNumber> {
    match which {
        Which::Number(number) => Some(*number),
        Which::Check(check) => {
            let snapshot = handle.snapshot();
            snapshot.incidents.iter().find(|one| one.check == *check).map(|one| one.number)
        }
    }
}

async fn silence(
    handle: &MonitorHandle,
    kind: WindowKind,
    scopes: &[Scope],
    by: &By,
) -> Option<String> {
    let new = NewWindow::new(kind, scopes.to_vec(), by.lasts.unwrap_or(HOUR), &by.who);
    match handle.add_window(new.note(&by.note)).await {
        Ok(Some(_)) => None,
        Ok(None) => Some("there are too many such times".to_owned()),
        Err(stopped) => Some(stopped.to_string()),
    }
}

/// Ends the windows that are about these.
async fn unsilence(handle: &MonitorHandle, scopes: &[Scope]) -> Option<String> {
    let snapshot = handle.snapshot();
    let about = |scope: &Scope| scopes.contains(scope);
    let ended = snapshot.windows.iter().filter(|one| one.id > 0 && one.scopes.iter().any(about));
    let mut none = true;
    for window in ended {
        none &= !matches!(handle.end_window(window.id).await, Ok(Some(_)));
    }
    none.then(|| "there is no such time of silence".to_owned())
}
