//! How each kind of device speaks: its prompt, its questions, its refusals.
//!
//! The words are those of the devices themselves, as vendors' manuals and public transcripts show them.

use crate::model::Device;

/// How a kind of device speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exec) enum Dialect {
    RouterOs,
    Ios,
}

/// What a device asks instead of doing what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exec) enum Question {
    /// Whether it is really to be done. An action that means it says yes.
    Sure,
    /// Whether to show the next page.
    More,
    /// For a password.
    Password,
    /// Something at the login that stands between it and its prompt; this is the answer.
    Greeting(&'static str),
    /// Anything else: nobody answers it.
    Other,
}

/// As a shell says that there is no such command.
pub(in crate::exec) const NOT_FOUND: i32 = 127;
/// As a shell says that a command must not be run.
const NOT_ALLOWED: i32 = 126;
const FAILED: i32 = 1;

/// The longest a host name may be that stands in a prompt.
const LONGEST_NAME: usize = 64;

impl Dialect {
    /// That of a device; `None` for those with a shell.
    pub(in crate::exec) const fn of(device: Device) -> Option<Self> {
        match device {
            Device::RouterOs => Some(Self::RouterOs),
            Device::Ios => Some(Self::Ios),
            Device::Linux | Device::FreeBsd => None,
        }
    }

    /// The name to log in with. `RouterOS` takes settings of its console behind the user: no colours,
    /// no guessing what the terminal can, a dumb one, 1024 columns wide.
    pub(in crate::exec) fn login(self, user: &str) -> String {
        match self {
            Self::RouterOs if !user.contains('+') => format!("{user}+cet1024w"),
            _ => user.to_owned(),
        }
    }

    /// What makes it print pages of any length, and long lines in one.
    pub(in crate::exec) const fn prepare(self) -> &'static [&'static str] {
        match self {
            Self::RouterOs => &[],
            Self::Ios => &["terminal length 0", "terminal width 511"],
        }
    }

    /// The longest command that it reads, in bytes.
    pub(in crate::exec) const fn longest(self) -> usize {
        match self {
            Self::RouterOs => 900,
            Self::Ios => 254,
        }
    }

    /// Whether a line that is not ended is a prompt: then the part of it that stays the same whatever
    /// mode the device is in.
    pub(in crate::exec) fn prompt(self, line: &str) -> Option<&str> {
        match self {
            Self::RouterOs => routeros_prompt(line),
            Self::Ios => ios_prompt(line),
        }
    }

    /// Whether a prompt says that everything may be done.
    pub(in crate::exec) fn is_privileged(self, prompt: &str) -> bool {
        match self {
            // What may be done hangs on the user alone.
            Self::RouterOs => true,
            Self::Ios => prompt.trim_end().ends_with('#'),
        }
    }

    /// Whether a line that is not ended is a question.
    pub(in crate::exec) fn question(self, line: &str) -> Option<Question> {
        let line = line.trim();
        let low = line.to_ascii_lowercase();
        let ends = |words: &[&str]| words.iter().any(|word| low.ends_with(word));
        if ends(&["password:", "password>"]) {
            return Some(if low.starts_with("new ") {
                Question::Other
            } else {
                Question::Password
            });
        }
        match self {
            Self::RouterOs if low.contains("software license?") => Some(Question::Greeting("n")),
            Self::RouterOs if low.starts_with("please press \"enter\"") => {
                Some(Question::Greeting(""))
            }
            Self::RouterOs if ends(&["[y/n]:", "[y/n]"]) => Some(Question::Sure),
            Self::RouterOs => low.starts_with("-- [q quit").then_some(Question::Other),
            Self::Ios if ends(&["--more--"]) => Some(Question::More),
            Self::Ios if ends(&["[confirm]"]) => Some(Question::Sure),
            Self::Ios => ends(&["]?", "]:", "(yes/no)", "(y/n)", "[y/n]", "[yes/no]"])
                .then_some(Question::Other),
        }
    }

    /// What says yes to [`Question::Sure`].
    pub(in crate::exec) const fn yes(self) -> &'static str {
        match self {
            Self::RouterOs => "y\r",
            Self::Ios => "\r",
        }
    }

    /// What ends a line that is typed.
    pub(in crate::exec) const fn enter(self) -> &'static str {
        "\r"
    }

    /// The exit status that a line of an answer stands for, if it says that the command was not done:
    /// 127 when it was not understood and 126 when it is not allowed, as a shell has it, else 1.
    pub(in crate::exec) fn refusal(self, line: &str) -> Option<i32> {
        match self {
            Self::RouterOs => routeros_refusal(line),
            Self::Ios => ios_refusal(line),
        }
    }
}

