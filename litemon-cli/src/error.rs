//! What stops a command: one readable line, and an exit status.

use std::{
    error::Error,
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use litemon_core::config::Mistakes;

use crate::terminal;

/// Usage or configuration: what is written has to be changed.
pub const USAGE: u8 = 2;
/// It was tried and did not work.
pub const FAILED: u8 = 1;

type Cause = Box<dyn Error + Send + Sync>;

/// An error on its way to the terminal.
#[derive(Debug)]
pub struct CliError {
    /// What is wrong with the configuration, a line each; empty for other errors.
    mistakes: String,
    line: String,
    code: u8,
    /// Whether the line has to name its cause, or says all that helps by itself.
    name_cause: bool,
    source: Option<Cause>,
}

pub type Result<T> = std::result::Result<T, CliError>;

impl CliError {
    fn new(line: impl Into<String>, code: u8) -> Self {
        Self { mistakes: String::new(), line: line.into(), code, name_cause: true, source: None }
    }

    /// Something has to be written differently.
    pub fn usage(line: impl Into<String>) -> Self {
        Self::new(line, USAGE)
    }

    /// Something did not work.
    pub fn failed(line: impl Into<String>) -> Self {
        Self::new(line, FAILED)
    }

    /// All that is wrong with the configuration.
    pub fn mistakes(mistakes: &Mistakes) -> Self {
        let line = match mistakes.len() {
            1 => "there is a mistake in the configuration".to_owned(),
            n => format!("there are {n} mistakes in the configuration"),
        };
        Self { mistakes: mistakes.to_string(), ..Self::usage(line) }
    }

    /// With another exit status.
    pub fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// With what caused it, which the line names.
    pub fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// With what caused it, where the line says all that helps.
    pub fn behind(self, source: impl Error + Send + Sync + 'static) -> Self {
        Self { name_cause: false, ..self.because(source) }
    }

    /// Says it on standard error, in one line; with `verbose`, each cause in a line of its own.
    pub fn report(&self, verbose: bool) -> ExitCode {
        let mut text = String::new();
        for mistake in self.mistakes.lines() {
            text.push_str(&format!("{}\n", terminal::clean_line(mistake)));
        }
        text.push_str(&format!("litemon: {}\n", terminal::clean_line(&self.one_line())));
        if verbose {
            for cause in self.causes().iter().filter(|cause| **cause != self.line) {
                text.push_str(&format!("  caused by: {}\n", terminal::clean_line(cause)));
            }
        }
        // There is nowhere left to say that standard error is gone.
        let _ = io::stderr().write_all(text.as_bytes());
        ExitCode::from(self.code)
    }

    /// The line, the nearest cause, and the first one, each only if it says something new.
    fn one_line(&self) -> String {
        let causes = if self.name_cause { self.causes() } else { Vec::new() };
        let mut line = without_number(&self.line);
        for cause in causes.first().into_iter().chain(causes.last()) {
            let cause = without_number(cause);
            if !line.contains(&cause) {
                line = format!("{line}: {cause}");
            }
        }
        line
    }

    /// From the nearest to the first.
    fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next = self.source.as_ref().map(|source| &**source as &dyn Error);
        while let Some(error) = next {
            causes.push(error.to_string());
            next = error.source();
        }
        causes
    }
}

/// `Connection refused (os error 111)` without the number, which helps nobody at a terminal.
fn without_number(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(start) = text.find(" (os error ") {
        let Some(length) = text.get(start..).and_then(|rest| rest.find(')')) else { break };
        text.replace_range(start..=start + length, "");
    }
    text
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mistakes.as_str() {
            "" => f.write_str(&self.one_line()),
            mistakes => f.write_str(mistakes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|layer| layer as &dyn Error)
        }
    }

    fn deep() -> Layer {
        let first = Layer("refused (os error 111)", None);
        Layer("nearest", Some(Box::new(Layer("between", Some(Box::new(first))))))
    }

    #[test]
    fn the_line_names_the_nearest_and_the_first_cause() {
        assert_eq!(
            CliError::failed("it fails").because(deep()).to_string(),
            "it fails: nearest: refused"
        );
        assert_eq!(CliError::failed("nearest").because(deep()).to_string(), "nearest: refused");
        assert_eq!(CliError::failed("it fails").behind(deep()).to_string(), "it fails");
        assert_eq!(CliError::failed("it fails").because(deep()).causes().len(), 3);
    }

    #[test]
    fn numbers_of_the_system_are_left_out() {
        assert_eq!(without_number("a (os error 2) b (c (os error 3))"), "a b (c)");
        assert_eq!(without_number("a (os error 2"), "a (os error 2");
    }
}
