//! A command as a device can take it.

use super::Dialect;
use crate::{
    exec::{Command, CommandLine, Sudo},
    model::{Failure, FailureKind},
};

/// The most lines of one command.
const MOST_LINES: usize = 200;

/// What is typed at a device's prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exec) struct Order {
    /// One command each.
    pub(in crate::exec) lines: Vec<String>,
    /// In the privileged mode.
    pub(in crate::exec) privileged: bool,
    /// Asked whether it is sure, the answer is yes.
    pub(in crate::exec) confirm: bool,
}

/// What a command comes down to.
///
/// # Errors
/// A failure that says why a device cannot take it.
pub(in crate::exec) fn of_command(dialect: Dialect, command: &Command) -> Result<Order, Failure> {
    if !command.stdin.is_empty() || !command.env.is_empty() {
        return Err(impossible("a network device takes neither input nor variables"));
    }
    let text = match &command.line {
        CommandLine::Shell(text) => text.clone(),
        CommandLine::Argv(words) => words.join(" "),
    };
    of_line(dialect, &text, !matches!(command.sudo, Sudo::No), command.confirm)
}

/// What a text comes down to: each line is a command.
///
/// # Errors
/// As [`of_command`].
pub(in crate::exec) fn of_line(
    dialect: Dialect,
    text: &str,
    privileged: bool,
    confirm: bool,
) -> Result<Order, Failure> {
    let lines: Vec<String> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if lines.is_empty() || lines.len() > MOST_LINES {
        return Err(impossible(&format!("expected 1 to {MOST_LINES} lines for a network device")));
    }
    // A tab or a question mark would be answered while it is typed.
    if lines.iter().any(|line| line.contains(|c: char| c.is_control())) {
        return Err(impossible("a network device takes no tabs or other control characters"));
    }
    let longest = dialect.longest();
    if lines.iter().any(|line| line.len() > longest) {
        let why = format!("a line is longer than the {longest} bytes that the device reads");
        return Err(impossible(&why));
    }
    Ok(Order { lines, privileged, confirm })
}

fn impossible(why: &str) -> Failure {
    Failure::new(FailureKind::Exit, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_command() {
        let order = of_command(Dialect::Ios, &Command::shell("conf t\n\n  hostname x \nend\n"));
        assert_eq!(order.unwrap().lines, ["conf t", "hostname x", "end"]);
        let order = of_command(Dialect::Ios, &Command::argv(["show", "clock"])).unwrap();
        assert_eq!(
            (order.lines, order.privileged, order.confirm),
            (vec!["show clock".to_owned()], false, false)
        );
    }

    #[test]
    fn what_a_device_cannot_take_is_refused() {
        let refused = |dialect, text: &str| of_line(dialect, text, false, false).is_err();
        assert!(refused(Dialect::Ios, "") && refused(Dialect::Ios, "\n \n"));
        assert!(refused(Dialect::Ios, &"x".repeat(255)));
        assert!(!refused(Dialect::RouterOs, &"x".repeat(255)));
        assert!(refused(Dialect::RouterOs, "a\tb") && refused(Dialect::RouterOs, "a\u{3}b"));
        assert!(refused(Dialect::Ios, &"x\n".repeat(201)));
        let mut command = Command::shell("x");
        command.stdin = b"input".to_vec();
        assert!(of_command(Dialect::Ios, &command).is_err());
    }
}
