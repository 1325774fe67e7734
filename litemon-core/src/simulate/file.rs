//! The timeline as it is written. Nothing is required here: what has to be there is asked for when
//! it is understood, so that every mistake is named at once.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Deserializer, de};

use crate::config::{OneOrMany, TimeSpan};

/// All of it but `[config]` and `[configs.NAME]`, which are configurations.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    pub(super) about: Option<String>,
    /// Files of the configuration, where it does not stand in the timeline.
    pub(super) config: Option<OneOrMany<PathBuf>>,
    pub(super) start: Option<String>,
    pub(super) lasts: Option<TimeSpan>,
    pub(super) at: Vec<Moment>,
    pub(super) expect: Vec<Expectation>,
    pub(super) messages: Option<usize>,
    pub(super) nothing_else: bool,
    pub(super) invariants: bool,
}

/// `[[at]]`: something happens.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Moment {
    pub(super) time: Option<String>,
    // What it is about; one of these.
    pub(super) check: Option<OneOrMany<String>>,
    pub(super) server: Option<OneOrMany<String>>,
    pub(super) notifier: Option<OneOrMany<String>>,
    pub(super) remedy: Option<OneOrMany<String>>,
    pub(super) network: Option<UpDown>,
    pub(super) answer: Option<String>,
    pub(super) acknowledge: Option<Word>,
    pub(super) unacknowledge: Option<Word>,
    pub(super) mute: Option<OneOrMany<String>>,
    pub(super) maintenance: Option<OneOrMany<String>>,
    pub(super) unmute: Option<OneOrMany<String>>,
    pub(super) run: Option<OneOrMany<String>>,
    pub(super) reload: Option<String>,
    pub(super) restart: Option<TimeSpan>,
    pub(super) kill: Option<TimeSpan>,
    pub(super) clock: Option<String>,
    pub(super) store: Option<UpDown>,
    pub(super) journal: Option<UpDown>,
    pub(super) reboot: Option<String>,
    pub(super) shutdown: Option<String>,
    pub(super) back: Option<String>,
    // What belongs to it.
    pub(super) is: Option<Word>,
    pub(super) detail: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) takes: Option<TimeSpan>,
    pub(super) gateway: Option<usize>,
    pub(super) reports: Option<Word>,
    pub(super) from: Option<String>,
    pub(super) by: Option<String>,
    #[serde(rename = "for")]
    pub(super) lasts: Option<TimeSpan>,
    pub(super) note: Option<String>,
}

/// `[[expect]]`: a notice that is to be sent, a problem that is not to be told, or what an answer by
/// SMS is answered.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Expectation {
    pub(super) text: Option<String>,
    pub(super) matches: Option<String>,
    pub(super) to: Option<OneOrMany<String>>,
    pub(super) not_told: Option<String>,
    pub(super) why: Option<String>,
    pub(super) reply: Option<String>,
    pub(super) at: Option<String>,
    pub(super) within: Option<TimeSpan>,
}

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum UpDown {
    Up,
    Down,
}

/// A word or a number, as its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word(pub(super) String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Word, E> {
                Ok(Word(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
