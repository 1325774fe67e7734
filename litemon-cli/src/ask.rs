//! Asking whoever sits at the terminal: passwords, which are never shown, and yes or no.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use litemon_core::secret::Secret;

use crate::error::{CliError, Result};

/// The longest line that is read where a password is expected, in bytes.
const LONGEST: u64 = 4096;

/// A password: asked for on the terminal, or the first line of standard input.
pub fn password(from_stdin: bool, prompt: &str) -> Result<Secret> {
    if from_stdin { password_line() } else { typed(prompt) }
}

/// A new password: asked for twice, or the first line of standard input.
pub fn new_password(from_stdin: bool, whose: &str) -> Result<Secret> {
    if from_stdin {
        return password_line();
    }
    let password = typed(&format!("New password of {whose}: "))?;
    if typed("The same again: ")? == password {
        Ok(password)
    } else {
        Err(CliError::usage("these were two different passwords; nothing was changed"))
    }
}

/// The next line of standard input, as a password.
pub fn password_line() -> Result<Secret> {
    let mut line = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut line);
    read.map_err(|error| CliError::failed("standard input cannot be read").because(error))?;
    let line = line.trim_end_matches(['\n', '\r']);
    if line.is_empty() {
        return Err(CliError::usage("no password stands on standard input"));
    }
    Ok(Secret::new(line.to_owned()))
}

fn typed(prompt: &str) -> Result<Secret> {
    if !io::stdin().is_terminal() {
        return Err(CliError::usage(
            "there is no terminal to ask for the password; give it on standard input with \
             --password-stdin",
        ));
    }
    let typed = rpassword::prompt_password(prompt);
    typed
        .map(Secret::new)
        .map_err(|error| CliError::failed("the terminal cannot be read").because(error))
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
