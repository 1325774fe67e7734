//! Passwords: from a terminal without showing them, or from standard input.

use std::io::{self, BufRead, IsTerminal, Read};

use litemon_core::secret::Secret;

use crate::error::{CliError, Result};

/// More than a password has.
const LONGEST: u64 = 4096;

/// A new password: asked for twice, or the first line of standard input.
pub fn new_password(from_stdin: bool, whose: &str) -> Result<Secret> {
    if from_stdin {
        return line();
    }
    if !io::stdin().is_terminal() {
        return Err(CliError::usage(
            "there is no terminal to ask for the password; give it on standard input with \
             --password-stdin",
        ));
    }
    let password = prompt(&format!("New password of {whose}: "))?;
    if prompt("The same again: ")? == password {
        Ok(password)
    } else {
        Err(CliError::usage("these were two different passwords; nothing was changed"))
    }
}

fn prompt(text: &str) -> Result<Secret> {
    let typed = rpassword::prompt_password(text);
    typed
        .map(Secret::new)
        .map_err(|error| CliError::failed("the terminal cannot be read").because(error))
}

fn line() -> Result<Secret> {
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut text);
    read.map_err(|error| CliError::failed("standard input cannot be read").because(error))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() {
        return Err(CliError::usage("no password stands on standard input"));
    }
    Ok(Secret::new(text.to_owned()))
}
