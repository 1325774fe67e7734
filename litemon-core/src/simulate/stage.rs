//! A plan brought to life as `run` does it, with scripted probes and notifiers.

use std::sync::Arc;

use super::{
    scene::{Scene, ScriptedCanary, ScriptedProbe},
    sender::ScriptedNotifier,
};
use crate::{
    canary::CanaryPlan,
    clock::Clock,
    config::Plan,
    model::{CheckId, CheckKind, Name, Route},
    monitor::{Assembler, Check, NotifierSetup, Setup},
    notify::{NotifierSite, Outlets, Words},
};

/// The setup of a plan in a scene.
pub(super) fn setup(
    plan: &Plan,
    assembler: &mut Assembler,
    scene: &Arc<Scene>,
    clock: &Arc<dyn Clock>,
) -> Setup {
    let mut setup = assembler.assemble(plan);
    let canaries = plan.canaries.iter();
    setup.canaries = canaries.map(|one| Arc::new(canary(*one, scene, clock)) as _).collect();
    for check in &mut setup.checks {
        check.probe = Arc::new(probe(check, scene, clock));
    }
    let site = assembler.site(plan);
    for notifier in &mut setup.notifiers {
        notifier.notifier = Arc::new(scripted(notifier, plan, &site, scene));
    }
    setup
}

/// The real one would look at the network of this machine, in which nothing of the story happens.
fn canary(plan: CanaryPlan, scene: &Arc<Scene>, clock: &Arc<dyn Clock>) -> ScriptedCanary {
    let route = match plan {
        CanaryPlan::Port(address) => Route::to_host(&address.ip().to_string()),
        CanaryPlan::Gateway | CanaryPlan::Resolver => Route::Network,
    };
    let (scene, clock) = (Arc::clone(scene), Arc::clone(clock));
    ScriptedCanary { scene, clock, name: plan.to_string(), route }
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
        route: check.route,
    }
}

fn scripted(
    setup: &NotifierSetup,
    plan: &Plan,
    site: &NotifierSite,
    scene: &Arc<Scene>,
) -> ScriptedNotifier {
    let named = |name: &Name| plan.notifiers.iter().find(|planned| planned.name == *name);
    let planned = named(&setup.name);
    let wording = planned.and_then(|planned| planned.wording.clone());
    let words = wording.map(|wording| Arc::new(wording) as Arc<dyn Words>);
    let usual = || Outlets::one(Route::Network, setup.notifier.timeout());
    ScriptedNotifier {
        scene: Arc::clone(scene),
        name: setup.name.clone(),
        real: Arc::clone(&setup.notifier),
        site: site.clone().with_words(words),
        outlets: planned.map_or_else(usual, |planned| planned.recipe.outlets()),
        command: planned.is_some_and(|planned| !planned.tells_people),
    }
}
