use std::fmt;

use crate::model::Timestamp;

/// A message as a gateway hands it over.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Its sender, as the gateway writes it.
    pub from: String,
    /// What was typed.
    pub text: String,
    /// What the gateway calls it, where it says so.
    pub id: Option<String>,
    /// When it was sent, where the gateway says so.
    pub at: Option<Timestamp>,
}

/// Neither number nor text belong into a log.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Message {
    /// With neither name nor time.
    #[must_use]
    pub fn new(from: impl Into<String>, text: impl Into<String>) -> Self {
        Self { from: from.into(), text: text.into(), id: None, at: None }
    }

    /// With what the gateway calls it; nothing for an empty one.
    #[must_use]
    pub fn called(mut self, id: &str) -> Self {
        self.id = Some(id.trim().to_owned()).filter(|id| !id.is_empty());
        self
    }

    /// With its time.
    #[must_use]
    pub const fn sent_at(mut self, at: Option<Timestamp>) -> Self {
        self.at = at;
        self
    }
}

/// A time that nobody can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time is neither seconds since 1970, as Kannel's %T, nor as 2026-11-30T22:15:00Z")]
pub struct BadTime;

/// Reads when a message was sent: seconds since 1970 (Kannel's `%T`; thirteen digits are
/// milliseconds), or a time of RFC 3339. `None` for nothing at all.
///
/// # Errors
/// [`BadTime`] when it is neither.
pub fn read_time(text: &str) -> Result<Option<Timestamp>, BadTime> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let millis = match text.parse::<i64>() {
        Ok(number) if text.len() >= 13 => number,
        Ok(number) => number.checked_mul(1000).ok_or(BadTime)?,
        Err(_) => text.parse::<jiff::Timestamp>().map_err(|_| BadTime)?.as_millisecond(),
    };
    // A gateway that does not know the time says that it is 1970.
    Ok((millis > 0).then(|| Timestamp::from_millis(millis)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_gateways_write_them() {
        let at = Ok(Some(Timestamp::from_millis(1_460_611_980_000)));
        for text in ["1460611980", " 1460611980 ", "1460611980000", "2016-04-14T05:33:00Z"] {
            assert_eq!(read_time(text), at, "{text}");
        }
        assert_eq!(read_time("2016-04-14T12:33:00+07:00"), at);
        for nothing in ["", " ", "0", "-5"] {
            assert_eq!(read_time(nothing), Ok(None), "{nothing}");
        }
        for bad in ["yesterday", "2016-04-14 05:33", "99999999999999999999", "1e9"] {
            assert_eq!(read_time(bad), Err(BadTime), "{bad}");
        }
        let shown = format!("{:?}", Message::new("+628123456789", "ACK 17").called(" "));
        assert!(!shown.contains("628") && !shown.contains("ACK"), "{shown}");
    }
}
