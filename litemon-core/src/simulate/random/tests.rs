use std::time::Duration;

use super::*;
use crate::{
    model::{CheckId, Reason},
    simulate::{
        evidence::Evidence,
        promises::Broken,
        scene::{Act, Attempt, Sight},
        timeline::Action,
    },
};

fn head() -> Timeline {
    read_text(Path::new("x.toml"), BUILT_IN, &Inputs::default(), &Zone::utc()).unwrap()
}

/// A day of seed 5, and what it left behind.
fn day() -> (Timeline, Evidence) {
    let mut timeline = head();
    timeline.events = story::story(&timeline.plans, 5, 1);
    timeline.lasts = end(&timeline);
    let seen = evidence(&timeline).unwrap();
    (timeline, seen)
}

fn whats(timeline: &Timeline, seen: &Evidence) -> Vec<String> {
    promises::broken(timeline, seen).into_iter().map(|broken| broken.what).collect()
}

fn first_of(seen: &Evidence, reason: Reason) -> usize {
    let is = |attempt: &Attempt| attempt.notice.reason == reason && promises::arrived(attempt);
    seen.attempts.iter().position(is).expect("one of them in a day")
}

/// Looks at the same day again with one message less, or one more.
#[test]
fn what_is_missing_or_too_much_is_found() {
    let (timeline, mut seen) = day();
    assert_eq!(whats(&timeline, &seen), [] as [String; 0]);
    let (raised, over) = (first_of(&seen, Reason::Raised), first_of(&seen, Reason::Recovered));

    let lost = seen.attempts.remove(over);
    let found = whats(&timeline, &seen);
    assert!(found.iter().any(|what| what.starts_with("the end of #")), "{found:?}");
    seen.attempts.insert(over, lost.clone());

    seen.attempts.insert(over, lost);
    let found = whats(&timeline, &seen);
    assert!(found.iter().any(|what| what.starts_with("told after its end")), "{found:?}");
    seen.attempts.remove(over);

    let lost = seen.attempts.remove(raised);
    let found = whats(&timeline, &seen);
    assert!(found.iter().any(|what| what.starts_with("a recovery without")), "{found:?}");
    seen.attempts.insert(raised, lost.clone());

    seen.attempts.insert(raised, lost);
    let found = whats(&timeline, &seen);
    assert!(found.iter().any(|what| what.starts_with("a second problem")), "{found:?}");
}

#[test]
fn what_comes_late_is_found() {
    let (mut timeline, hour) = (head(), Duration::from_secs(3600));
    let nginx = vec![CheckId::parse("web-1/nginx").unwrap()];
    let see = |hours, sight| {
        let action = Action::See(nginx.clone(), Act::of(sight));
        Event { after: hour * hours, action }
    };
    // Not while the configuration has maintenance.
    timeline.events = vec![see(8, Sight::Off), see(10, Sight::Well)];
    timeline.lasts = end(&timeline);
    let mut seen = evidence(&timeline).unwrap();
    assert_eq!(whats(&timeline, &seen), [] as [String; 0]);
    for attempt in &mut seen.attempts {
        attempt.ended += Duration::from_secs(300);
    }
    let found = whats(&timeline, &seen);
    assert!(found[0].contains("oncall was not told in time"), "{found:?}");
}

/// The second configuration of the built-in story has no web-2.
#[test]
fn what_the_configuration_of_the_time_does_not_have_is_not_late() {
    let (mut timeline, hour) = (head(), Duration::from_secs(3600));
    let see = |hours, check: &str, sight| {
        let checks = vec![CheckId::parse(check).unwrap()];
        Event { after: hour * hours, action: Action::See(checks, Act::of(sight)) }
    };
    let reload = |hours, place: usize| Event {
        after: hour * hours,
        action: Action::Reload(place, PLANS[place].to_owned()),
    };
    timeline.events = vec![
        reload(4, 1),
        see(8, "web-2/nginx", Sight::Off),
        see(10, "web-2/nginx", Sight::Well),
        see(12, "web-1/nginx", Sight::Off),
        see(14, "web-1/nginx", Sight::Well),
        reload(16, 0),
    ];
    timeline.lasts = end(&timeline);
    let mut seen = evidence(&timeline).unwrap();
    assert_eq!(whats(&timeline, &seen), [] as [String; 0]);
    for attempt in &mut seen.attempts {
        attempt.ended += Duration::from_secs(300);
    }
    let found = whats(&timeline, &seen);
    assert!(found.iter().all(|what| what.starts_with("web-1/nginx failed")), "{found:?}");
    assert!(!found.is_empty());
}

