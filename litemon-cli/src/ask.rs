//! Asking whoever sits at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use litemon_core::secret::Secret;

use crate::error::{CliError, Result};

/// The longest line that is read where a password is expected, in bytes.
const LONGEST: u64 = 4096;

/// Asks for a password on the terminal, without showing it.
pub fn password(prompt: &str) -> Result<Secret> {
    rpassword::prompt_password(prompt).map(Secret::new).map_err(|error| {
        let line = "there is no terminal to ask for a password on; use --password-stdin";
        CliError::usage(line).because(error)
    })
}

/// The next line of standard input, as a password.
pub fn password_line() -> Result<Secret> {
    let mut line = String::new();
    let mut input = io::Read::take(io::stdin().lock(), LONGEST);
    let read = input.read_line(&mut line);
    read.map_err(|error| CliError::usage("standard input cannot be read").because(error))?;
    let kept = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(kept);
    if line.is_empty() {
        return Err(CliError::usage("standard input holds no password"));
    }
    Ok(Secret::new(line))
}

/// Whether the answer is yes, in full. Without a terminal nobody can say so.
pub fn yes(question: &str) -> Result<bool> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Ok(false);
    }
    let mut out = io::stderr();
    let asked = write!(out, "{question} [yes/no] ").and_then(|()| out.flush());
    let mut line = String::new();
    asked
        .and_then(|()| stdin.lock().read_line(&mut line))
        .map_err(|error| CliError::failed("the terminal cannot be read").because(error))?;
    Ok(line.trim().eq_ignore_ascii_case("yes"))
}
