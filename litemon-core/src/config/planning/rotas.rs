//! `[rotas.NAME]`, and who of a notifier's recipients takes turns.

use std::sync::Arc;

use serde_json::Value;

use super::Planner;
use crate::{
    config::{
        KeyPath,
        file::{NotifierEntry, RotaHours, RotaTable},
        kind::{LocateSetting, NotifierKind, SettingsMap},
        mistake::Draft,
    },
    model::{Name, Zone},
    policy::{Duty, Hours, Place, Quiet, Rota, Shift},
};

/// What stands before the name of a rota among recipients.
const PREFIX: &str = "rota:";
/// The longest turn, in days.
const LONGEST: i32 = 366;

/// The recipients of a notifier with people in the places of rotas, and where each was written.
#[derive(Debug)]
pub(super) struct Recipients {
    under: KeyPath,
    pub(super) settings: SettingsMap,
    texts: Vec<String>,
    places: Vec<Place>,
    written: Vec<KeyPath>,
}

impl Recipients {
    /// Whether it is a rota that anybody is told by.
    pub(super) fn duty(&self) -> Duty {
        Duty::new(self.places.clone())
    }

    fn add(&mut self, text: &str, place: Place, at: KeyPath) {
        let before = self.texts.iter().position(|known| known == text);
        // Somebody may take turns in several rotas; who is written twice is a mistake of the kind.
        match before.and_then(|index| self.places.get_mut(index)) {
            Some(known) if !place.is_always() || !known.is_always() => known.merge(place),
            _ => {
                self.texts.push(text.to_owned());
                self.places.push(place);
                self.written.push(at);
            }
        }
    }
}

impl LocateSetting for Recipients {
    fn locate(&self, key: &str) -> KeyPath {
        let index = key.strip_prefix("recipients.").and_then(|index| index.parse::<usize>().ok());
        let written = index.and_then(|index| self.written.get(index));
        written.cloned().unwrap_or_else(|| self.under.join(key))
    }
}

