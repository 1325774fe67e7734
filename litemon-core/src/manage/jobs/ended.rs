//! Failures and exits as outcomes.

use super::model::Outcome;
use crate::{
    exec::Exit,
    model::{Failure, FailureKind, one_line},
    secret::Secret,
};

/// Before the command was handed to its server: nothing ran.
pub(super) fn before(failure: Failure) -> Outcome {
    match failure.kind {
        FailureKind::HostKey => Outcome::HostKey(failure.message),
        FailureKind::Auth => Outcome::Auth(failure.message),
        FailureKind::Internal => Outcome::Unknown(failure.message),
        _ => Outcome::Unreachable(failure.message),
    }
}

/// After that: it may have run, and may still.
pub(super) fn after(failure: Failure) -> Outcome {
    match failure.kind {
        FailureKind::Internal | FailureKind::Protocol => Outcome::Unknown(failure.message),
        _ => Outcome::Dropped(failure.message),
    }
}

/// It ended.
pub(super) fn exit(exit: Exit) -> Outcome {
    match exit {
        Exit::Status(0) => Outcome::Ok,
        Exit::Status(status) => Outcome::Failed(status),
        Exit::Signal(name) => Outcome::Signalled(name),
        Exit::Unsaid => Outcome::Unknown("it ended without an exit status".to_owned()),
    }
}

/// How a shell tells the end of a command that it ran.
pub(super) fn shell_status(status: i32) -> Outcome {
    const SIGNALS: [(i32, &str); 9] = [
        (1, "HUP"),
        (2, "INT"),
        (3, "QUIT"),
        (4, "ILL"),
        (6, "ABRT"),
        (9, "KILL"),
        (11, "SEGV"),
        (13, "PIPE"),
        (15, "TERM"),
    ];
    match SIGNALS.iter().find(|(number, _)| status == 128 + number) {
        Some((_, name)) => Outcome::Signalled((*name).to_owned()),
        None => exit(Exit::Status(status)),
    }
}

/// sudo did not let it run: its last words, which never hold the password.
pub(super) fn sudo_refused(words: &[u8], password: Option<&Secret>) -> Outcome {
    let mut text = String::from_utf8_lossy(words).into_owned();
    if let Some(secret) = password.filter(|secret| !secret.expose().is_empty()) {
        text = text.replace(secret.expose(), "***");
    }
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let words = lines().rfind(|line| line.contains("sudo: ")).or_else(|| lines().next_back());
    let words = words.unwrap_or("sudo did not let it run");
    // sudo-rs writes behind its question, which has the word too.
    let words = words.rfind("sudo: ").and_then(|at| words.get(at..)).unwrap_or(words);
    Outcome::SudoRefused(one_line(words, Failure::MAX_MESSAGE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_sudo_are_told_without_the_password() {
        let secret = Secret::new("canary".to_owned());
        for (said, told) in [
            (
                "[sudo] password for m: Sorry, try again.\n[sudo] password for m: \nsudo: no password was provided\nsudo: 1 incorrect password attempt\n",
                "sudo: 1 incorrect password attempt",
            ),
            ("sudo: a password is required\n", "sudo: a password is required"),
            (
                "[sudo: authenticate] Password: sudo: Authentication failed, try again.\n",
                "sudo: Authentication failed, try again.",
            ),
            ("m is not in the sudoers file (canary).\n", "m is not in the sudoers file (***)."),
            ("", "sudo did not let it run"),
        ] {
            let outcome = sudo_refused(said.as_bytes(), Some(&secret));
            assert_eq!(outcome, Outcome::SudoRefused(told.to_owned()));
        }
    }

    #[test]
    fn a_shell_says_signals_as_numbers() {
        for (status, outcome) in [
            (0, Outcome::Ok),
            (100, Outcome::Failed(100)),
            (137, Outcome::Signalled("KILL".to_owned())),
            (255, Outcome::Failed(255)),
        ] {
            assert_eq!(shell_status(status), outcome);
        }
    }
}
