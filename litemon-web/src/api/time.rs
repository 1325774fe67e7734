//! A moment as JSON tells it.

use std::borrow::Cow;

use litemon_core::model::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment: RFC 3339 in UTC, as `2016-04-14T05:33:14Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

/// Reads RFC 3339 with any offset, or milliseconds since 1970.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let millis = match text.parse::<i64>() {
        Ok(millis) => jiff::Timestamp::from_millisecond(millis).ok()?.as_millisecond(),
        Err(_) => text.parse::<jiff::Timestamp>().ok()?.as_millisecond(),
    };
    Some(Timestamp::from_millis(millis))
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        read(&text).map(Self).ok_or_else(|| de::Error::custom("this is no time of RFC 3339"))
    }
}

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let at = Timestamp::from_millis(1_460_586_794_120);
        let text = serde_json::to_string(&Time(at)).unwrap();
        assert_eq!(text, r#""2016-04-13T22:33:14.12Z""#);
        assert_eq!(serde_json::from_str::<Time>(&text).unwrap(), Time(at));
        assert_eq!(read("2016-04-14T05:33:14.12+07:00"), Some(at));
        assert_eq!(read("1460586794120"), Some(at));
        for wrong in ["", "now", "2016-04-14", "99999999999999999999", "9223372036854775807"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
