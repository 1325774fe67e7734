//! From what was written to a timeline, with every mistake at once.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use regex::Regex;

use super::{
    action::{self, Known},
    expect::{self, Expectation, Expected, What, Words},
    file::{self, Written},
    moments,
    timeline::{Event, Timeline},
};
use crate::{
    config::{Draft, KeyPath, Mistake, Mistakes, OneOrMany, Origins, Place, Plan},
    model::{Timestamp, Zone},
};

/// The longest that is played.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);
/// How much longer than to the last event it is played where nothing says so.
const AFTERMATH: Duration = Duration::from_secs(600);

/// What was read so far, and what is wrong with it.
pub(super) struct Reader {
    origins: Origins,
    drafts: Vec<Draft>,
    mistakes: Vec<Mistake>,
    plans: Vec<Plan>,
    /// Plans by the names that reloads call them by.
    named: BTreeMap<String, usize>,
}

impl Reader {
    pub(super) fn new(origins: Origins, drafts: Vec<Draft>) -> Self {
        let (mistakes, plans, named) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { origins, drafts, mistakes, plans, named }
    }

    /// A configuration, or what is wrong with it.
    pub(super) fn add(&mut self, name: Option<String>, plan: Result<Plan, Mistakes>) {
        match plan {
            Ok(plan) => {
                let name = name.unwrap_or_else(|| "config".to_owned());
                self.named.insert(name, self.plans.len());
                self.plans.push(plan);
            }
            Err(mistakes) => self.mistakes.extend(mistakes.iter().cloned()),
        }
    }

    /// Files that reloads bring.
    pub(super) fn reloads(&self, written: &Written) -> Vec<PathBuf> {
        let mut files: Vec<&String> = written
            .at
            .iter()
            .filter_map(|moment| moment.reload.as_ref())
            .filter(|name| !self.named.contains_key(*name) && name.ends_with(".toml"))
            .collect();
        files.sort();
        files.dedup();
        files.into_iter().map(PathBuf::from).collect()
    }

    /// All of it, or everything that is wrong.
    pub(super) fn timeline(mut self, written: Written) -> Result<Timeline, Mistakes> {
        let plans = std::mem::take(&mut self.plans);
        let Some(first) = plans.first().filter(|_| self.mistakes.is_empty()) else {
            return Err(self.wrong());
        };
        let zone = first.zone.clone();
        let start = self.start(written.start.as_deref(), &zone);
        let named = std::mem::take(&mut self.named);
        let known = Known::of(&plans, &named);
        let mut events = Vec::new();
        for (place, moment) in written.at.iter().enumerate() {
            let at = KeyPath::new(["at".to_owned(), place.to_string()]);
            events.extend(self.event(&at, moment, (start, &zone), &known));
        }
        events.sort_by_key(|event| event.after);
        let expected = self.expected(&written, (start, &zone));
        let last = events.last().map_or(Duration::ZERO, |event| event.after);
        let lasts = written.lasts.map_or(last + AFTERMATH, |lasts| lasts.0);
        if lasts > LONGEST {
            self.say(KeyPath::new(["lasts"]), "expected at most 366d");
        }
        if !self.drafts.is_empty() {
            return Err(self.wrong());
        }
        let about = written.about;
        Ok(Timeline { about, zone, start, lasts, plans, events, expected })
    }

    fn wrong(mut self) -> Mistakes {
        self.mistakes.extend(self.origins.place(std::mem::take(&mut self.drafts)));
        Mistakes::new(self.mistakes)
    }

    fn say(&mut self, path: KeyPath, message: impl Into<String>) {
        self.drafts.push(Draft::value(path, message));
    }

    /// A Monday in winter when nothing else is said.
    fn start(&mut self, text: Option<&str>, zone: &Zone) -> Timestamp {
        let usual = || zone.read("2026-11-23 00:00").unwrap_or_default();
        let Some(text) = text else { return usual() };
        zone.read(text).unwrap_or_else(|| {
            self.say(KeyPath::new(["start"]), "expected a date and time, as \"2026-11-21 05:33\"");
            usual()
        })
    }

