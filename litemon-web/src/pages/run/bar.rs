//! Below the list of servers: what is run on those that are selected.

use litemon_core::model::Name;
use maud::{Markup, html};

use super::fields;
use crate::scene::Scene;

/// The box that selects a server. It belongs to the bar's form, wherever it stands.
pub(in crate::pages) fn pick(scene: &Scene, server: &Name, chosen: bool) -> Markup {
    html! {
        label.pick {
            input type="checkbox" name="server" value=(server) form="run" checked[chosen]
                autocomplete="off" data-focus={ "pick-" (server) };
            span.hidden { (scene.words.jobs.pick(server.as_str())) }
        }
    }
}

/// The bar; `all` is the address at which all that are shown are selected.
pub(in crate::pages) fn bar(scene: &Scene, shown: usize, all: &str) -> Markup {
    let Some(actions) = scene.actions() else { return html! {} };
    let words = &scene.words.jobs;
    html! {
        form.run #run method="post" action="/jobs/new" aria-label=(words.run) {
            (scene.csrf())
            p.chosen {
                b #chosen aria-live="polite" data-none=(words.select_hint)
                    data-one=(words.selected(1)) data-many=(words.selected("#")) { (words.select_hint) }
                a.button.plain #choose href=(all) data-all=(words.select_all("#")) data-none=(words.select_none) {
                    (words.select_all(shown))
                }
            }
            (fields(scene, actions))
        }
    }
}
