//! Who is on call, and who comes next. Their names only: numbers and addresses are on no page.

use litemon_core::{model::Name, policy::Rota};
use maud::{Markup, html};

use super::Fragment;
use crate::scene::Scene;

/// For those who may know who is told; nothing where nobody takes turns.
pub(super) fn duty(scene: &Scene) -> Fragment {
    let rotas = &scene.snapshot.rotas;
    let html = html! {
        section #duty {
            @if scene.detail && !rotas.is_empty() {
                h2.section { (scene.words.duty.on_call) }
                ul { @for rota in rotas { (turn(scene, rota)) } }
            }
        }
    };
    Fragment::new("duty", html)
}

/// `ops: ann until Mon 09:00, then budi`
fn turn(scene: &Scene, rota: &Rota) -> Markup {
    let words = &scene.words.duty;
    html! {
        li {
            (rota.name) ": " b { (names(&rota.on_duty(scene.now))) }
            @if let Some((at, next)) = rota.next_change(scene.now) {
                " " (words.until) " " (scene.soon(at)) ", " (words.then) " " (names(&next))
            }
        }
    }
}

fn names(who: &[&Name]) -> String {
    who.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}
