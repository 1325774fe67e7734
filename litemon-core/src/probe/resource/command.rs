use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{garbage, read};
use crate::{
    exec::{Command, Exec},
    model::{Failure, Observation},
    probe::{Probe, Recipe, Site, service::shell},
};

/// A resource that a command prints: one number from 0 to 100, with or without `%`. Anything else,
/// and every exit status but 0, is a failure that tells the first line of the output.
#[derive(Clone, Debug)]
pub struct CommandResource(Command);

impl CommandResource {
    /// The recipe.
    #[must_use]
    pub fn new(command: String, sudo: bool) -> Self {
        Self(shell(command, sudo))
    }
}

impl Recipe for CommandResource {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(CommandProbe { command: self.0.clone(), exec: site.exec.clone() })
    }
}

#[derive(Debug)]
struct CommandProbe {
    command: Command,
    exec: Arc<dyn Exec>,
}

#[async_trait]
impl Probe for CommandProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let text = read(&*self.exec, &self.command, deadline).await?;
        percentage(&text).map(|value| Observation::percent(value, None))
    }
}

/// Reads one number from 0 to 100; white space around it and one `%` behind it are allowed.
fn percentage(text: &str) -> Result<f64, Failure> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(garbage("no output", ""));
    }
    let number = trimmed.strip_suffix('%').unwrap_or(trimmed).trim_end();
    if number.split_whitespace().nth(1).is_some() {
        let all_numbers =
            number.split_whitespace().all(|word| decimal(word.trim_end_matches('%')).is_some());
        return Err(garbage(if all_numbers { "several numbers" } else { "not a number" }, text));
    }
    let value = decimal(number).ok_or_else(|| garbage("not a number", text))?;
    if (0.0..=100.0).contains(&value) { Ok(value) } else { Err(garbage("not from 0 to 100", text)) }
}

/// A decimal number as people write it: no `inf`, `nan` or exponent.
fn decimal(word: &str) -> Option<f64> {
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    word.chars().all(digits).then(|| word.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_read() {
        for (text, value) in [
            ("0", 0.0),
            ("100\n", 100.0),
            (" 37.25 %\n", 37.25),
            ("5%", 5.0),
            ("\t+7\r\n", 7.0),
            (".5", 0.5),
            ("-0", 0.0),
        ] {
            assert_eq!(percentage(text), Ok(value), "{text:?}");
        }
    }

    #[test]
    fn anything_else_is_told() {
        for (text, message) in [
            ("", "no output"),
            (" \n", "no output"),
            ("high\nlow", "not a number: high"),
            ("1 2", "several numbers: 1 2"),
            ("1\n2\n", "several numbers: 1"),
            ("cpu 5", "not a number: cpu 5"),
            ("100.1", "not from 0 to 100: 100.1"),
            ("-1", "not from 0 to 100: -1"),
            ("NaN", "not a number: NaN"),
            ("inf", "not a number: inf"),
            ("1e2", "not a number: 1e2"),
            ("5%%", "not a number: 5%%"),
            ("1,5", "not a number: 1,5"),
            ("%", "not a number: %"),
        ] {
            let failure = percentage(text).unwrap_err();
            assert_eq!(failure.message, message, "{text:?}");
            assert_eq!(failure.kind, crate::model::FailureKind::Output);
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_a_percentage_or_a_failure(text in ".{0,40}") {
            if let Ok(value) = percentage(&text) {
                proptest::prop_assert!((0.0..=100.0).contains(&value));
            }
        }
    }
}
