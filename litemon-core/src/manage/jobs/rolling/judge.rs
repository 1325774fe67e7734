//! What a rolling job does next: pure, over how far it is and how servers are.

use std::time::Duration;

use super::{
    order::Rolling,
    told::{Halt, PausedBy, Pausing, Short},
};
use crate::model::{Name, Timestamp};

/// A job is not paused for longer.
pub(in crate::manage::jobs) const PAUSED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How far it is in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::manage::jobs) enum Spot {
    /// Not begun.
    Waiting,
    /// Begun, and its checks may be waited for.
    Busy,
    /// Over, at this time.
    Done(Timestamp),
    /// Over, and it did not succeed.
    Failed(Timestamp),
}

/// How far a rolling job is.
#[derive(Debug)]
pub(in crate::manage::jobs) struct Board<'a> {
    pub(in crate::manage::jobs) rolling: &'a Rolling,
    /// Places, those that go together in one list.
    pub(in crate::manage::jobs) batches: &'a [Vec<usize>],
    /// By place.
    pub(in crate::manage::jobs) spots: &'a [Spot],
    /// The servers, by place.
    pub(in crate::manage::jobs) servers: &'a [Name],
    /// What was last said about pausing it.
    pub(in crate::manage::jobs) pausing: Option<&'a Pausing>,
    /// For how long it has been waiting as it does, with nothing under way.
    pub(in crate::manage::jobs) waited: Duration,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manage::jobs) enum Next {
    /// Begin in this place, and ask again.
    Begin(usize),
    /// Wait until something ends.
    Busy,
    /// Wait until somebody says to go on.
    Pause(PausedBy),
    /// Wait until more servers are well.
    Short(Short),
    /// Begin nothing more.
    Stop(Halt),
    /// All is done.
    Over,
}

impl Board<'_> {
    /// What to do next; `short` says what of a group would be too little if something began in a
    /// place now.
    pub(in crate::manage::jobs) fn next(&self, short: impl Fn(usize) -> Option<Short>) -> Next {
        let busy = self.spots.contains(&Spot::Busy);
        let next = self.unless_busy(short);
        match next {
            Next::Begin(_) => next,
            _ if busy => Next::Busy,
            next => next,
        }
    }

    fn unless_busy(&self, short: impl Fn(usize) -> Option<Short>) -> Next {
        let Some(batch) = self.batches.iter().find(|batch| !self.is_over(batch)) else {
            return Next::Over;
        };
        if !self.spots.contains(&Spot::Waiting) {
            return Next::Busy;
        }
        if let Some(halt) = self.failures() {
            return Next::Stop(halt);
        }
        if let Some(by) = self.pause() {
            let long = self.waited >= PAUSED;
            return if long { Next::Stop(Halt::Paused) } else { Next::Pause(by) };
        }
        let mut lacking = None;
        for &place in batch.iter().filter(|place| self.spot(**place) == Spot::Waiting) {
            match short(place) {
                None => return Next::Begin(place),
                Some(found) => lacking = lacking.or(Some(found)),
            }
        }
        match lacking {
            Some(short) if self.waited >= self.rolling.settle_within => {
                Next::Stop(Halt::Short(short))
            }
            Some(short) => Next::Short(short),
            None => Next::Busy,
        }
    }

    fn spot(&self, place: usize) -> Spot {
        // A place that is not there has nothing to wait for.
        self.spots.get(place).copied().unwrap_or(Spot::Done(Timestamp::from_millis(0)))
    }

    fn is_over(&self, batch: &[usize]) -> bool {
        batch.iter().all(|place| matches!(self.spot(*place), Spot::Done(_) | Spot::Failed(_)))
    }

    fn failures(&self) -> Option<Halt> {
        let failed = self.spots.iter().zip(self.servers).filter_map(|(spot, server)| match spot {
            Spot::Failed(at) => Some((*at, server)),
            _ => None,
        });
        let failed: Vec<_> = failed.collect();
        let allowed = self.rolling.max_failures;
        let last = failed.iter().max().filter(|_| failed.len() > allowed);
        last.map(|(_, server)| Halt::Failures {
            server: (*server).clone(),
            failed: failed.len(),
            allowed,
        })
    }

    /// Why it is to pause, if it is.
    fn pause(&self) -> Option<PausedBy> {
        if let Some(by) = self.pausing.and_then(Pausing::why) {
            return Some(by);
        }
        let canary = self.batches.first().filter(|_| self.rolling.pause_after_canary)?;
        let ended = canary.iter().map(|place| match self.spot(*place) {
            Spot::Done(at) | Spot::Failed(at) => Some(at),
            _ => None,
        });
        let ended = ended.collect::<Option<Vec<_>>>()?.into_iter().max()?;
        let rest = self.batches.iter().skip(1).flatten();
        let untouched = rest.clone().all(|place| self.spot(*place) == Spot::Waiting);
        let told = self.pausing.is_some_and(|pausing| pausing.at >= ended);
        (untouched && !told).then_some(PausedBy::Canary)
    }
}
