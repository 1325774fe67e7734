//! The actions that fit one server, or what is wrong with it: one press each.

use litemon_core::{
    manage::actions::Action,
    model::{CheckKind, Name},
};
use maud::{Markup, html};

use super::{
    super::{jobs, matter::Matter},
    fields,
};
use crate::scene::Scene;

/// All of them, for the page of a server.
pub(in crate::pages) fn of_server(scene: &Scene, server: &Name) -> Option<Markup> {
    let actions = scene.actions()?;
    let words = &scene.words.jobs;
    Some(html! {
        details.here {
            summary { (words.run_here) }
            form.run.one method="post" action="/jobs/new" aria-label=(words.run_here) {
                (scene.csrf())
                input type="hidden" name="server" value=(server);
                (fields(scene, actions))
            }
        }
    })
}

/// What may help with an incident: for a service its restart, else what looks at the server, and
/// its restart.
pub(in crate::pages) fn of_incident(scene: &Scene, matter: &Matter<'_>) -> Option<Markup> {
    let actions = scene.actions()?;
    let server = matter.server().and_then(|name| scene.snapshot.server(name))?;
    let fits: Vec<_> = fitting(matter)
        .iter()
        .filter_map(|name| actions.iter().find(|action| action.name.as_str() == *name))
        .collect();
    (!fits.is_empty()).then(|| {
        html! {
            div.actions.here aria-label=(scene.words.jobs.run_here) role="group" {
                @for action in fits { (one(scene, action, &server.name, matter)) }
            }
        }
    })
}

const fn fitting(matter: &Matter<'_>) -> &'static [&'static str] {
    match matter.kind {
        CheckKind::Service => &["service", "restart"],
        CheckKind::Ssh => &["ping"],
        _ => &["ping", "restart"],
    }
}

fn one(scene: &Scene, action: &Action, server: &Name, matter: &Matter<'_>) -> Markup {
    let service = action.name.as_str() == "service";
    let text = jobs::name(scene.words, action.name.as_str(), service.then_some("restart"));
    let about = if service { matter.check.name() } else { server.as_str() };
    html! {
        form method="post" action="/jobs/new" {
            (scene.csrf())
            input type="hidden" name="server" value=(server);
            input type="hidden" name="plain" value="yes";
            @if service {
                input type="hidden" name="p.verb" value="restart";
                input type="hidden" name="p.unit" value=(matter.check.name());
            }
            button.button.danger[action.dangerous] type="submit" name="action" value=(action.name) {
                (text) " " (about)
            }
        }
    }
}
