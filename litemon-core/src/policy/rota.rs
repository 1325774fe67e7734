//! Who is on duty: people who take turns, and others at some hours.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{Span, civil::DateTime};

use super::{Hours, hours::moment};
use crate::model::{Name, Timestamp, Zone};

/// The longest that is looked ahead for the next change, in turns.
const LOOK_AHEAD: i64 = 60;

/// People who take turns. Somebody is on duty at any time: turns go round without end, and before the
/// first one too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rota {
    /// Its name.
    pub name: Name,
    zone: Zone,
    turns: Vec<Name>,
    /// When the first turn begins, as clocks show it.
    from: DateTime,
    /// Days that a turn lasts.
    days: i32,
    shifts: Vec<Shift>,
}

/// Hours at which others are on duty than the one whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shift {
    /// When.
    pub hours: Hours,
    /// Who.
    pub who: Vec<Name>,
}

impl Shift {
    /// These people at these hours.
    #[must_use]
    pub const fn new(hours: Hours, who: Vec<Name>) -> Self {
        Self { hours, who }
    }
}

impl Rota {
    /// One after the other, each for so many days (at least one), the first one beginning at a time
    /// as `2026-11-02T09:00`. `None` when that is no time, there are no days or nobody takes turns.
    #[must_use]
    pub fn new(name: Name, turns: Vec<Name>, from: &str, days: i32, zone: Zone) -> Option<Self> {
        let from: DateTime = from.replacen(' ', "T", 1).parse().ok()?;
        let sound = days > 0 && !turns.is_empty();
        sound.then_some(Self { name, zone, turns, from, days, shifts: Vec::new() })
    }

    /// With others at some hours; of several that overlap the first one counts.
    #[must_use]
    pub fn shifts(mut self, shifts: Vec<Shift>) -> Self {
        self.shifts = shifts;
        self
    }

    /// Its zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Who is on duty at that moment; never nobody.
    #[must_use]
    pub fn on_duty(&self, at: Timestamp) -> Vec<&Name> {
        let others = self.shifts.iter().find(|shift| shift.hours.cover(at, &self.zone));
        match others {
            Some(shift) if !shift.who.is_empty() => shift.who.iter().collect(),
            _ => self.turn_of(at).into_iter().collect(),
        }
    }

    fn turn_of(&self, at: Timestamp) -> Option<&Name> {
        let count = i64::try_from(self.turns.len()).ok()?;
        let place = self.turn_at(at).checked_rem_euclid(count)?;
        self.turns.get(usize::try_from(place).ok()?)
    }

    /// How many turns began since the first one; negative before that.
    fn turn_at(&self, at: Timestamp) -> i64 {
        let today = at.jiff().to_zoned(self.zone.0.clone()).date();
        let since = self.from.date().until(today).map_or(0, |span| i64::from(span.get_days()));
        let turn = since.div_euclid(i64::from(self.days));
        // On the day of a change, and where clocks turn, the moment itself decides.
        match self.begins(turn) {
            Some(begins) if at < begins => turn.saturating_sub(1),
            _ => turn,
        }
    }

    /// When a turn begins.
    fn begins(&self, turn: i64) -> Option<Timestamp> {
        let days = turn.checked_mul(i64::from(self.days))?;
        let civil = self.from.checked_add(Span::new().try_days(days).ok()?).ok()?;
        moment(civil, &self.zone)
    }

    /// When other people are on duty than at that moment, and who; `None` when that does not come in
    /// a long time.
    #[must_use]
    pub fn next_change(&self, at: Timestamp) -> Option<(Timestamp, Vec<&Name>)> {
        let now = self.on_duty(at);
        let turn = self.turn_at(at);
        let turns = (1..=LOOK_AHEAD).filter_map(|n| self.begins(turn.saturating_add(n)));
        let shifts = self.shifts.iter().flat_map(|shift| shift.hours.turns(at, &self.zone));
        let all: BTreeSet<Timestamp> = turns.chain(shifts).filter(|turn| *turn > at).collect();
        all.into_iter().map(|turn| (turn, self.on_duty(turn))).find(|(_, who)| *who != now)
    }
}

