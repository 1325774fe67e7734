//! What a simulated server prints for a command: known by what the command reads, in the order in
//! which it reads it, so that a script that reads several things at once gets them all.

use std::{collections::BTreeSet, fmt::Write as _, sync::LazyLock};

use tokio::time::Instant;

/// The end of a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) output: String,
    pub(crate) exit: u32,
}

/// Answers a command; one that holds a word of `off` is about a service that does not run.
pub(crate) fn answer(command: &str, off: &BTreeSet<String>) -> Answer {
    if off.iter().any(|word| command.contains(word.as_str())) {
        return Answer { output: String::new(), exit: 3 };
    }
    let mut found: Vec<_> = SOURCES
        .iter()
        .filter_map(|(sign, print)| Some((command.find(sign)?, sign.len(), *print)))
        .collect();
    found.sort_by_key(|(place, ..)| *place);
    let mut output = String::new();
    for (place, length, print) in found {
        print(command.get(place + length..).unwrap_or_default(), &mut output);
    }
    Answer { output, exit: 0 }
}

/// What a command may read, and what prints it; that gets the rest of the command.
type Print = fn(&str, &mut String);
const SOURCES: &[(&str, Print)] = &[
    ("/proc/stat", print_stat),
    ("/proc/meminfo", print_meminfo),
    ("M %s %s", print_mount),
    ("df -", print_df),
    ("echo ", print_echo),
];

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Counters of two processors that are busy for a quarter of the time, in hundredths of a second.
fn print_stat(_rest: &str, out: &mut String) {
    let ticks = 1_000_000 + START.elapsed().as_millis() / 5;
    let (user, system, idle) = (ticks / 5, ticks / 20, ticks - ticks / 4);
    let _ = writeln!(out, "cpu  {user} 0 {system} {idle} 0 0 0 0 0 0");
    for processor in 0..2 {
        let (user, system, idle) = (user / 2, system / 2, idle / 2);
        let _ = writeln!(out, "cpu{processor} {user} 0 {system} {idle} 0 0 0 0 0 0");
    }
}

fn print_meminfo(_rest: &str, out: &mut String) {
    out.push_str(
        "MemTotal:        4028144 kB\nMemFree:          812340 kB\nMemAvailable:    2731080 kB\n",
    );
}

/// The line that litemon's script for disks puts before what df says of each file system.
fn print_mount(_rest: &str, out: &mut String) {
    out.push_str("M /dev/vda1 /\n");
}

fn print_df(_rest: &str, out: &mut String) {
    out.push_str(
        "Filesystem     1024-blocks    Used Available Capacity Mounted on\n\
         /dev/vda1         20509264 6112780  13329344      32% /\n",
    );
}

/// The words up to the end of the command, or of the quotation it may stand in.
fn print_echo(rest: &str, out: &mut String) {
    let words = rest.split(['\'', '"', ';', '|', '&', ')', '\n']).next().unwrap_or_default();
    let _ = writeln!(out, "{}", words.trim());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(command: &str) -> Answer {
        answer(command, &BTreeSet::new())
    }

    #[test]
    fn echo_prints_its_words_inside_quotations_too() {
        assert_eq!(running("echo 42").output, "42\n");
        assert_eq!(running("timeout -k 1 5 sh -c 'echo 42'").output, "42\n");
    }

    #[test]
    fn a_script_gets_what_it_reads_in_its_order() {
        let output = running("cat /proc/meminfo; grep '^cpu ' /proc/stat").output;
        let cpu = output.find("cpu  ").unwrap();
        assert!(output.find("MemAvailable:").unwrap() < cpu, "{output}");
    }

    #[test]
    fn a_service_is_on_unless_it_was_switched_off() {
        let command = "systemctl is-active --quiet nginx";
        assert_eq!(running(command).exit, 0);
        assert_eq!(answer(command, &BTreeSet::from(["nginx".to_owned()])).exit, 3);
        assert_eq!(answer(command, &BTreeSet::from(["mysql".to_owned()])).exit, 0);
    }
}
