//! Several notices told as one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    CheckId, CheckKind, EventKind, FailureKind, IncidentNumber, Name, Notice, NoticeId, Reason,
    Timestamp,
};

/// So many ranges of numbers are written out; what has more is one range from the first to the last.
const MOST_RANGES: usize = 16;

/// What a notice says that tells of several incidents. Its other fields are those of the weightiest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Digest {
    /// What happened to how many, the weightiest first.
    pub parts: Vec<DigestPart>,
    /// The numbers of all incidents.
    pub numbers: Numbers,
    /// The groups of their servers, the first 20 in the order of their names.
    pub groups: Vec<Name>,
}

impl Digest {
    /// Of these parts.
    #[must_use]
    pub const fn new(parts: Vec<DigestPart>, numbers: Numbers, groups: Vec<Name>) -> Self {
        Self { parts, numbers, groups }
    }

    /// How many notices were gathered.
    #[must_use]
    pub fn count(&self) -> usize {
        self.parts.iter().map(|part| part.count).sum()
    }
}

/// Those of a digest to which the same happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DigestPart {
    /// What.
    pub what: Happening,
    /// To how many.
    pub count: usize,
    /// The checks of the first few of them.
    pub first: Vec<CheckId>,
}

impl DigestPart {
    /// To so many, of which these are the first.
    #[must_use]
    pub const fn new(what: Happening, count: usize, first: Vec<CheckId>) -> Self {
        Self { what, count, first }
    }
}

/// What happened to those of a part. The weightiest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Happening {
    /// Servers cannot be reached, or became worse.
    ServersDown,
    /// Checks are a problem, or became worse.
    ChecksDown,
    /// They come and go.
    Flapping,
    /// Another notifier could not tell of them.
    Undelivered,
    /// Nobody looks after them, so that others are told.
    Unacknowledged,
    /// They go on.
    Reminder,
    /// Somebody looks after them.
    Acknowledged,
    /// They began and ended before they could be told.
    Over,
    /// Servers can be reached again.
    ServersUp,
    /// Checks are well again.
    ChecksUp,
}

impl Happening {
    /// What a notice says.
    #[must_use]
    pub const fn of(notice: &Notice) -> Self {
        let server = matches!(notice.kind, CheckKind::Ssh) && is_unreachable(notice);
        match notice.reason {
            Reason::Flapping => Self::Flapping,
            Reason::Undelivered => Self::Undelivered,
            Reason::Unacknowledged => Self::Unacknowledged,
            Reason::Reminder | Reason::RemedyFailed => Self::Reminder,
            Reason::Acknowledged => Self::Acknowledged,
            Reason::RaisedAndRecovered => Self::Over,
            Reason::Recovered if server => Self::ServersUp,
            Reason::Recovered => Self::ChecksUp,
            _ if server => Self::ServersDown,
            _ => Self::ChecksDown,
        }
    }

    /// The class of event.
    #[must_use]
    pub const fn event(self) -> EventKind {
        match self {
            Self::ServersUp | Self::ChecksUp => EventKind::Recovery,
            _ => EventKind::Problem,
        }
    }

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServersDown => "servers_down",
            Self::ChecksDown => "checks_down",
            Self::Flapping => "flapping",
            Self::Undelivered => "undelivered",
            Self::Unacknowledged => "unacknowledged",
            Self::Reminder => "reminder",
            Self::Acknowledged => "acknowledged",
            Self::Over => "over",
            Self::ServersUp => "servers_up",
            Self::ChecksUp => "checks_up",
        }
    }
}

/// A server that answers but cannot be logged in to can be reached.
const fn is_unreachable(notice: &Notice) -> bool {
    use FailureKind::{Auth, Busy, HostKey};
    match &notice.seen {
        Err(failure) => !matches!(failure.kind, Auth | Busy | HostKey),
        Ok(_) => true,
    }
}

/// Numbers of incidents as ranges, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Numbers(Vec<(IncidentNumber, IncidentNumber)>);

impl Numbers {
    /// Whether a number is among them.
    #[must_use]
    pub fn contains(&self, number: IncidentNumber) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = IncidentNumber> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges: first and last number of each.
    #[must_use]
    pub fn ranges(&self) -> &[(IncidentNumber, IncidentNumber)] {
        &self.0
    }

    /// From the text that [`Display`](fmt::Display) makes; `None` when it is no such text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then_some((first, last))
        };
        if text.is_empty() {
            return Some(Self::default());
        }
        text.strip_prefix('#')?.split(',').map(range).collect::<Option<_>>().map(Self)
    }

    /// All within one range.
    #[must_use]
    pub fn merged(&self) -> Self {
        let ends = self.0.first().zip(self.0.last());
        Self(ends.map(|(first, last)| (first.0, last.1)).into_iter().collect())
    }

    /// As they are, or within one range if they would be too many to write.
    #[must_use]
    pub fn bounded(self) -> Self {
        if self.0.len() > MOST_RANGES { self.merged() } else { self }
    }
}

impl FromIterator<IncidentNumber> for Numbers {
    fn from_iter<I: IntoIterator<Item = IncidentNumber>>(numbers: I) -> Self {
        let mut numbers: Vec<IncidentNumber> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let mut ranges: Vec<(IncidentNumber, IncidentNumber)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some((_, last)) if number <= last.saturating_add(1) => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        Self(ranges)
    }
}

/// `#40-62,70`; nothing when there is none.
impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "#" } else { "," })?;
            write!(f, "{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
        }
        Ok(())
    }
}

/// What an outbox entry knows of being gathered with others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gathering {
    /// It is told by then at the latest, unless too much was told already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Timestamp>,
    /// What it belongs to: the groups of its server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Name>,
    /// The digest that tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_in: Option<ToldIn>,
}

impl Gathering {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A digest, as its incidents know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToldIn {
    /// Its entry.
    pub entry: NoticeId,
    /// How many notices it tells.
    pub count: usize,
    /// The numbers of the incidents that it tells.
    pub numbers: Numbers,
}

impl ToldIn {
    /// In that entry.
    #[must_use]
    pub const fn new(entry: NoticeId, count: usize, numbers: Numbers) -> Self {
        Self { entry, count, numbers }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_written_as_ranges() {
        for (numbers, expected) in [
            (vec![], ""),
            (vec![7], "#7"),
            (vec![8, 7], "#7-8"),
            (vec![40, 41, 42, 70, 42], "#40-42,70"),
        ] {
            let numbers = numbers.into_iter().collect::<Numbers>();
            assert_eq!(numbers.to_string(), expected);
            assert_eq!(Numbers::read(expected), Some(numbers));
        }
        for text in ["7", "#", "#7-", "#8-7", "#7,", "#a", "# 7"] {
            assert_eq!(Numbers::read(text), None, "{text}");
        }
        let odd: Numbers = (0..40).map(|n| n * 2 + 1).collect();
        assert_eq!(odd.merged().to_string(), "#1-79");
        assert_eq!(odd.bounded().to_string(), "#1-79");
    }

    proptest! {
        #[test]
        fn exactly_the_numbers_are_in_the_ranges(numbers in prop::collection::vec(1_i64..60, 0..40)) {
            let ranges: Numbers = numbers.iter().copied().collect();
            for n in 0..70 {
                prop_assert_eq!(ranges.contains(n), numbers.contains(&n));
                prop_assert!(!numbers.contains(&n) || ranges.merged().contains(n));
            }
        }
    }
}
