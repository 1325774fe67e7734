//! What keeps an incident from being told, who takes it, and the buttons to say so.

use litemon_core::{
    model::{Name, Timestamp},
    monitor::IncidentView,
    policy::{Healing, Silence, Stage},
};
use maud::{Markup, html};

use crate::scene::Scene;

/// For how long an incident may be taken or muted, in minutes; 0: until it is over.
pub(super) const LASTS: [u64; 4] = [0, 60, 240, 1440];

/// Each in a few words: who takes it, why it is not told, and what remedies did.
pub(super) fn lines(scene: &Scene, incident: &IncidentView) -> Vec<String> {
    let words = &scene.words.silence;
    let taken = incident.acknowledged.as_ref().map(|taken| {
        let who = if scene.detail { taken.by.as_str() } else { "…" };
        let until = taken.until.map(|at| format!(", {}", words.until(time(scene, at))));
        format!("{}{}", words.taken_by(who), until.unwrap_or_default())
    });
    let flaps = scene.snapshot.check(incident.check.as_str()).and_then(|check| check.flapping);
    let flaps = flaps.map(|since| words.flapping(time(scene, since)));
    let silence = incident.silence.as_ref().map(|why| why_not(scene, why));
    // Names of notifiers are not for everybody.
    let remedies = incident.remedies.iter().filter(|_| scene.detail);
    let remedies = remedies.map(|(name, healing)| remedy(scene, name, healing));
    [taken, flaps, silence].into_iter().flatten().chain(remedies).collect()
}

fn remedy(scene: &Scene, name: &Name, healing: &Healing) -> String {
    let (words, name) = (&scene.words.silence, name.as_str());
    match healing.stage {
        Stage::Verifying { until, .. } => words.remedy_verified(name, scene.zone.clock_time(until)),
        Stage::Failed { .. } => words.remedy_failed(name, healing.runs),
        Stage::GivenUp => words.remedy_given_up(name, healing.runs),
        _ => words.remedy_runs(name),
    }
}

fn why_not(scene: &Scene, silence: &Silence) -> String {
    let words = &scene.words.silence;
    match silence {
        Silence::Dependency(check) => words.dependency(check.as_str()),
        Silence::Awaiting(check) => words.awaiting(check.as_str()),
        Silence::Window { until, by, .. } => {
            let who = if scene.detail { by.as_str() } else { "…" };
            words.window(time(scene, *until), who)
        }
        Silence::Isolated => words.isolated.to_owned(),
        _ => words.planned.to_owned(),
    }
}

fn time(scene: &Scene, at: Timestamp) -> String {
    scene.zone.format("%Y-%m-%d %H:%M", at)
}

/// To take an incident, or to give it up: the buttons of [`form`], which stay up to date.
pub(super) fn buttons(scene: &Scene, incident: &IncidentView) -> Markup {
    let words = &scene.words.silence;
    let at = format!("/incidents/{}", incident.number);
    html! {
        div.actions.here #take {
            @if incident.acknowledged.is_some() {
                button.button type="submit" form="care" formaction={ (at) "/unack" } { (words.give_up) }
            } @else {
                button.button.first type="submit" form="care" formaction={ (at) "/ack" } { (words.take) }
                label.how-long {
                    span.soft { (words.take_for) }
                    select name="minutes" form="care" autocomplete="off" {
                        @for minutes in LASTS {
                            option value=(minutes) { (lasting(scene, minutes)) }
                        }
                    }
                }
            }
        }
    }
}

/// What the buttons send. It holds a secret of the reader's, so that it is no part of what many
/// readers are sent.
pub(super) fn form(scene: &Scene) -> Markup {
    html! { form #care method="post" { (scene.csrf()) } }
}

fn lasting(scene: &Scene, minutes: u64) -> String {
    let words = &scene.words.silence;
    match usize::try_from(minutes / 60) {
        Ok(0) | Err(_) => words.until_over.to_owned(),
        Ok(hours) => words.hours(hours),
    }
}