/// When one recipient is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    always: bool,
    turns: Vec<(Arc<Rota>, Name)>,
}

impl Place {
    /// At any time.
    #[must_use]
    pub const fn always() -> Self {
        Self { always: true, turns: Vec::new() }
    }

    /// While this person is on duty.
    #[must_use]
    pub fn turn(rota: Arc<Rota>, person: Name) -> Self {
        Self { always: false, turns: vec![(rota, person)] }
    }

    #[cfg(feature = "config")]
    pub(crate) const fn is_always(&self) -> bool {
        self.always
    }

    /// Told at the times of both.
    #[cfg(feature = "config")]
    pub(crate) fn merge(&mut self, other: Self) {
        self.always |= other.always;
        self.turns.extend(other.turns);
    }

    fn is_on_duty(&self, at: Timestamp) -> bool {
        self.always || self.turns.iter().any(|(rota, person)| rota.on_duty(at).contains(&person))
    }
}

/// Which of a notifier's recipients are told when: a place for each of them, in their order; without
/// any, all of them at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duty(Vec<Place>);

impl Duty {
    /// With these places.
    #[must_use]
    pub const fn new(places: Vec<Place>) -> Self {
        Self(places)
    }

    /// Those who are told at that moment.
    #[must_use]
    pub fn of(&self, everybody: Vec<String>, at: Timestamp) -> Vec<String> {
        if self.0.len() != everybody.len() {
            return everybody;
        }
        let on_duty = everybody.into_iter().zip(&self.0).filter(|(_, place)| place.is_on_duty(at));
        on_duty.map(|(recipient, _)| recipient).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn names(list: &[&str]) -> Vec<Name> {
        list.iter().map(|text| Name::new(text).unwrap()).collect()
    }

    fn weekly(zone: &str) -> Rota {
        let zone = Zone::named(zone).unwrap();
        let ops = Name::new("ops").unwrap();
        Rota::new(ops, names(&["ann", "budi", "cici"]), "2026-11-02T09:00", 7, zone).unwrap()
    }

    fn duty(rota: &Rota, now: &str) -> String {
        rota.on_duty(at(now)).iter().map(|name| name.as_str()).collect::<Vec<_>>().join("+")
    }

    #[test]
    fn turns_go_round_week_by_week() {
        let rota = weekly("Asia/Jakarta");
        for (now, who) in [
            ("2026-11-02T02:00:00Z", "ann"),
            ("2026-11-09T01:59:59Z", "ann"),
            ("2026-11-09T02:00:00Z", "budi"),
            ("2026-11-16T02:00:00Z", "cici"),
            ("2026-11-23T02:00:00Z", "ann"),
            // Before the first one they went round, too.
            ("2026-11-02T01:59:59Z", "cici"),
            ("2026-10-19T02:00:00Z", "budi"),
            // Over the end of February in a leap year, and not in one.
            ("2028-02-28T02:00:00Z", "ann"),
            ("2028-03-06T01:59:59Z", "ann"),
            ("2028-03-06T02:00:00Z", "budi"),
            ("2027-03-01T01:59:59Z", "budi"),
            ("2027-03-01T02:00:00Z", "cici"),
        ] {
            assert_eq!(duty(&rota, now), who, "{now}");
        }
    }

    #[test]
    fn a_turn_begins_when_the_clock_on_the_wall_says_so() {
        let rota = weekly("Europe/Berlin");
        // 09:00 is 08:00 UTC in winter, 07:00 in summer.
        for (now, who) in [
            ("2027-03-22T07:59:59Z", "budi"),
            ("2027-03-22T08:00:00Z", "cici"),
            ("2027-03-29T06:59:59Z", "cici"),
            ("2027-03-29T07:00:00Z", "ann"),
        ] {
            assert_eq!(duty(&rota, now), who, "{now}");
        }
        // The turn begins at 02:30, which comes twice that night: at the first one, and for good.
        let zone = Zone::named("Europe/Berlin").unwrap();
        let ops = Name::new("ops").unwrap();
        let daily = Rota::new(ops, names(&["ann", "budi"]), "2026-10-24T02:30", 1, zone).unwrap();
        for (now, who) in [
            ("2026-10-25T00:29:59Z", "ann"),
            ("2026-10-25T00:30:00Z", "budi"),
            ("2026-10-25T01:00:00Z", "budi"),
            ("2026-10-26T01:29:59Z", "budi"),
            ("2026-10-26T01:30:00Z", "ann"),
        ] {
            assert_eq!(duty(&daily, now), who, "{now}");
        }
    }

    #[test]
    fn at_some_hours_it_is_others() {
        let night = Hours::new("22:00", "06:00", ["mon", "tue", "wed", "thu"]).unwrap();
        let weekend = Hours::new("00:00", "00:00", ["sat", "sun"]).unwrap();
        let rota = weekly("Asia/Jakarta").shifts(vec![
            Shift::new(night, names(&["nina"])),
            Shift::new(weekend, names(&["wati", "xena"])),
        ]);
        for (now, who) in [
            ("2026-11-03T14:59:59Z", "ann"),
            ("2026-11-03T15:00:00Z", "nina"),
            ("2026-11-03T22:59:59Z", "nina"),
            ("2026-11-03T23:00:00Z", "ann"),
            ("2026-11-06T16:59:59Z", "ann"),
            ("2026-11-06T17:00:00Z", "wati+xena"),
            ("2026-11-08T17:00:00Z", "ann"),
        ] {
            assert_eq!(duty(&rota, now), who, "{now}");
        }
        let next = |now: &str| rota.next_change(at(now)).unwrap();
        let who =
            |list: &[&Name]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
        let (when, then) = next("2026-11-03T12:00:00Z");
        assert_eq!((when, who(&then)), (at("2026-11-03T15:00:00Z"), "nina".to_owned()));
        let (when, then) = next("2026-11-08T18:00:00Z");
        assert_eq!((when, who(&then)), (at("2026-11-09T02:00:00Z"), "budi".to_owned()));
    }

    #[test]
    fn who_is_alone_is_always_on_duty() {
        let ops = Name::new("ops").unwrap();
        let one = |days, turns: &[&str], from: &str| {
            Rota::new(ops.clone(), names(turns), from, days, Zone::utc())
        };
        let alone = one(7, &["ann"], "2026-11-02T09:00").unwrap();
        assert_eq!(alone.next_change(at("2026-11-03T12:00:00Z")), None);
        assert_eq!(one(7, &[], "2026-11-02T09:00"), None);
        assert_eq!(one(0, &["ann"], "2026-11-02T09:00"), None);
        assert_eq!(one(7, &["ann"], "tomorrow"), None);
    }

    proptest! {
        /// Whatever is written and whenever it is asked: somebody is on duty, and the next change is
        /// the next one.
        #[test]
        fn somebody_is_always_on_duty(
            minutes in -2_000_000_i64..4_000_000, days in 1..30_i32, people in 1..5_usize,
            from in 0..24_u8, to in 0..24_u8, begins in 0..24_u8,
        ) {
            let zone = Zone::named("Europe/Berlin").unwrap();
            let turns = names(&["ann", "budi", "cici", "dewi"][..people]);
            let first = format!("2026-11-02T{begins:02}:30");
            let hours = Hours::new(&format!("{from:02}:00"), &format!("{to:02}:00"), ["tue", "sat"]).unwrap();
            let rota = Rota::new(Name::new("ops").unwrap(), turns, &first, days, zone).unwrap()
                .shifts(vec![Shift::new(hours, names(&["night"]))]);
            let now = Timestamp::from_millis(1_793_600_000_000 + minutes * 60_000);
            let who = rota.on_duty(now);
            prop_assert_eq!(who.len(), 1);
            if let Some((next, then)) = rota.next_change(now) {
                prop_assert!(next > now && then != who);
                let mut before = now;
                while before < next {
                    prop_assert_eq!(rota.on_duty(before), who.clone());
                    before = before.plus(Duration::from_secs(1800));
                }
            }
        }
    }
}
