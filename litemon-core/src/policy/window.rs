//! Times in which people do not want to be told: maintenance that is planned, and what is muted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{CheckId, Cron, Name, NoPattern, Timestamp, Zone};

/// The number of a window, counted up from 1.
pub type WindowId = i64;

/// What a window is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WindowKind {
    /// Work that is planned.
    Maintenance,
    /// Somebody knows of it and wants to hear no more.
    Mute,
}

impl WindowKind {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::Mute => "mute",
        }
    }
}

/// What a window is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Everything.
    All,
    /// A server with all of its checks.
    Server(Name),
    /// All servers of a group.
    Group(Name),
    /// One check.
    Check(CheckId),
}

impl Scope {
    /// Whether a check is meant.
    #[must_use]
    pub fn covers(&self, check: &CheckId, server: Option<&Name>, groups: &[Name]) -> bool {
        match self {
            Self::All => true,
            Self::Server(name) => server == Some(name),
            Self::Group(name) => groups.contains(name),
            Self::Check(id) => id == check,
        }
    }
}

/// As people write it: `all`, `SERVER`, `@GROUP`, `SERVER/CHECK`.
impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Server(name) => name.fmt(f),
            Self::Group(name) => write!(f, "@{name}"),
            Self::Check(id) => id.fmt(f),
        }
    }
}

/// It is none of `all`, `SERVER`, `@GROUP`, `SERVER/CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of all, SERVER, @GROUP, SERVER/CHECK")]
pub struct NoScope(String);

impl std::str::FromStr for Scope {
    type Err = NoScope;

    fn from_str(text: &str) -> Result<Self, NoScope> {
        let no = || NoScope(text.to_owned());
        match text.strip_prefix('@') {
            Some(group) => Name::new(group).map(Self::Group).map_err(|_| no()),
            None if text == "all" => Ok(Self::All),
            None if text.contains('/') => CheckId::parse(text).map(Self::Check).map_err(|_| no()),
            None => Name::new(text).map(Self::Server).map_err(|_| no()),
        }
    }
}

/// A time in which problems are not told. Kept by the journal until it is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Window {
    /// Its number; 0 for one of the configuration.
    pub id: WindowId,
    /// What for.
    pub kind: WindowKind,
    /// What it is about; any of these.
    pub scopes: Vec<Scope>,
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Who wanted it; for one of the configuration, its name.
    pub by: String,
    /// Why, in one line; may be empty.
    pub note: String,
}

impl Window {
    /// Whether problems of a check are not told at that moment.
    #[must_use]
    pub fn silences(
        &self,
        check: &CheckId,
        server: Option<&Name>,
        groups: &[Name],
        at: Timestamp,
    ) -> bool {
        self.is_open(at) && self.scopes.iter().any(|scope| scope.covers(check, server, groups))
    }

    /// Whether it has begun and is not over.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// A window that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewWindow {
    /// What for.
    pub kind: WindowKind,
    /// What it is about.
    pub scopes: Vec<Scope>,
    /// From when on; `None` from now on.
    pub from: Option<Timestamp>,
    /// For how long.
    pub lasts: Duration,
    /// Who wants it.
    pub by: String,
    /// Why.
    pub note: String,
}

impl NewWindow {
    /// From now on.
    #[must_use]
    pub fn new(
        kind: WindowKind,
        scopes: Vec<Scope>,
        lasts: Duration,
        by: impl Into<String>,
    ) -> Self {
        Self { kind, scopes, from: None, lasts, by: by.into(), note: String::new() }
    }

    /// From then on.
    #[must_use]
    pub const fn from(mut self, at: Option<Timestamp>) -> Self {
        self.from = at;
        self
    }

    /// With a reason, of which one line of at most 200 characters is kept.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = crate::model::one_line(note, 200);
        self
    }

    pub(crate) fn number(self, id: WindowId, now: Timestamp) -> Window {
        let Self { kind, scopes, from, lasts, by, note } = self;
        let from = from.unwrap_or(now);
        Window { id, kind, scopes, from, until: from.plus(lasts), by, note }
    }
}

