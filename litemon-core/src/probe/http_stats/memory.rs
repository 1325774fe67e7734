//! The last number of each range. Pure.

use jiff::civil::Date;

use super::range::{Calendar, Days, Range};
use crate::model::{Failure, Number, Observation, Timestamp};

/// What is known of each range, in their order.
#[derive(Debug)]
pub(super) struct Memory(Vec<Known>);

#[derive(Debug)]
struct Known {
    range: Range,
    last: Option<Last>,
    /// Why the last question had no answer.
    failure: Option<Failure>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    value: f64,
    at: Timestamp,
    /// The days that were asked for; unknown of what another probe saw.
    days: Option<Days>,
}

impl Memory {
    pub(super) fn new() -> Self {
        let known = |range| Known { range, last: None, failure: None };
        Self(Range::ALL.into_iter().map(known).collect())
    }

    /// What is to be asked now: all but a closed range that was answered for these days. What failed
    /// last time comes last, so that it does not keep the others waiting.
    pub(super) fn due(&self, calendar: &Calendar, today: Date) -> Vec<(Range, Days)> {
        let due = |known: &&Known| {
            let days = calendar.days(known.range, today);
            let answered = known.last.is_some_and(|last| last.days == Some(days));
            !(known.range.is_closed() && answered)
        };
        let mut list: Vec<&Known> = self.0.iter().filter(due).collect();
        list.sort_by_key(|known| known.failure.is_some());
        list.into_iter().map(|known| (known.range, calendar.days(known.range, today))).collect()
    }

    pub(super) fn keep(
        &mut self,
        range: Range,
        days: Days,
        at: Timestamp,
        answer: Result<f64, Failure>,
    ) {
        let Some(known) = self.0.iter_mut().find(|known| known.range == range) else { return };
        match answer {
            Ok(value) => {
                known.last = Some(Last { value, at, days: Some(days) });
                known.failure = None;
            }
            Err(failure) => known.failure = Some(failure),
        }
    }

    /// Takes over numbers from before. Of which days and from where they are is not known: they are
    /// shown as old until they are asked for again.
    pub(super) fn recall(&mut self, numbers: &[Number]) {
        for known in &mut self.0 {
            let number = numbers.iter().find(|number| number.name == known.range.word());
            let Some((value, at)) = number.and_then(|n| n.value.zip(n.at)) else { continue };
            if known.last.is_none() {
                known.last = Some(Last { value, at, days: None });
            }
        }
    }

    /// What there is to see after a run that asked these. Numbers, as long as one of them was
    /// answered.
    pub(super) fn observation(&self, asked: &[Range]) -> Result<Observation, Failure> {
        let mut of_asked = self.0.iter().filter(|known| asked.contains(&known.range));
        if of_asked.all(|known| known.failure.is_some())
            && let Some(failure) = self.0.iter().find_map(|known| known.failure.clone())
        {
            return Err(failure);
        }
        let number = |known: &Known| Number {
            name: known.range.word().to_owned(),
            value: known.last.map(|last| last.value),
            at: known.last.map(|last| last.at),
            failure: known.failure.clone(),
        };
        let numbers = self.0.iter().map(number).collect();
        Ok(Observation::Numbers { numbers, detail: self.detail() })
    }

    /// `no new total, this_month: HTTP 500 Internal Server Error`
    fn detail(&self) -> Option<String> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for known in &self.0 {
            let Some(failure) = &known.failure else { continue };
            let (why, word) = (failure.message.as_str(), known.range.word());
            match groups.iter_mut().find(|(text, _)| *text == why) {
                Some((_, words)) => words.push(word),
                None => groups.push((why, vec![word])),
            }
        }
        let told = groups.iter().map(|(why, words)| format!("no new {}: {why}", words.join(", ")));
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    const AT: Timestamp = Timestamp::from_millis(1_460_611_980_000);

