//! Whether it is the monitor's own network that is away, and not what it watches.
//!
//! Canaries are asked in rounds. One counts only once it has answered in this run of the monitor, and,
//! if the network turns out to work while it is silent, only after it has answered again. When all that
//! count are silent in a round that began after a failure, the monitor is *isolated*.

use std::time::Duration;

use crate::model::{Failure, FailureKind, Observation, Outcome, Route, Status, Timestamp};

/// Silent rounds after the one that said so, until people are told that the monitor is isolated: what
/// passes within seconds needs no notice.
const SURE_AFTER: u32 = 3;
/// A result that seems to have ended so long before what it came after: the clock was set back.
const CLOCK_SET: Duration = Duration::from_secs(60);

/// What is known of the monitor's own network.
#[derive(Debug, Default)]
pub(crate) struct Isolation {
    canaries: Vec<Canary>,
    /// The last round that began.
    round: u64,
    /// Whether a canary answered in it.
    heard: bool,
    /// When the last round ended in which all were silent.
    silent: Option<Timestamp>,
    isolated: Option<Isolated>,
    /// When the monitor was last isolated no more.
    back: Option<Timestamp>,
}

#[derive(Debug, PartialEq, Eq)]
struct Canary {
    name: String,
    standing: Standing,
}

/// What a canary's silence is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing.
    Untried,
    /// It answered when it was last asked.
    Answers,
    /// It did before.
    Silent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Isolated {
    since: Timestamp,
    /// Silent rounds since then.
    rounds: u32,
}

/// What a round of canaries says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// One answered: the network works.
    Works,
    /// None did that counts.
    Silent,
    /// There is none that counts.
    Nothing,
}

impl Isolation {
    /// Takes other canaries; one that keeps its name keeps what is known of it.
    pub(crate) fn replace(&mut self, names: impl Iterator<Item = String>) {
        let before = std::mem::take(&mut self.canaries);
        let standing = |name: &str| before.iter().find(|old| old.name == name);
        let one = |name: String| {
            let standing = standing(&name).map_or(Standing::Untried, |old| old.standing);
            Canary { name, standing }
        };
        self.canaries = names.map(one).collect();
    }

    /// Whether there are canaries at all.
    pub(crate) const fn has_canaries(&self) -> bool {
        !self.canaries.is_empty()
    }

    /// The names of those that count.
    pub(crate) fn counting(&self) -> impl Iterator<Item = &str> {
        let counts = |canary: &&Canary| canary.standing != Standing::Untried;
        self.canaries.iter().filter(counts).map(|canary| canary.name.as_str())
    }

    /// Whether a failure may be the network's: there is a canary whose silence would say so.
    pub(crate) fn may_doubt(&self) -> bool {
        self.counting().next().is_some()
    }

    /// A round begins; its number.
    pub(crate) const fn begin(&mut self) -> u64 {
        self.round += 1;
        self.heard = false;
        self.round
    }

    /// The round that began last.
    pub(crate) const fn round(&self) -> u64 {
        self.round
    }

    /// A canary of the present round answered, or did not in its time.
    pub(crate) fn answered(&mut self, which: usize, answered: bool) {
        let Some(canary) = self.canaries.get_mut(which) else { return };
        match (answered, canary.standing) {
            (true, _) => canary.standing = Standing::Answers,
            (false, Standing::Answers) => canary.standing = Standing::Silent,
            (false, _) => {}
        }
        self.heard |= answered;
    }

    /// All canaries were heard, or waited for.
    pub(crate) fn ended(&mut self, now: Timestamp) -> Finding {
        if self.heard {
            return Finding::Works;
        }
        if !self.may_doubt() {
            return Finding::Nothing;
        }
        self.silent = Some(now);
        Finding::Silent
    }

    /// Something was seen over the network: canaries that were silent before it began say nothing until
    /// they answer again. Whether it shows that the monitor is not isolated (any more).
    pub(crate) fn seen(&mut self, proof: &Outcome) -> bool {
        if self.silent.is_some_and(|silent| began_after(proof, silent)) {
            self.silent = None;
            for canary in self.canaries.iter_mut().filter(|one| one.standing == Standing::Silent) {
                canary.standing = Standing::Untried;
            }
        }
        self.isolated.is_some_and(|isolated| began_after(proof, isolated.since))
    }

