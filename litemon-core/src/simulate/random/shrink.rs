//! The shortest beginning of a story that still breaks a promise.

use std::time::Duration;

use super::{ExploreError, Found, Random, end, written};
use crate::{
    model::Name,
    policy::Scope,
    simulate::{
        play::PlayError,
        promises::Broken,
        scene::Way,
        timeline::{Action, Event, Timeline},
    },
};

/// Halves the story until it is as short as it may be, by what each beginning of it `breaks`. A
/// shorter one may break another promise.
pub(super) fn shortest(
    random: &Random,
    timeline: &mut Timeline,
    first: &Broken,
    breaks: impl Fn(&Timeline) -> Result<Option<Broken>, PlayError>,
) -> Result<Found, ExploreError> {
    let story = timeline.events.clone();
    let before = story.iter().filter(|event| event.after <= first.after).count();
    let whole = (story.clone(), timeline.lasts, first.what.clone());
    let (mut good, mut best) = (0, None);
    let mut bad = before.min(story.len());
    // The first look is at the story up to where it showed, the others halve what is left.
    let mut at = bad;
    while good < bad {
        timeline.events = beginning(&story, at, timeline);
        timeline.lasts = end(timeline);
        match breaks(timeline)? {
            Some(broken) => {
                bad = at;
                best = Some((timeline.events.clone(), timeline.lasts, broken.what));
            }
            None if best.is_none() => break,
            None => good = at + 1,
        }
        at = good + (bad - good) / 2;
    }
    let (events, lasts, what) = best.unwrap_or(whole);
    timeline.lasts = lasts;
    let text = written(random, timeline, &events);
    timeline.events = story;
    Ok(Found { what, timeline: text, events: events.len() })
}

/// So many events, and then all that works for others works.
fn beginning(story: &[Event], count: usize, timeline: &Timeline) -> Vec<Event> {
    let mut events: Vec<Event> = story.iter().take(count).cloned().collect();
    let last = events.last().map(|event| event.after).unwrap_or_default();
    let names = timeline.plans.iter().flat_map(|plan| &plan.notifiers);
    let mut names: Vec<Name> = names.map(|one| one.name.clone()).collect();
    names.sort();
    names.dedup();
    let wanted = events.iter().filter_map(|event| match &event.action {
        Action::Silence(_, scopes, _) => Some(scopes.clone()),
        _ => None,
    });
    let mut scopes: Vec<Scope> = wanted.flatten().chain([Scope::All]).collect();
    scopes.sort();
    scopes.dedup();
    let (soon, later) = (Duration::from_secs(1), Duration::from_secs(15 * 60));
    let mut then = |after, action| events.push(Event { after: last + after, action });
    then(soon, Action::Way(names, Way::Up));
    then(soon, Action::Network(true));
    then(soon, Action::Store(true));
    then(soon, Action::Journal(true));
    // A restart before that may not be over.
    then(later, Action::Unsilence(scopes));
    then(later, Action::Reload(0, "config".to_owned()));
    events
}