    fn calendar() -> Calendar {
        let total_since = "2015-01-01".parse().unwrap();
        Calendar { week_starts: jiff::civil::Weekday::Monday, total_since }
    }

    fn run(memory: &mut Memory, today: &str, bad: &[Range]) -> Vec<Range> {
        let due = memory.due(&calendar(), today.parse().unwrap());
        for (range, days) in &due {
            let failure = Failure::new(FailureKind::Output, "HTTP 500");
            let answer = if bad.contains(range) { Err(failure) } else { Ok(1.0) };
            memory.keep(*range, *days, AT, answer);
        }
        due.into_iter().map(|(range, _)| range).collect()
    }

    #[test]
    fn yesterday_is_asked_once_a_day() {
        use Range::{ThisMonth, ThisWeek, Today, Total, Yesterday};
        let mut memory = Memory::new();
        assert_eq!(run(&mut memory, "2016-04-14", &[]), Range::ALL);
        let open = [Today, ThisWeek, ThisMonth, Total];
        assert_eq!(run(&mut memory, "2016-04-14", &[]), open);
        assert_eq!(run(&mut memory, "2016-04-15", &[Yesterday]), Range::ALL);
        // Again until it is known, and behind the others.
        let last = [Today, ThisWeek, ThisMonth, Total, Yesterday];
        assert_eq!(run(&mut memory, "2016-04-15", &[]), last);
        assert_eq!(run(&mut memory, "2016-04-15", &[]), open);
        // The clock is set back.
        assert_eq!(run(&mut memory, "2016-04-14", &[]), Range::ALL);
    }

    #[test]
    fn a_range_may_fail_alone() {
        let mut memory = Memory::new();
        run(&mut memory, "2016-04-14", &[]);
        let asked = run(&mut memory, "2016-04-15", &[Range::Total, Range::Yesterday]);
        let seen = memory.observation(&asked).unwrap();
        assert_eq!(seen.detail(), Some("no new yesterday, total: HTTP 500"));
        assert_eq!(seen.value(), Some(1.0));
        let Observation::Numbers { numbers, .. } = seen else { panic!("{seen:?}") };
        let old: Vec<&str> =
            numbers.iter().filter(|n| n.fresh().is_none()).map(|n| n.name.as_str()).collect();
        assert_eq!(old, ["yesterday", "total"]);
        assert!(numbers.iter().all(|n| n.value == Some(1.0) && n.at == Some(AT)));
    }

    #[test]
    fn all_that_was_asked_failing_is_a_failure() {
        let mut memory = Memory::new();
        run(&mut memory, "2016-04-14", &[]);
        // Yesterday is known and was not asked.
        let asked = run(&mut memory, "2016-04-14", &Range::ALL);
        assert_eq!(memory.observation(&asked).unwrap_err().message, "HTTP 500");
    }

    #[test]
    fn numbers_from_before_are_kept_and_asked_again() {
        let mut memory = Memory::new();
        let old = |name: &str| Number {
            name: name.to_owned(),
            value: Some(7.0),
            at: Some(AT),
            failure: None,
        };
        memory.recall(&[old("yesterday"), old("total"), old("nonsense")]);
        assert_eq!(memory.due(&calendar(), "2016-04-14".parse().unwrap()).len(), 5);
        let asked = run(&mut memory, "2016-04-14", &[Range::Yesterday]);
        let Ok(Observation::Numbers { numbers, .. }) = memory.observation(&asked) else { panic!() };
        let values: Vec<Option<f64>> = numbers.iter().map(|number| number.value).collect();
        assert_eq!(values, [Some(1.0), Some(7.0), Some(1.0), Some(1.0), Some(1.0)]);
        memory.recall(&[old("total")]);
        let Ok(Observation::Numbers { numbers, .. }) = memory.observation(&asked) else { panic!() };
        assert_eq!(numbers[4].value, Some(1.0), "what is newer stays");
    }
}
