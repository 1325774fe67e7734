//! A plan brought to life as `run` does it, with scripted probes and notifiers.

use std::sync::Arc;

use super::scene::{Scene, ScriptedNotifier, ScriptedProbe};
use crate::{
    clock::Clock,
    config::Plan,
    model::{CheckId, CheckKind, Name},
    monitor::{Assembler, Check, NotifierSetup, Setup},
    notify::{NotifierSite, Words},
};

/// The setup of a plan in a scene.
pub(super) fn setup(
    plan: &Plan,
    assembler: &mut Assembler,
    scene: &Arc<Scene>,
    clock: &Arc<dyn Clock>,
) -> Setup {
    let mut setup = assembler.assemble(plan);
    // They would look at the network of this machine, in which nothing of the story happens.
    setup.canaries.clear();
    for check in &mut setup.checks {
        check.probe = Arc::new(probe(check, scene, clock));
    }
    let site = assembler.site(plan);
    for notifier in &mut setup.notifiers {
        notifier.notifier = Arc::new(scripted(notifier, plan, &site, scene));
    }
    setup
}

fn probe(check: &Check, scene: &Arc<Scene>, clock: &Arc<dyn Clock>) -> ScriptedProbe {
    // These are read by commands on the server; other kinds may look from here.
    let there = matches!(check.kind, CheckKind::Resource | CheckKind::Service);
    let login = check.server.as_ref().filter(|_| there).map(CheckId::ssh);
    ScriptedProbe {
        scene: Arc::clone(scene),
        clock: Arc::clone(clock),
        check: check.id.clone(),
        kind: check.kind,
        login,
    }
}

fn scripted(
    setup: &NotifierSetup,
    plan: &Plan,
    site: &NotifierSite,
    scene: &Arc<Scene>,
) -> ScriptedNotifier {
    let named = |name: &Name| plan.notifiers.iter().find(|planned| planned.name == *name);
    let wording = named(&setup.name).and_then(|planned| planned.wording.clone());
    let words = wording.map(|wording| Arc::new(wording) as Arc<dyn Words>);
    ScriptedNotifier {
        scene: Arc::clone(scene),
        name: setup.name.clone(),
        real: Arc::clone(&setup.notifier),
        site: site.clone().with_words(words),
    }
}
