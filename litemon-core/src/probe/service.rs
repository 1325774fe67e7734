//! Services: a command says whether something runs.

use std::sync::Arc;

use async_trait::async_trait;
use regex::Regex;
use tokio::time::Instant;

use super::{Probe, Recipe, Site};
use crate::{
    exec::{Command, Exec, Exit, Output, Sudo},
    model::{Failure, Observation, one_line},
};

/// A service that a command tells about: exit status 0 is On; with an expression, only if standard
/// output matches it too. A signal, the time limit, 126 and 127 (the command could not be run) tell
/// nothing; every other end is Off.
#[derive(Clone, Debug)]
pub struct CommandService {
    command: Command,
    expect: Option<Regex>,
}

impl CommandService {
    /// The recipe.
    ///
    /// # Errors
    /// One line that says what is wrong with the expression.
    pub fn new(command: String, sudo: bool, expect: Option<String>) -> Result<Self, String> {
        let expect = expect.map(|text| Regex::new(&text)).transpose();
        let expect = expect.map_err(|error| match error {
            regex::Error::Syntax(text) => {
                let last = text.lines().last().unwrap_or_default();
                format!("not a regular expression: {}", last.trim_start_matches("error: "))
            }
            other => format!("not a regular expression: {other}"),
        })?;
        Ok(Self { command: shell(command, sudo), expect })
    }
}

/// A configured command line.
pub(super) fn shell(line: String, sudo: bool) -> Command {
    let mut command = Command::shell(line);
    if sudo {
        command.sudo = Sudo::Passwordless;
    }
    command
}

impl Recipe for CommandService {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(ServiceProbe { recipe: self.clone(), exec: site.exec.clone() })
    }
}

#[derive(Debug)]
struct ServiceProbe {
    recipe: CommandService,
    exec: Arc<dyn Exec>,
}

#[async_trait]
impl Probe for ServiceProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let output = self.exec.run(&self.recipe.command, deadline).await?;
        judge(&output, self.recipe.expect.as_ref())
    }
}

fn judge(output: &Output, expect: Option<&Regex>) -> Result<Observation, Failure> {
    match &output.exit {
        Exit::Status(0) => Ok(matched(output, expect)),
        Exit::Status(126 | 127) | Exit::Signal(_) | Exit::Unsaid => Err(output.failure()),
        Exit::Status(_) => {
            Ok(Observation::Switch { on: false, detail: Some(output.failure().message) })
        }
    }
}

fn matched(output: &Output, expect: Option<&Regex>) -> Observation {
    let text = String::from_utf8_lossy(&output.stdout);
    if expect.is_none_or(|expect| expect.is_match(&text)) {
        return Observation::Switch { on: true, detail: None };
    }
    let detail = match one_line(&text, Failure::MAX_MESSAGE) {
        line if line.is_empty() => "no output".to_owned(),
        line => format!("unexpected output: {line}"),
    };
    Observation::Switch { on: false, detail: Some(detail) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn output(exit: Exit, text: &str) -> Output {
        Output::new(exit, text.into(), Vec::new(), false)
    }

    fn on(exit: Exit, text: &str, expect: Option<&str>) -> Result<bool, FailureKind> {
        let expect = expect.map(|text| Regex::new(text).unwrap());
        match judge(&output(exit, text), expect.as_ref()) {
            Ok(Observation::Switch { on, .. }) => Ok(on),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => Err(failure.kind),
        }
    }

    #[test]
    fn the_end_of_the_command_decides() {
        let unknown = Err(FailureKind::Exit);
        assert_eq!(on(Exit::Status(0), "", None), Ok(true));
        assert_eq!(on(Exit::Status(1), "", None), Ok(false));
        assert_eq!(on(Exit::Status(3), "inactive", None), Ok(false));
        assert_eq!(on(Exit::Status(124), "", None), Ok(false));
        assert_eq!(on(Exit::Status(126), "", None), unknown);
        assert_eq!(on(Exit::Status(127), "", None), unknown);
        assert_eq!(on(Exit::Signal("KILL".into()), "", None), unknown);
        assert_eq!(on(Exit::Unsaid, "", None), unknown);
    }

    #[test]
    fn an_expected_output_has_to_come_with_exit_0() {
        assert_eq!(on(Exit::Status(0), "state: running\n", Some("run+ing")), Ok(true));
        assert_eq!(on(Exit::Status(0), "state: dead\n", Some("run+ing")), Ok(false));
        assert_eq!(on(Exit::Status(1), "state: running\n", Some("run+ing")), Ok(false));
    }

    #[test]
    fn what_was_seen_is_told() {
        let seen = judge(&output(Exit::Status(3), "inactive\n"), None).unwrap();
        assert_eq!(seen.detail(), Some("exit 3: inactive"));
        let expect = Regex::new("up").unwrap();
        let seen = judge(&output(Exit::Status(0), "down\n"), Some(&expect)).unwrap();
        assert_eq!(seen.detail(), Some("unexpected output: down"));
    }

    #[test]
    fn a_bad_expression_is_explained_in_one_line() {
        let error = CommandService::new("true".into(), false, Some("(".into())).unwrap_err();
        assert_eq!(error, "not a regular expression: unclosed group");
    }
}