impl Planner<'_> {
    /// All rotas, in the order of the file.
    pub(super) fn rotas(&mut self, zone: &Zone) -> Vec<Arc<Rota>> {
        let config = self.config;
        let root = KeyPath::new(["rotas"]);
        let mut all = Vec::new();
        for (name, written) in self.ordered(&root, &config.rotas) {
            let rota = self.rota(name, written, zone, &root.child(name.as_str()));
            all.extend(rota.map(Arc::new));
        }
        self.rotas.extend(all.iter().map(|rota| (rota.name.clone(), Arc::clone(rota))));
        all
    }

    fn rota(
        &mut self,
        name: &Name,
        written: &RotaTable,
        zone: &Zone,
        at: &KeyPath,
    ) -> Option<Rota> {
        let before = self.drafts.len();
        if written.people.is_empty() {
            let expected = "who there is, as { ann = \"+628123456789\" }";
            self.drafts.push(Draft::missing(at.child("people"), expected));
        }
        let words = written.turns.as_ref().map_or(&[][..], |many| &many.0);
        if words.is_empty() {
            let expected = "names of `people`, one after the other";
            self.drafts.push(Draft::missing(at.child("turns"), expected));
        }
        let turns = self.named(words, written, &at.child("turns"));
        let days = self.turn(written, at);
        let zone = match written.timezone.as_deref().map(Zone::named) {
            Some(Ok(zone)) => zone,
            Some(Err(error)) => {
                self.wrong(at.child("timezone"), error.to_string());
                zone.clone()
            }
            None => zone.clone(),
        };
        let shifts = written.hours.iter().enumerate();
        let shifts: Vec<Shift> = shifts
            .filter_map(|(i, shift)| {
                self.shift(shift, written, &at.child("hours").child(i.to_string()))
            })
            .collect();
        let expected = "when the first turn begins, as \"2026-11-02T09:00\"";
        let Some(from) = written.from.as_deref() else {
            self.drafts.push(Draft::missing(at.child("from"), expected));
            return None;
        };
        if self.drafts.len() > before {
            return None;
        }
        let rota = Rota::new(name.clone(), turns, from, days, zone);
        if rota.is_none() {
            self.wrong(at.child("from"), "expected a time, as \"2026-11-02T09:00\"");
        }
        Some(rota?.shifts(shifts))
    }

    /// Days that a turn lasts: `1w`, `3d`.
    fn turn(&mut self, written: &RotaTable, at: &KeyPath) -> i32 {
        let Some(text) = written.turn.as_deref() else { return 7 };
        let number = |unit| text.trim().strip_suffix(unit)?.parse::<i32>().ok();
        let days = number('w').and_then(|weeks| weeks.checked_mul(7)).or_else(|| number('d'));
        match days.filter(|days| (1..=LONGEST).contains(days)) {
            Some(days) => days,
            None => {
                let expected =
                    format!("expected weeks or days, as \"1w\" or \"3d\", {LONGEST}d at most");
                self.wrong(at.child("turn"), expected);
                7
            }
        }
    }

    fn shift(&mut self, shift: &RotaHours, written: &RotaTable, at: &KeyPath) -> Option<Shift> {
        let words = shift.who.as_ref().map_or(&[][..], |many| &many.0);
        if words.is_empty() {
            self.drafts.push(Draft::missing(at.child("who"), "names of `people`"));
        }
        let who = self.named(words, written, &at.child("who"));
        let days = shift.days.as_ref().map_or(&[][..], |many| &many.0);
        let hours = self.hours(shift.from.as_deref(), shift.to.as_deref(), days, at)?;
        Some(Shift::new(hours, who))
    }

    /// `from`, `to` and `days` of a table.
    pub(super) fn hours(
        &mut self,
        from: Option<&str>,
        to: Option<&str>,
        days: &[String],
        at: &KeyPath,
    ) -> Option<Hours> {
        for (key, time) in [("from", from), ("to", to)] {
            match time {
                None => self.drafts.push(Draft::missing(at.child(key), "a time, as \"22:00\"")),
                Some(time) if Hours::new(time, time, []).is_none() => {
                    self.wrong(at.child(key), "expected a time, as \"22:00\"");
                }
                Some(_) => {}
            }
        }
        for (i, day) in days.iter().enumerate() {
            if Hours::new("00:00", "00:00", [day.as_str()]).is_none() {
                let expected = "expected mon, tue, wed, thu, fri, sat or sun";
                self.wrong(at.child("days").child(i.to_string()), expected);
            }
        }
        Hours::new(from?, to?, days.iter().map(String::as_str))
    }

    /// `quiet` of a notifier.
    pub(super) fn quiet(
        &mut self,
        entry: &NotifierEntry,
        kind: &dyn NotifierKind,
        at: &KeyPath,
    ) -> Option<Quiet> {
        let (written, at) = (entry.quiet.as_ref()?, at.child("quiet"));
        if !kind.tells_people() {
            self.wrong(at, "is for notifiers that tell people; a remedy wakes nobody");
            return None;
        }
        let days = written.days.as_ref().map_or(&[][..], |many| &many.0);
        let hours = self.hours(written.from.as_deref(), written.to.as_deref(), days, &at);
        let zone = match written.timezone.as_deref().map(Zone::named) {
            Some(Ok(zone)) => zone,
            Some(Err(error)) => {
                self.wrong(at.child("timezone"), error.to_string());
                return None;
            }
            None => self.zone.clone()?,
        };
        let quiet = Quiet::new(hours?, zone);
        if quiet.is_none() {
            self.wrong(at, "is never over; expected `from` and `to` that differ, or some `days`");
        }
        quiet
    }

    fn named(&mut self, words: &[String], written: &RotaTable, at: &KeyPath) -> Vec<Name> {
        let mut who = Vec::new();
        for (i, word) in words.iter().enumerate() {
            match written.people.keys().find(|name| name.as_str() == word) {
                Some(name) => who.push(name.clone()),
                None => {
                    let message = format!("{word:?} is none of `people`");
                    self.wrong(at.child(i.to_string()), message);
                }
            }
        }
        who
    }

    /// Puts people in the places of rotas.
    pub(super) fn recipients(&mut self, settings: &SettingsMap, under: KeyPath) -> Recipients {
        let (texts, places, written) = (Vec::new(), Vec::new(), Vec::new());
        let settings = settings.clone();
        let mut all = Recipients { under, settings, texts, places, written };
        let words = match all.settings.get("recipients") {
            Some(Value::String(word)) => vec![Value::from(word.as_str())],
            Some(Value::Array(words)) => words.clone(),
            _ => return all,
        };
        let Some(words) = words.iter().map(Value::as_str).collect::<Option<Vec<_>>>() else {
            return all;
        };
        if !words.iter().any(|word| word.starts_with(PREFIX)) {
            return all;
        }
        let config = self.config;
        for (i, word) in words.into_iter().enumerate() {
            let at = all.under.child("recipients").child(i.to_string());
            let Some(name) = word.strip_prefix(PREFIX) else {
                all.add(word, Place::always(), at);
                continue;
            };
            let known = config.rotas.iter().find(|(rota, _)| rota.as_str() == name);
            let Some((name, written)) = known else {
                self.wrong(at, format!("there is no rota {name:?}; expected one of [rotas.NAME]"));
                continue;
            };
            let people = KeyPath::new(["rotas", name.as_str(), "people"]);
            for (person, text) in &written.people {
                let place = match self.rotas.get(name) {
                    Some(rota) => Place::turn(Arc::clone(rota), person.clone()),
                    // It has mistakes of its own.
                    None => Place::always(),
                };
                all.add(&text.0, place, people.child(person.as_str()));
            }
        }
        let texts = all.texts.iter().map(|text| Value::from(text.as_str())).collect();
        all.settings.insert("recipients".to_owned(), texts);
        all
    }
}
