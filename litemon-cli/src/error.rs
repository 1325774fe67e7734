//! What stops a command: one readable line, and an exit status.

use std::{error::Error, fmt, process::ExitCode};

/// Usage or configuration: what is written has to be changed.
pub const USAGE: u8 = 2;
/// It was tried and did not work.
pub const FAILED: u8 = 1;

/// An error on its way to the terminal.
#[derive(Debug)]
pub struct CliError {
    line: String,
    code: u8,
    source: Option<Box<dyn Error + Send + Sync>>,
}

pub type Result<T> = std::result::Result<T, CliError>;

impl CliError {
    /// Something has to be written differently.
    pub fn usage(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: USAGE, source: None }
    }

    /// Something did not work.
    pub fn failed(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: FAILED, source: None }
    }

    /// With another exit status.
    pub fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// With what caused it.
    pub fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Says it on standard error; the causes stand behind it in the same line.
    #[expect(clippy::print_stderr, reason = "this is where errors leave the program")]
    pub fn report(&self) -> ExitCode {
        let mut line = self.line.clone();
        let mut cause = self.source.as_ref().map(|source| &**source as &dyn Error);
        while let Some(error) = cause {
            let text = error.to_string();
            // A wrapper that repeats its cause says nothing new.
            if !line.contains(&text) {
                line = format!("{line}: {text}");
            }
            cause = error.source();
        }
        eprintln!("litemon: {}", crate::terminal::clean_lines(&line));
        ExitCode::from(self.code)
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}
