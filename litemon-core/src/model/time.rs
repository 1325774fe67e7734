use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// A moment: whole milliseconds since 1970-01-01T00:00:00Z, UTC.
///
/// Arithmetic saturates; nothing here reads a clock (see [`Clock`](crate::clock::Clock)).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time from `earlier` to `self`; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// `self` plus a duration.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(millis(by)))
    }

    /// `self` minus a duration.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(millis(by)))
    }

    /// `self` moved by milliseconds, earlier by a negative number.
    #[must_use]
    pub const fn moved(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    pub(crate) fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

/// RFC 3339 in UTC, as `2016-04-14T05:33:14Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.jiff().fmt(f)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A time zone of the IANA database, in which people read times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(pub(crate) jiff::tz::TimeZone);

/// No zone of that name is in the time zone database of this machine.
#[derive(Debug, thiserror::Error)]
#[error("no time zone is called {name:?}")]
pub struct UnknownZone {
    name: String,
    #[source]
    source: jiff::Error,
}

impl Zone {
    /// Coordinated Universal Time.
    #[must_use]
    pub fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }

    /// The zone this machine is set to (UTC when it says nothing).
    #[must_use]
    pub fn system() -> Self {
        Self(jiff::tz::TimeZone::system())
    }

    /// The zone of an IANA name such as `Asia/Jakarta`.
    ///
    /// # Errors
    /// [`UnknownZone`] when the time zone database does not know the name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        jiff::tz::TimeZone::get(name)
            .map(Self)
            .map_err(|source| UnknownZone { name: name.to_owned(), source })
    }

    /// Its IANA name; `None` where the machine has a zone without one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.iana_name()
    }

    /// `05:33`
    #[must_use]
    pub fn hour_minute(&self, at: Timestamp) -> String {
        self.format("%H:%M", at)
    }

    /// `05:33:14`
    #[must_use]
    pub fn clock_time(&self, at: Timestamp) -> String {
        self.format("%H:%M:%S", at)
    }

    /// `2016-04-14`
    #[must_use]
    pub fn date(&self, at: Timestamp) -> String {
        self.format("%Y-%m-%d", at)
    }

    /// `2016-04-14 05:33:14`
    #[must_use]
    pub fn date_time(&self, at: Timestamp) -> String {
        self.format("%Y-%m-%d %H:%M:%S", at)
    }

    /// A time as people of this zone write it, `2016-04-14 05:33` or with seconds; at the turn of
    /// clocks, a time that is left out is the one after it, and one that comes twice the first.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Timestamp> {
        let civil: jiff::civil::DateTime = text.replacen(' ', "T", 1).parse().ok()?;
        let zoned = civil.to_zoned(self.0.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    }

    /// The zone's short name at that moment, as `WIB`.
    #[must_use]
    pub fn abbreviation(&self, at: Timestamp) -> String {
        self.format("%Z", at)
    }

    /// Any `strftime` format known to jiff.
    #[must_use]
    pub fn format(&self, format: &str, at: Timestamp) -> String {
        at.jiff().to_zoned(self.0.clone()).strftime(format).to_string()
    }
}