/// `[admin@MikroTik] > `, in a menu `[admin@MikroTik] /interface> `; in safe mode `<SAFE>` stands
/// before the `>`.
fn routeros_prompt(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix('[')?.split_once(']')?;
    let (user, identity) = name.split_once('@')?;
    let good = |text: &str| !text.is_empty() && text.len() <= 2 * LONGEST_NAME;
    let menu = rest.trim_end().strip_suffix('>')?.replace("<SAFE>", "");
    let menu = menu.trim();
    let is_menu = menu.is_empty() || !menu.contains(['=', '"', '[', ';', '>', '$', '{']);
    (good(user) && good(identity) && rest.starts_with(' ') && is_menu).then_some(name)
}

/// `Router>`, `Router#`, `Router(config-if)#`.
fn ios_prompt(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let body = line.strip_suffix(['>', '#'])?;
    let name = match body.split_once('(') {
        None => body,
        Some((name, mode)) => {
            let mode = mode.strip_suffix(')')?;
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./: ".contains(c);
            (mode.len() <= LONGEST_NAME && mode.chars().all(plain)).then_some(name)?
        }
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+".contains(c);
    let good = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain);
    (good && name.len() <= LONGEST_NAME).then_some(name)
}

fn routeros_refusal(line: &str) -> Option<i32> {
    const NOT_UNDERSTOOD: [&str; 12] = [
        "bad command name",
        "syntax error",
        "expected ",
        "unknown parameter",
        "unknown command",
        "invalid command name",
        "ambiguous command",
        "ambiguous value",
        "missing value",
        "missing argument",
        "no such command",
        "bad parameter",
    ];
    const NOT_PERMITTED: [&str; 2] = ["not enough permissions", "cannot log in"];
    const NOT_DONE: [&str; 13] = [
        "failure:",
        "error:",
        "script error",
        "no such item",
        "input does not match",
        "invalid value",
        "invalid internal item number",
        "value of ",
        "action failed",
        "action timed out",
        "couldn't ",
        "can't ",
        "cannot ",
    ];
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    // The last line of a ping that nobody answered.
    let lost = line.trim_start().starts_with("sent=") && line.contains("packet-loss=100%");
    if begins(&NOT_UNDERSTOOD) {
        Some(NOT_FOUND)
    } else if begins(&NOT_PERMITTED) {
        Some(NOT_ALLOWED)
    } else {
        (begins(&NOT_DONE) || lost).then_some(FAILED)
    }
}

fn ios_refusal(line: &str) -> Option<i32> {
    const NOT_UNDERSTOOD: [&str; 7] = [
        "% invalid input",
        "% incomplete command",
        "% ambiguous command",
        "% unknown command",
        "% unrecognized command",
        "% bad ip address or host name",
        "% type \"",
    ];
    const NOT_PERMITTED: [&str; 4] = [
        "% authorization failed",
        "command authorization failed",
        "% this command is not authorized",
        "% permission denied",
    ];
    const NOT_DONE: [&str; 3] = ["%error", "command rejected", "success rate is 0 percent"];
    /// What is said by the way.
    const HARMLESS: [&str; 7] = [
        "% generating",
        "% please",
        "% note",
        "% warning",
        "% informational",
        "% access vlan does not exist",
        "% the key modulus",
    ];
    let low = line.to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| low.starts_with(word));
    if begins(&NOT_UNDERSTOOD) {
        Some(NOT_FOUND)
    } else if begins(&NOT_PERMITTED) {
        Some(NOT_ALLOWED)
    } else if begins(&NOT_DONE) || (low.starts_with("% ") && !begins(&HARMLESS)) {
        Some(FAILED)
    } else {
        None
    }
}

#[cfg(test)]
#[path = "dialect_tests.rs"]
mod tests;
