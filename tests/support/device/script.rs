//! What a device answers.

use std::sync::Arc;

use super::{ENABLE, Kind, Shared, Trait};

/// What is read next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Command,
    Password,
    /// Whether to restart (or to shut down, if it says so).
    Sure,
    ShutSure,
    Save,
}

/// What comes of a line.
pub(super) enum Answer {
    Lines(Vec<String>),
    Asks(&'static str),
    Floods,
    Drips,
    Hangs,
    Closes,
}

pub(super) struct Script {
    shared: Arc<Shared>,
    pub(super) mode: Mode,
    pub(super) paged: bool,
    coloured: bool,
    privileged: bool,
}

impl Script {
    pub(super) fn new(shared: Arc<Shared>, user: &str) -> Self {
        let plain = user.ends_with("+cet1024w");
        let ios = shared.kind == Kind::Ios;
        Self {
            shared,
            mode: Mode::Command,
            paged: ios || !plain,
            coloured: !ios && !plain,
            privileged: false,
        }
    }

    pub(super) fn greeting(&self) -> String {
        let banner = match self.shared.kind {
            Kind::Ios => "\r\n*** Authorized access only, call ops#\r\n\r\n",
            Kind::RouterOs => "\r\n\r\n  MikroTik RouterOS 7.14.3 (c) 1999-2024\r\n\r\n",
        };
        format!("{banner}{}", self.prompt())
    }

    pub(super) fn prompt(&self) -> String {
        match self.shared.kind {
            Kind::Ios if self.privileged => "sw-1#".to_owned(),
            Kind::Ios => "sw-1>".to_owned(),
            Kind::RouterOs if self.coloured => {
                "[\u{1b}[36madmin\u{1b}[m@\u{1b}[36mgw 1\u{1b}[m] > ".to_owned()
            }
            Kind::RouterOs => "[admin@gw 1] > ".to_owned(),
        }
    }

    pub(super) fn line(&mut self, line: &str) -> Answer {
        let line = line.trim();
        self.shared.state().typed.push(line.to_owned());
        match std::mem::replace(&mut self.mode, Mode::Command) {
            Mode::Password => {
                self.privileged = line == ENABLE;
                let refused = if self.privileged { vec![] } else { vec!["% Bad secrets".into()] };
                Answer::Lines(refused)
            }
            Mode::Sure | Mode::ShutSure if !matches!(line, "" | "y") => Answer::Lines(vec![]),
            Mode::Sure => {
                self.shared.restart(true);
                Answer::Closes
            }
            Mode::ShutSure => {
                self.shared.restart(false);
                Answer::Closes
            }
            Mode::Save => Answer::Lines(vec![]),
            Mode::Command => match self.shared.kind {
                Kind::Ios => self.ios(line),
                Kind::RouterOs => self.routeros(line),
            },
        }
    }

    fn ios(&mut self, line: &str) -> Answer {
        let lines = |text: &str| Answer::Lines(text.lines().map(str::to_owned).collect());
        match line {
            "" => lines(""),
            "terminal length 0" => {
                self.paged = false;
                lines("")
            }
            "terminal width 511" => lines(""),
            "show processes cpu | include CPU utilization" => {
                lines("CPU utilization for five seconds: 9%/7%; one minute: 8%; five minutes: 10%")
            }
            "show memory statistics" => lines(
                "                Head    Total(b)     Used(b)     Free(b)\n\
                 Processor   62F0E2A0   200000000    50000000   150000000\n\
                 \x20     I/O    E000000    33554432     8000000    25554432",
            ),
            "show version | include uptime" => {
                let minutes = self.shared.uptime() / 60;
                let (days, hours) = (minutes / 1440, minutes / 60 % 24);
                lines(&format!(
                    "sw-1 uptime is {} weeks, {} days, {hours} hours, {} minutes",
                    days / 7,
                    days % 7,
                    minutes % 60
                ))
            }
            "show long" => Answer::Lines((1..=100).map(|n| format!("line {n}")).collect()),
            "show clock" => lines("05:33:14.123 UTC Mon Nov 30 2026"),
            "enable" => {
                self.mode = Mode::Password;
                Answer::Asks("Password: ")
            }
            "disable" => {
                self.privileged = false;
                lines("")
            }
            "clear counters" if self.privileged => lines("done"),
            "reload" if self.privileged && self.shared.has(Trait::Unsaved) => {
                self.mode = Mode::Save;
                Answer::Asks("System configuration has been modified. Save? [yes/no]: ")
            }
            "reload" if self.privileged => {
                self.mode = Mode::Sure;
                Answer::Asks("Proceed with reload? [confirm]")
            }
            "ping 192.0.2.1 repeat 3" => lines("...\nSuccess rate is 0 percent (0/3)"),
            "ping 1.1.1.1 repeat 3" => {
                lines("!!!\nSuccess rate is 100 percent (3/3), round-trip min/avg/max = 1/1/2 ms")
            }
            "exit" => Answer::Closes,
            other => common(other).unwrap_or_else(|| {
                lines(&format!("{:>w$}\n% Invalid input detected at '^' marker.\n", "^", w = 7))
            }),
        }
    }

    fn routeros(&mut self, line: &str) -> Answer {
        let lines = |text: &str| Answer::Lines(text.lines().map(str::to_owned).collect());
        match line {
            "" => lines(""),
            "/system resource print" => {
                let up = self.shared.uptime();
                let (weeks, days) = (up / 604_800, up / 86_400 % 7);
                let (hours, minutes, seconds) = (up / 3600 % 24, up / 60 % 60, up % 60);
                lines(&format!(
                    "                   uptime: {weeks}w{days}d{hours}h{minutes}m{seconds}s\n\
                     \x20                 version: 7.14.3 (stable)\n\
                     \x20             free-memory: 384.0MiB\n\
                     \x20            total-memory: 512.0MiB\n\
                     \x20               cpu-count: 2\n\
                     \x20                cpu-load: 7%\n\
                     \x20          free-hdd-space: 32.0MiB\n\
                     \x20         total-hdd-space: 128.0MiB\n\
                     \x20       architecture-name: arm64\n\
                     \x20              board-name: RB5009\n"
                ))
            }
            "/interface get ether9 running" => lines("no such item"),
            "/system reboot" => {
                self.mode = Mode::Sure;
                Answer::Asks("Reboot, yes? [y/N]: ")
            }
            "/system shutdown" => {
                self.mode = Mode::ShutSure;
                Answer::Asks("Shutdown, yes? [y/N]: ")
            }
            "/ping 192.0.2.1 count=3" => lines("    sent=3 received=0 packet-loss=100%"),
            other => common(other)
                .unwrap_or_else(|| lines(&format!("bad command name {other} (line 1 column 1)"))),
        }
    }
}

/// What goes wrong on either.
fn common(line: &str) -> Option<Answer> {
    match line {
        "hang" => Some(Answer::Hangs),
        "drip" => Some(Answer::Drips),
        "flood" => Some(Answer::Floods),
        _ => None,
    }
}
