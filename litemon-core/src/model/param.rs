use regex::Regex;
use serde::{Deserialize, Serialize};

use super::Name;

/// The longest value of a parameter, in bytes.
const LONGEST: usize = 4096;

/// A parameter of an action. Its value reaches the command as one quoted argument or a variable of
/// the environment, never as text of the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Param {
    /// Its name.
    pub name: String,
    /// What it is, in a few words.
    pub description: String,
    /// What it may be.
    pub kind: ParamKind,
    /// Taken when none is given; `None`: one has to be given.
    pub default: Option<String>,
}

/// What the value of a parameter may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParamKind {
    /// One of these.
    Choice(Vec<String>),
    /// A whole number within these, both included.
    Number {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A text that this regular expression matches as a whole.
    Text(String),
}

impl Param {
    /// One that has to be given, without a description.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: ParamKind) -> Self {
        Self { name: name.into(), description: String::new(), kind, default: None }
    }

    /// The variable of the environment that a command finds its value in: `LITEMON_PARAM_LOG_LEVEL`
    /// for `log-level`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("LITEMON_PARAM_{}", self.name.to_ascii_uppercase().replace(['-', '.'], "_"))
    }
}

impl ParamKind {
    /// Whether this may be a value.
    ///
    /// # Errors
    /// What was expected, to stand behind "expected".
    pub fn accepts(&self, value: &str) -> Result<(), String> {
        let plain = value.len() <= LONGEST && !value.contains('\0');
        let good = plain
            && match self {
                Self::Choice(words) => words.iter().any(|word| word == value),
                Self::Number { min, max } => {
                    whole_number(value).is_some_and(|number| (*min..=*max).contains(&number))
                }
                Self::Text(pattern) => {
                    anchored(pattern).is_ok_and(|pattern| pattern.is_match(value))
                }
            };
        if good { Ok(()) } else { Err(self.expected()) }
    }

    /// What a value is to be: `one of start, stop`, `a whole number from 1 to 9`.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Text(pattern) => format!("a text that {pattern} matches as a whole"),
        }
    }
}

/// A number written in one way only, so that what was checked is what the command reads.
fn whole_number(value: &str) -> Option<i64> {
    let number = value.parse::<i64>().ok()?;
    (number.to_string() == value).then_some(number)
}

/// A pattern that has to match a text from its first to its last byte.
fn anchored(pattern: &str) -> Result<Regex, regex::Error> {
    // Alone first: a group that is closed too early would let the anchors off.
    Regex::new(pattern)?;
    Regex::new(&format!(r"\A(?:{pattern})\z"))
}

/// A parameter is not written as it has to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct UnsoundParam {
    /// Its place in the list, from 0.
    pub place: usize,
    /// What is wrong with it, and what was expected.
    pub message: String,
}

impl Param {
    /// Whether parameters are written as they have to be, each by itself and beside each other.
    ///
    /// # Errors
    /// The first that is not.
    pub fn sound(params: &[Self]) -> Result<(), UnsoundParam> {
        let mut variables = Vec::new();
        for (place, param) in params.iter().enumerate() {
            let variable = param.variable();
            let twice = || variables.contains(&variable).then(|| "is there twice".to_owned());
            if let Some(message) = param.unsound().or_else(twice) {
                let message = format!("{} {message}", param.name);
                return Err(UnsoundParam { place, message });
            }
            variables.push(variable);
        }
        Ok(())
    }

    fn unsound(&self) -> Option<String> {
        if Name::new(&self.name).is_err() {
            return Some("is not a name".to_owned());
        }
        match &self.kind {
            ParamKind::Choice(words) if words.is_empty() => {
                return Some("has nothing to choose from".to_owned());
            }
            ParamKind::Number { min, max } if min > max => {
                return Some(format!("cannot be from {min} to {max}"));
            }
            ParamKind::Text(pattern) => {
                if let Err(error) = anchored(pattern) {
                    return Some(not_a_pattern(pattern, &error));
                }
            }
            _ => {}
        }
        let default = self.default.as_ref()?;
        let expected = self.kind.accepts(default).err()?;
        Some(format!("cannot be {default:?} by default; expected {expected}"))
    }
}

fn not_a_pattern(pattern: &str, error: &regex::Error) -> String {
    let error = error.to_string();
    let cause = error.lines().last().unwrap_or_default().trim();
    format!("takes {pattern:?}, which is not a regular expression ({cause})")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(pattern: &str) -> ParamKind {
        ParamKind::Text(pattern.to_owned())
    }

    #[test]
    fn a_value_is_matched_whole() {
        let choice = ParamKind::Choice(vec!["start".into(), "stop".into()]);
        let number = ParamKind::Number { min: -2, max: 20 };
        for (kind, value, good) in [
            (&choice, "stop", true),
            (&choice, "stop ", false),
            (&choice, "", false),
            (&number, "20", true),
            (&number, "-2", true),
            (&number, "21", false),
            (&number, "+5", false),
            (&number, "05", false),
            (&number, "5\n", false),
            (&text("[a-z]+"), "nginx", true),
            (&text("[a-z]+"), "nginx\n", false),
            (&text("[a-z]+"), "nginx; reboot", false),
            (&text("(?m)^[a-z]+$"), "nginx\nreboot", false),
            (&text("a|ab"), "ab", true),
            (&text(".*"), "a\0b", false),
            (&text("(?s).*"), &"a".repeat(4097), false),
        ] {
            assert_eq!(kind.accepts(value).is_ok(), good, "{kind:?} {value:?}");
        }
    }

    fn param(name: &str, kind: ParamKind, default: Option<&str>) -> Param {
        let default = default.map(str::to_owned);
        Param { name: name.into(), description: String::new(), kind, default }
    }

    #[test]
    fn what_cannot_work_is_refused_when_it_is_written() {
        let cases = [
            vec![param("a b", text("."), None)],
            vec![param("a", text("("), None)],
            // Alone it is none; between brackets of one's own it would let anything through.
            vec![param("a", text("a)|(.*"), None)],
            // A comment would take the closing bracket with it.
            vec![param("a", text("(?x)a # b"), None)],
            vec![param("a", ParamKind::Choice(Vec::new()), None)],
            vec![param("a", ParamKind::Number { min: 2, max: 1 }, None)],
            vec![param("a", ParamKind::Number { min: 1, max: 2 }, Some("3"))],
            vec![param("a-b", text("."), None), param("a_b", text("."), None)],
        ];
        for params in &cases {
            assert!(Param::sound(params).is_err(), "{params:?}");
        }
        let good = [param("log-level", text("[a-z]+"), Some("info")), param("b", text("."), None)];
        assert_eq!(Param::sound(&good), Ok(()));
        assert_eq!(good.first().unwrap().variable(), "LITEMON_PARAM_LOG_LEVEL");
    }

    proptest! {
        /// No pattern lets more through than what it matches from end to end.
        #[test]
        fn a_pattern_matches_from_end_to_end(pattern in "[a-c|()*?+.]{0,8}", value in "[a-c\n]{0,6}") {
            let accepted = text(&pattern).accepts(&value).is_ok();
            let whole = Regex::new(&pattern).ok().zip(Regex::new(&format!("^(?:{pattern})$")).ok());
            let expected = whole.is_some_and(|(_, whole)| {
                whole.find(&value).is_some_and(|found| found.as_str() == value)
            });
            prop_assert_eq!(accepted, expected);
        }
    }
}