    /// From now on nothing that comes over the network can be judged.
    pub(crate) const fn isolate(&mut self, now: Timestamp) {
        self.isolated = Some(Isolated { since: now, rounds: 0 });
    }

    /// The monitor before this one was isolated, and had said so.
    pub(crate) const fn resume(&mut self, since: Timestamp) {
        self.isolated = Some(Isolated { since, rounds: SURE_AFTER });
    }

    /// One more round was silent. True for the one that makes it sure.
    pub(crate) fn goes_on(&mut self) -> bool {
        let Some(isolated) = &mut self.isolated else { return false };
        isolated.rounds = isolated.rounds.saturating_add(1);
        isolated.rounds == SURE_AFTER
    }

    /// The network works again.
    pub(crate) const fn end(&mut self, now: Timestamp) {
        self.isolated = None;
        self.back = Some(now);
    }

    /// The clock was set by so many milliseconds.
    pub(crate) fn clock_set(&mut self, by: i64) {
        for time in [&mut self.silent, &mut self.back] {
            *time = time.map(|time| time.moved(by));
        }
        if let Some(isolated) = &mut self.isolated {
            isolated.since = isolated.since.moved(by);
        }
    }

    /// Whether nothing that comes over the network can be judged.
    pub(crate) const fn is_isolated(&self) -> bool {
        self.isolated.is_some()
    }

    /// Since when that is so, once it is sure.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.isolated
            .filter(|isolated| isolated.rounds >= SURE_AFTER)
            .map(|isolated| isolated.since)
    }

    /// Whether a run met the time in which the monitor was isolated.
    pub(crate) fn met(&self, outcome: &Outcome) -> bool {
        let spans = |back| outcome.at < back && back <= outcome.at.plus(outcome.took);
        self.is_isolated() || self.back.is_some_and(spans)
    }
}

/// Whether a run began after something that happened before its result came.
pub(crate) fn began_after(outcome: &Outcome, then: Timestamp) -> bool {
    outcome.at >= then || then.since(outcome.at.plus(outcome.took)) > CLOCK_SET
}

/// Whether a result shows that the network works.
pub(crate) fn is_proof(route: Route, result: &Result<Observation, Failure>) -> bool {
    let seen = match result {
        Ok(Observation::Numbers { numbers, .. }) => numbers.iter().all(|n| n.failure.is_none()),
        Ok(_) => true,
        // A command that ran, an answer that came.
        Err(failure) => matches!(failure.kind, FailureKind::Exit | FailureKind::Output),
    };
    route == Route::Network && seen
}