#[test]
fn a_story_is_cut_behind_what_breaks_a_promise() {
    let (mut timeline, _) = day();
    let culprit = |event: &Event| matches!(event.action, Action::Way(..));
    let place = timeline.events.iter().position(culprit).expect("an outage in a day");
    let all = timeline.events.len();
    let before = timeline.events[place].clone();
    let random = Random::new(5, 1);
    let first = Broken { after: timeline.lasts, what: "it broke".to_owned() };
    let breaks =
        |beginning: &Timeline| Ok(beginning.events.contains(&before).then(|| first.clone()));
    let found = shrink::shortest(&random, &mut timeline, &first, breaks).unwrap();
    // What makes all well again follows.
    assert!((place..place + 8).contains(&found.events) && found.events < all, "{found:?}");

    // It can be read again, and is what it was.
    let read = read_text(Path::new("x.toml"), &found.timeline, &Inputs::default(), &Zone::utc());
    let read = read.unwrap_or_else(|error| panic!("{error}\n{}", found.timeline));
    assert_eq!(read.events.len(), found.events);
    assert_eq!(read.events[..=place], timeline.events[..=place]);
}

#[test]
fn what_is_declared_down_while_the_network_is_away_is_found() {
    let (mut timeline, hour) = (head(), Duration::from_secs(3600));
    let nginx = vec![CheckId::parse("web-1/nginx").unwrap()];
    let at = |minutes: u32, action| Event { after: hour * minutes / 60, action };
    let see = |sight| Action::See(nginx.clone(), Act::of(sight));
    timeline.events = vec![
        at(480, Action::Network(false)),
        at(490, see(Sight::Off)),
        at(500, Action::Network(true)),
        at(560, see(Sight::Well)),
    ];
    timeline.lasts = end(&timeline);
    let mut seen = evidence(&timeline).unwrap();
    assert_eq!(whats(&timeline, &seen), [] as [String; 0]);
    let told =
        |seen: &Evidence| seen.attempts.iter().filter(|sent| promises::arrived(sent)).count();
    assert!(told(&seen) > 0, "it is told that litemon was cut off, and of nginx");
    let of_nginx = |incident: &&mut crate::model::Incident| incident.check == nginx[0];
    let incident = seen.incidents.values_mut().find(of_nginx).unwrap();
    incident.since = timeline.start.plus(hour * 490 / 60);
    let found = whats(&timeline, &seen);
    assert!(found[0].starts_with("web-1/nginx was declared down as #"), "{found:?}");
}

/// Some seeds here, more with `LITEMON_SOAK`.
#[test]
fn no_promise_is_broken_while_the_network_comes_and_goes() {
    let (hour, seeds) = (Duration::from_secs(3600), if soak() { 5..40 } else { 5..6 });
    for seed in seeds {
        let mut timeline = head();
        let mut events = story::story(&timeline.plans, seed, 1);
        for cut in 0..6 {
            let down = hour * 4 * cut + hour * u32::try_from(seed).unwrap() / 7;
            let up = down + hour * (cut + 1) / 9;
            events.push(Event { after: down, action: Action::Network(false) });
            events.push(Event { after: up, action: Action::Network(true) });
        }
        events.sort_by_key(|event| event.after);
        timeline.events = events;
        timeline.lasts = end(&timeline);
        let seen = evidence(&timeline).unwrap();
        assert_eq!(whats(&timeline, &seen), [] as [String; 0], "seed {seed}");
    }
}

fn soak() -> bool {
    std::env::var_os("LITEMON_SOAK").is_some()
}
