//! `/incidents/ID`: the verdict first, for the one who was woken; then what happened, in order.

use litemon_core::{
    model::{Incident, IncidentNumber, NoticeRecord, NoticeState, Status},
    monitor::{IncidentView, Told},
};
use maud::{Markup, html};

use super::{
    Block, Drawing, Fragment, incidents, mark::class, matter::Matter, problems, run, silence,
    timeline,
};
use crate::{past::Story, scene::Scene, text::Clean};

/// What is known of an incident: by the monitor while it is open, by the history, or by both.
pub(super) struct Known<'a> {
    pub(super) view: Option<&'a IncidentView>,
    pub(super) story: Option<&'a Story>,
}

impl<'a> Known<'a> {
    fn of(scene: &'a Scene, number: IncidentNumber) -> Option<Self> {
        let open = scene.snapshot.incidents.iter().map(AsRef::as_ref);
        let view = open.into_iter().find(|incident: &&IncidentView| incident.number == number);
        let story = scene.past.story.as_deref();
        (view.is_some() || story.is_some()).then_some(Self { view, story })
    }

    fn incident(&self) -> Option<&'a Incident> {
        self.story.map(|story| &story.history.incident)
    }

    /// The history hears of an end a little later than the monitor knows it, and of a beginning too.
    fn matter(&self) -> Option<Matter<'a>> {
        let view = self.view.map(Matter::from);
        view.or_else(|| self.incident().map(Matter::from))
    }

    pub(super) fn since(&self) -> Option<litemon_core::model::Timestamp> {
        self.view.map(|view| view.since).or_else(|| self.incident().map(|one| one.since))
    }
}

pub(super) fn draw(scene: &Scene, number: IncidentNumber) -> Option<Drawing> {
    let known = Known::of(scene, number)?;
    let matter = known.matter()?;
    let open = known.view.is_some();
    let state = if open { matter.status } else { Status::Ok };
    let title = matter.headline(scene);
    let heading = html! {
        h1 #verdict { (title) " " span.badge.(class(state)) { "#" (number) } }
    };
    Some(Drawing {
        title: format!("#{number} {title}"),
        state,
        fixed: vec![
            Fragment::new("verdict", heading),
            Fragment::new("summary", summary(scene, &known, &matter)),
            care(scene, &known),
            incidents::away(scene),
            facts(scene, &known, &matter),
            timeline::timeline(scene, &known),
        ],
        tiles: if open { presses(scene, &matter) } else { Vec::new() },
    })
}

/// What can be run about it, and the form of those who may take it. What is over needs neither.
fn presses(scene: &Scene, matter: &Matter<'_>) -> Vec<Block> {
    let form = scene.actions().map(|_| silence::form(scene));
    let presses = [form, run::of_incident(scene, matter)];
    presses.into_iter().flatten().map(Block::Fixed).collect()
}

/// Since when, or from when to when; and how it ended.
fn summary(scene: &Scene, known: &Known<'_>, matter: &Matter<'_>) -> Markup {
    let limit = matter.beside(scene);
    html! {
        span #summary {
            @if let Some(view) = known.view {
                (capital(scene.words.since)) " " (scene.moment_and_age(view.since)) (limit) "."
            } @else if let Some(incident) = known.incident() {
                (incidents::span(scene, incident)) (limit) "."
                @if let Some((_, reason)) = incident.closed { " " b { (scene.words.incidents.end(reason)) "." } }
            }
        }
    }
}

/// Who takes it, why it is not told, and the buttons of those who may say so.
fn care(scene: &Scene, known: &Known<'_>) -> Fragment {
    let html = html! {
        div #controls {
            @if let Some(view) = known.view {
                @for line in silence::lines(scene, view) { p.care { (line) "." } }
                @if scene.actions().is_some() { (silence::buttons(scene, view)) }
            }
        }
    };
    Fragment::new("controls", html)
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// To whom it was told, and where to look next.
fn facts(scene: &Scene, known: &Known<'_>, matter: &Matter<'_>) -> Fragment {
    let words = &scene.words.incidents;
    let told = told(known);
    let html = html! {
        section #facts {
            dl.card.facts {
                @if told.is_empty() { dt { (words.told_head) } dd { (scene.words.nobody) } }
                @for told in &told {
                    dt { (words.notice(told.reason)) }
                    dd { (one_told(scene, told)) }
                }
            }
            p.actions {
                @if let Some(server) = matter.server().filter(|name| scene.snapshot.server(name).is_some()) {
                    a.button href={ "/servers/" (server) } { (words.server) " " (server) }
                }
                @if scene.snapshot.check(matter.check.as_str()).is_some() {
                    a.button href={ "/checks/" (matter.check.as_str()) } { (scene.words.check) " " (matter.check.name()) }
                }
                a.button.plain href={ "/incidents?check=" (percent_encoding::utf8_percent_encode(matter.check.as_str(), percent_encoding::NON_ALPHANUMERIC)) } {
                    (words.incidents) ": " (matter.subject())
                }
            }
        }
    };
    Fragment::new("facts", html)
}

/// Each notice with how far it is. What the monitor knows of an open one is newer.
fn told(known: &Known<'_>) -> Vec<Told> {
    let mut told = known.view.map_or_else(Vec::new, |view| view.told.clone());
    if told.is_empty() {
        let notices = known.story.map_or(&[][..], |story| &story.history.notices);
        told.extend(notices.iter().map(|(notice, _)| as_told(notice)));
    }
    told.retain(|told| told.state != NoticeState::Superseded);
    told
}

fn as_told(notice: &NoticeRecord) -> Told {
    Told {
        notifier: notice.notifier.clone(),
        recipient: notice.recipient.clone(),
        reason: notice.reason,
        state: notice.state,
        at: notice.state_at,
        told_in: notice.told_in.clone(),
    }
}

fn one_told(scene: &Scene, told: &Told) -> Markup {
    html! {
        (problems::line(scene, told))
        @if let Some(digest) = &told.told_in { " " (digest.numbers) }
        @if scene.detail && !told.recipient.is_empty() { " " span.soft { (Clean(&told.recipient)) } }
    }
}
