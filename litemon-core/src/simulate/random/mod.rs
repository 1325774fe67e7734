//! Months that are made up, held against what may never happen.

mod dice;
mod shrink;
mod story;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::{
    export,
    play::{PlayError, evidence},
    promises,
    read::{ReadError, read_text},
    timeline::{Event, Timeline},
};
use crate::{config::Inputs, model::Zone};

/// What is played where no configuration is named: the head of a timeline.
const BUILT_IN: &str = include_str!("built_in.toml");
/// What reloads call its configurations by.
const PLANS: [&str; 2] = ["config", "other"];

/// Months of made-up troubles.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Random {
    /// What makes them up; the same gives the same.
    pub seed: u64,
    /// How many days of them.
    pub days: u32,
    head: String,
}

impl Random {
    /// Troubles in a small configuration that litemon comes with.
    #[must_use]
    pub fn new(seed: u64, days: u32) -> Self {
        Self { seed, days, head: BUILT_IN.to_owned() }
    }

    /// The same in a configuration of these files, from the root of the file system.
    #[must_use]
    pub fn of(mut self, files: &[impl AsRef<Path>]) -> Self {
        let shown = |path: &Path| serde_json::Value::String(path.display().to_string()).to_string();
        let files: Vec<String> = files.iter().map(|path| shown(path.as_ref())).collect();
        self.head = format!("start = \"2026-03-02 00:00\"\nconfig = [{}]\n", files.join(", "));
        self
    }
}

/// What came of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Explored {
    /// Things that happened.
    pub events: usize,
    /// Incidents that they caused.
    pub incidents: usize,
    /// Messages that arrived.
    pub messages: usize,
    /// The first promise that was broken.
    pub broken: Option<Found>,
}

/// A promise that was broken.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found {
    /// Which, in one line.
    pub what: String,
    /// The shortest beginning of the story that breaks one, as a timeline to be played.
    pub timeline: String,
    /// How many of its events that are.
    pub events: usize,
}

/// A story could not be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExploreError {
    /// Its configuration cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It cannot be played.
    #[error(transparent)]
    Play(#[from] PlayError),
}

/// Makes up a story and plays it. Not to be called on a runtime; see [`play`](super::play).
///
/// # Errors
/// [`ExploreError`] when its configuration is wrong, or the monitor does not start.
pub fn explore(random: &Random, inputs: &Inputs, zone: &Zone) -> Result<Explored, ExploreError> {
    let head = || read_text(Path::new("random.toml"), &random.head, inputs, zone);
    let mut timeline = head()?;
    timeline.events = story::story(&timeline.plans, random.seed, random.days);
    timeline.lasts = end(&timeline);
    let seen = evidence(&timeline)?;
    let first = promises::broken(&timeline, &seen).into_iter().next();
    let breaks = |beginning: &Timeline| {
        Ok(promises::broken(beginning, &evidence(beginning)?).into_iter().next())
    };
    let broken = match first {
        Some(first) => Some(shrink::shortest(random, &mut timeline, &first, breaks)?),
        None => None,
    };
    Ok(Explored {
        events: timeline.events.len(),
        incidents: seen.incidents.len(),
        messages: seen.attempts.iter().filter(|attempt| promises::arrived(attempt)).count(),
        broken,
    })
}

/// Long enough after the last event for everything to settle.
fn end(timeline: &Timeline) -> std::time::Duration {
    let checks = timeline.plans.iter().flat_map(|plan| &plan.checks);
    let longest = checks.map(|check| check.schedule.interval).max().unwrap_or_default();
    let last = timeline.events.last().map(|event| event.after).unwrap_or_default();
    last + (longest * 40).max(std::time::Duration::from_secs(4 * 3600))
}

fn written(random: &Random, timeline: &Timeline, events: &[Event]) -> String {
    let lasts = crate::config::TimeSpan(timeline.lasts);
    let about = format!("The beginning of what the seed {} makes up", random.seed);
    let moments: String = events.iter().map(export::moment).collect();
    format!("about = \"{about}\"\nlasts = \"{lasts}\"\ninvariants = true\n{}{moments}", random.head)
}