/// Maintenance that comes again and again, as the configuration says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recurring {
    /// Its name.
    pub name: Name,
    /// What it is about.
    pub scopes: Vec<Scope>,
    /// When it begins, in its zone.
    begins: Cron,
    /// For how long.
    pub lasts: Duration,
}

impl Recurring {
    /// Begins whenever a cron pattern of five fields says so, in a zone. At the turn of clocks a
    /// time that is left out begins with the hour after it, one that comes twice begins once.
    ///
    /// # Errors
    /// [`NoPattern`] when the pattern cannot be read.
    pub fn new(
        name: Name,
        pattern: &str,
        zone: Zone,
        lasts: Duration,
        scopes: Vec<Scope>,
    ) -> Result<Self, NoPattern> {
        Ok(Self { name, scopes, begins: Cron::new(pattern, zone)?, lasts })
    }

    /// The window that is open then, or else the next one; `None` when there is none within years.
    #[must_use]
    pub fn around(&self, now: Timestamp) -> Option<Window> {
        // What began after that still lasts.
        let from = self.begins.after(now.minus(self.lasts))?;
        Some(Window {
            id: 0,
            kind: WindowKind::Maintenance,
            scopes: self.scopes.clone(),
            from,
            until: from.plus(self.lasts),
            by: self.name.to_string(),
            note: String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for text in ["all", "web-1", "@web", "web-1/nginx", "messaging/msg1"] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        for text in ["", "@", "a b", "web-1/", "@a/b"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_window_silences_what_it_is_about_while_it_lasts() {
        let name = |text| Name::new(text).unwrap();
        let scopes = vec!["@web".parse().unwrap(), "db-1/hdd".parse().unwrap()];
        let new = NewWindow::new(WindowKind::Mute, scopes, Duration::from_secs(60), "ann");
        let window = new.number(3, time("2026-11-21T10:00:00Z"));
        let (web, db) = (name("web-1"), name("db-1"));
        let during = time("2026-11-21T10:00:59Z");
        let hdd = CheckId::parse("db-1/hdd").unwrap();
        assert!(window.silences(&CheckId::ssh(&web), Some(&web), &[name("web")], during));
        assert!(window.silences(&hdd, Some(&db), &[], during));
        assert!(!window.silences(&CheckId::ssh(&db), Some(&db), &[], during));
        assert!(!window.silences(&hdd, Some(&db), &[], time("2026-11-21T10:01:00Z")));
        assert!(!window.silences(&hdd, Some(&db), &[], time("2026-11-21T09:59:59Z")));
    }

    #[test]
    fn what_comes_each_sunday_is_there_in_summer_and_winter_and_when_the_clock_turns() {
        let name = Name::new("patch-day").unwrap();
        let zone = Zone::named("Europe/Berlin").unwrap();
        let two_hours = Duration::from_secs(7200);
        let weekly =
            Recurring::new(name, "30 2 * * SUN", zone, two_hours, vec![Scope::All]).unwrap();
        for (now, begins) in [
            // Saturday, and in the middle of it.
            ("2026-07-04T12:00:00Z", "2026-07-05T00:30:00Z"),
            ("2026-07-05T02:29:59Z", "2026-07-05T00:30:00Z"),
            ("2026-07-05T02:30:00Z", "2026-07-12T00:30:00Z"),
            ("2026-11-21T12:00:00Z", "2026-11-22T01:30:00Z"),
            // At 02:00 it becomes 03:00; and back.
            ("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T02:30:00Z", "2026-11-01T01:30:00Z"),
        ] {
            let window = weekly.around(time(now)).unwrap();
            assert_eq!(window.from.to_string(), begins, "after {now}");
            assert_eq!(window.until.since(window.from), two_hours);
        }
    }
}