    fn event(
        &mut self,
        at: &KeyPath,
        moment: &file::Moment,
        (start, zone): (Timestamp, &Zone),
        known: &Known,
    ) -> Option<Event> {
        let after = match &moment.time {
            None => {
                self.drafts.push(Draft::missing(at.child("time"), moments::EXPECTED));
                None
            }
            Some(text) => self.offset(at.child("time"), text, start, zone),
        };
        let mut wrong = Vec::new();
        let action = action::understand(moment, known, &mut wrong);
        for (key, message) in wrong {
            match key {
                Some(key) => self.say(at.child(key), message),
                None => self.drafts.push(Draft::key(at.clone(), message)),
            }
        }
        Some(Event { after: after?, action: action? })
    }

    fn offset(
        &mut self,
        path: KeyPath,
        text: &str,
        start: Timestamp,
        zone: &Zone,
    ) -> Option<Duration> {
        let offset = moments::offset(text, start, zone);
        if offset.is_none() {
            self.say(path, moments::EXPECTED);
        }
        offset
    }

    fn expected(&mut self, written: &Written, around: (Timestamp, &Zone)) -> Expected {
        let mut all = Vec::new();
        for (place, one) in written.expect.iter().enumerate() {
            let at = KeyPath::new(["expect".to_owned(), place.to_string()]);
            all.extend(self.expectation(&at, one, around));
        }
        let Written { messages, nothing_else, invariants, .. } = *written;
        Expected { all, messages, nothing_else, invariants }
    }

    fn expectation(
        &mut self,
        path: &KeyPath,
        one: &file::Expectation,
        (start, zone): (Timestamp, &Zone),
    ) -> Option<Expectation> {
        let at = match &one.at {
            Some(text) => Some(self.offset(path.child("at"), text, start, zone)?),
            None => one.within.map(|_| Duration::ZERO),
        };
        let within = one.within.map_or(expect::WITHIN, |within| within.0);
        let what = match &one.reply {
            Some(reply) => self.reply(path, one, reply),
            None => self.what(path, one)?,
        };
        Some(Expectation { place: self.place(path), what, at, within })
    }

    fn reply(&mut self, path: &KeyPath, one: &file::Expectation, reply: &str) -> What {
        let others = [
            ("text", one.text.is_some()),
            ("matches", one.matches.is_some()),
            ("not_told", one.not_told.is_some()),
            ("why", one.why.is_some()),
        ];
        for (key, _) in others.into_iter().filter(|(_, there)| *there) {
            self.say(path.child(key), "does not go with reply");
        }
        let to = one.to.clone().map(|OneOrMany(to)| to).unwrap_or_default();
        What::Reply { text: reply.to_owned(), to }
    }

    fn what(&mut self, path: &KeyPath, one: &file::Expectation) -> Option<What> {
        if let Some(check) = &one.not_told {
            for (key, there) in [
                ("text", one.text.is_some()),
                ("matches", one.matches.is_some()),
                ("to", one.to.is_some()),
            ] {
                if there {
                    self.say(path.child(key), "does not go with not_told");
                }
            }
            return Some(What::NotTold { check: check.clone(), why: one.why.clone() });
        }
        if one.why.is_some() {
            self.say(path.child("why"), "goes with not_told only");
        }
        let text = match (&one.text, &one.matches) {
            (None, None) => Words::Any,
            (Some(text), None) => Words::Exactly(text.clone()),
            (None, Some(pattern)) => Words::Matching(self.pattern(path, pattern)?),
            (Some(_), Some(_)) => {
                self.say(path.child("matches"), "there is a text too; keep one of them");
                return None;
            }
        };
        let to = one.to.clone().map(|OneOrMany(to)| to).unwrap_or_default();
        Some(What::Sent { text, to })
    }

    fn pattern(&mut self, path: &KeyPath, pattern: &str) -> Option<Regex> {
        let read = Regex::new(pattern);
        if read.is_err() {
            self.say(path.child("matches"), "expected a regular expression");
        }
        read.ok()
    }

    /// Where something was written: the first of its keys.
    fn place(&self, path: &KeyPath) -> Option<Place> {
        let spot = |key: &str| {
            let place = self.origins.place(vec![Draft::key(path.child(key), String::new())]);
            place.into_iter().next()?.place
        };
        let nowhere = spot("");
        let keys = ["text", "matches", "not_told", "reply", "to", "at"];
        keys.into_iter().filter_map(spot).find(|place| Some(place) != nowhere.as_ref())
    }
}