/// Whether a result that was judged like this may be what it is because the network is away.
pub(crate) fn is_doubtful(
    route: Route,
    result: &Result<Observation, Failure>,
    status: Status,
) -> bool {
    let failure = result.as_ref().err().map(|failure| failure.kind);
    match route {
        _ if status == Status::Ok => false,
        Route::Local => false,
        Route::Network => failure.is_some_and(FailureKind::is_of_the_way),
        Route::Unclear => !failure.is_some_and(FailureKind::says_nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn ran(from: i64, to: i64) -> Outcome {
        let result = Ok(Observation::Switch { on: true, detail: None });
        Outcome { at: at(from), took: at(to).since(at(from)), result }
    }

    fn with(names: &[&str]) -> Isolation {
        let mut isolation = Isolation::default();
        isolation.replace(names.iter().map(ToString::to_string));
        isolation
    }

    fn round(isolation: &mut Isolation, now: i64, answers: &[bool]) -> Finding {
        isolation.begin();
        for (which, answered) in answers.iter().enumerate() {
            isolation.answered(which, *answered);
        }
        isolation.ended(at(now))
    }

    #[test]
    fn a_canary_counts_only_after_it_answered() {
        let mut isolation = with(&["gateway", "resolver"]);
        assert!(!isolation.may_doubt());
        assert_eq!(round(&mut isolation, 1, &[false, false]), Finding::Nothing);
        assert_eq!(round(&mut isolation, 2, &[false, true]), Finding::Works);
        assert_eq!(isolation.counting().collect::<Vec<_>>(), ["resolver"]);
        assert_eq!(round(&mut isolation, 3, &[false, false]), Finding::Silent);
        assert_eq!(round(&mut isolation, 4, &[true, false]), Finding::Works);
        assert_eq!(round(&mut isolation, 5, &[false, false]), Finding::Silent);
    }

    #[test]
    fn one_that_is_silent_while_the_network_works_says_nothing_until_it_answers_again() {
        let mut isolation = with(&["gateway"]);
        round(&mut isolation, 1, &[true]);
        round(&mut isolation, 10, &[false]);
        isolation.seen(&ran(9, 11));
        assert!(isolation.may_doubt(), "that began before the silence");
        isolation.seen(&ran(11, 12));
        assert!(!isolation.may_doubt());
        assert_eq!(round(&mut isolation, 20, &[false]), Finding::Nothing);
        assert_eq!(round(&mut isolation, 30, &[true]), Finding::Works);
        assert!(isolation.may_doubt());
    }

    #[test]
    fn what_began_before_is_no_proof_unless_the_clock_was_set() {
        let mut isolation = with(&["gateway"]);
        isolation.isolate(at(7200));
        assert!(!isolation.seen(&ran(7190, 7205)));
        assert!(!isolation.seen(&ran(7190, 7199)));
        assert!(isolation.seen(&ran(7200, 7201)));
        assert!(isolation.seen(&ran(10, 11)), "two hours back");
    }

    #[test]
    fn it_is_said_once_it_is_sure() {
        let mut isolation = with(&["gateway"]);
        isolation.isolate(at(5));
        let sure: Vec<bool> = (0..5).map(|_| isolation.goes_on()).collect();
        assert_eq!(sure, [false, false, true, false, false]);
        assert_eq!(isolation.since(), Some(at(5)));
        isolation.end(at(60));
        assert_eq!((isolation.since(), isolation.goes_on()), (None, false));
        assert!(isolation.met(&ran(55, 62)), "it met the time in which nothing was to be seen");
        assert!(!isolation.met(&ran(61, 62)) && !isolation.met(&ran(-7140, -7139)));
    }

    #[test]
    fn a_reload_keeps_what_is_known_of_canaries_that_stay() {
        let mut isolation = with(&["gateway", "resolver"]);
        round(&mut isolation, 1, &[true, true]);
        isolation.replace(["resolver", "192.0.2.1:53"].map(String::from).into_iter());
        assert_eq!(isolation.counting().collect::<Vec<_>>(), ["resolver"]);
    }

    #[test]
    fn what_proves_and_what_is_doubted() {
        let failed = |kind| Err(Failure::new(kind, "x"));
        let judged = |status| Ok(Observation::judged(status, [], ""));
        let on = Ok(Observation::Switch { on: true, detail: None });
        let (fine, bad) = (Status::Ok, Status::Critical);
        for (route, result, status, proof, doubtful) in [
            (Route::Network, on.clone(), fine, true, false),
            (Route::Network, judged(bad), bad, true, false),
            (Route::Network, failed(FailureKind::Exit), bad, true, false),
            (Route::Network, failed(FailureKind::Refused), bad, false, true),
            (Route::Network, failed(FailureKind::Timeout), bad, false, true),
            (Route::Network, failed(FailureKind::Internal), bad, false, false),
            (Route::Local, on.clone(), fine, false, false),
            (Route::Local, failed(FailureKind::Silent), bad, false, false),
            (Route::Unclear, on, fine, false, false),
            (Route::Unclear, judged(bad), bad, false, true),
            (Route::Unclear, failed(FailureKind::Exit), bad, false, true),
            (Route::Unclear, failed(FailureKind::Pending), bad, false, false),
        ] {
            assert_eq!(is_proof(route, &result), proof, "{route:?} {result:?}");
            assert_eq!(is_doubtful(route, &result, status), doubtful, "{route:?} {result:?}");
        }
    }
}
