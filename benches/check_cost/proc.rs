//! What Linux says about a process.

use std::{fs, time::Duration};

/// The CPU time a process has used, with all its threads and without its children.
pub fn cpu(pid: u32) -> Duration {
    times(&format!("/proc/{pid}/stat"), [13, 14])
}

/// The CPU time of all children that this process has waited for, and of theirs.
pub fn cpu_of_children() -> Duration {
    times("/proc/self/stat", [15, 16])
}

/// The resident memory of a process, in bytes.
pub fn memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("KiB") * 1024
}

/// The sum of two fields of a stat file, counted from 0 as proc(5) counts them from 1.
fn times(path: &str, fields: [usize; 2]) -> Duration {
    let stat = fs::read_to_string(path).expect("the process runs");
    // The second field is a name in parentheses, which may hold anything.
    let (_, rest) = stat.rsplit_once(')').expect("a name");
    let words: Vec<_> = rest.split_whitespace().collect();
    let ticks: u64 = fields
        .iter()
        .map(|field| words.get(field - 2).and_then(|word| word.parse::<u64>().ok()).expect("ticks"))
        .sum();
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
