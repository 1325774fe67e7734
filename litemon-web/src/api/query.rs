//! What stands behind the question mark.

use std::time::Duration;

use litemon_core::model::Timestamp;
use url::form_urlencoded;

use super::{problem::Refusal, time};

/// What is shown when nothing else is asked for.
const USUAL_SPAN: Duration = Duration::from_secs(86_400);

/// The longest time that is looked at: a little over ten years.
const LONGEST_SPAN: Duration = Duration::from_secs(3660 * 86_400);

/// The longest text that is looked for, in characters.
pub(super) const LONGEST_TEXT: usize = 100;

/// A parameter that a route takes.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) kind: Kind,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// RFC 3339, or milliseconds since 1970.
    Time,
    /// A whole number from the first to the second; the third when absent.
    Number(i64, i64, Option<i64>),
    /// One of these; the first when absent.
    Word(&'static [&'static str]),
    /// Any text of at most [`LONGEST_TEXT`] characters.
    Text,
}

/// The parameters of one request: each is known to the route, and is what it may be.
#[derive(Debug)]
pub(super) struct Query {
    given: Vec<(&'static Parameter, String)>,
}

impl Query {
    pub(super) fn read(raw: &str, known: &'static [Parameter]) -> Result<Self, Refusal> {
        let mut given: Vec<(&'static Parameter, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            let Some(parameter) = known.iter().find(|parameter| parameter.name == name) else {
                return Err(unknown(known));
            };
            if given.iter().any(|(other, _)| other.name == parameter.name) {
                return Err(Refusal::parameter(format!("{} is given twice", parameter.name)));
            }
            parameter.vet(&value)?;
            given.push((parameter, value.into_owned()));
        }
        Ok(Self { given })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let of_it = |(parameter, _): &&(&Parameter, String)| parameter.name == name;
        self.given.iter().find(of_it).map(|(_, value)| value.as_str())
    }

    /// A number that was given.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }

    /// A number of things.
    pub(super) fn count(&self, name: &str, usual: usize) -> usize {
        self.number(name).and_then(|number| usize::try_from(number).ok()).unwrap_or(usual)
    }

    /// A word that was given.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.get(name)
    }

    /// `from` and `to`: the last day when absent.
    pub(super) fn span(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
        self.span_of(now, USUAL_SPAN)
    }

    /// The same, as long as `usual` when `from` is absent.
    pub(super) fn span_of(
        &self,
        now: Timestamp,
        usual: Duration,
    ) -> Result<(Timestamp, Timestamp), Refusal> {
        let to = self.get("to").and_then(time::read).unwrap_or(now);
        let from = self.get("from").and_then(time::read).unwrap_or(to.minus(usual));
        if from >= to {
            Err(Refusal::parameter("from has to be earlier than to"))
        } else if to.since(from) > LONGEST_SPAN {
            Err(Refusal::parameter("at most ten years are looked at"))
        } else {
            Ok((from, to))
        }
    }
}

impl Parameter {
    fn vet(&self, value: &str) -> Result<(), Refusal> {
        let name = self.name;
        match self.kind {
            Kind::Time if time::read(value).is_none() => Err(Refusal::parameter(format!(
                "{name} has to be a time, as 2016-04-14T05:33:14Z (write + as %2B), or \
                 milliseconds since 1970"
            ))),
            Kind::Number(least, most, _)
                if !value.parse().is_ok_and(|number| (least..=most).contains(&number)) =>
            {
                let range = format!("{name} has to be a whole number from {least} to {most}");
                Err(Refusal::parameter(range))
            }
            Kind::Word(words) if !words.contains(&value) => {
                Err(Refusal::parameter(format!("{name} has to be one of {}", words.join(", "))))
            }
            Kind::Text if value.chars().count() > LONGEST_TEXT => {
                Err(Refusal::parameter(format!("{name} is longer than {LONGEST_TEXT} characters")))
            }
            _ => Ok(()),
        }
    }
}

fn unknown(known: &[Parameter]) -> Refusal {
    let names: Vec<_> = known.iter().map(|parameter| parameter.name).collect();
    Refusal::parameter(match names.as_slice() {
        [] => "this address takes no parameters".to_owned(),
        names => format!("the parameters of this address are {}", names.join(", ")),
    })
}
