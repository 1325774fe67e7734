//! What network devices tell of themselves.

use tokio::time::Instant;

use super::{Facts, LONGEST};
use crate::{
    exec::{Command, Exec},
    model::{Device, Failure, FailureKind, one_line},
    probe::device::{ROUTEROS, Resource, ios_uptime},
};

/// IOS: its version, its model and its uptime, without what stands between them.
const IOS: &str = "show version | include Version|uptime|processor";

/// Asks a device.
pub(super) async fn ask(
    place: &dyn Exec,
    device: Device,
    deadline: Instant,
) -> Result<Facts, Failure> {
    let command = if device == Device::Ios { IOS } else { ROUTEROS };
    let output = place.run(&Command::shell(command), deadline).await?;
    if !output.success() {
        return Err(output.failure());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let facts = if device == Device::Ios { of_ios(&text) } else { of_routeros(&text) };
    if facts.os.is_none() {
        return Err(Failure::new(FailureKind::Output, "it told nothing of itself"));
    }
    Ok(facts)
}

fn of_routeros(text: &str) -> Facts {
    let told = Resource::parse(text);
    let machine: Vec<String> = told.board.into_iter().chain(told.architecture).collect();
    Facts {
        os: told.version.map(|version| one_line(&format!("RouterOS {version}"), LONGEST)),
        machine: Some(one_line(&machine.join(" "), LONGEST)).filter(|text| !text.is_empty()),
        uptime: told.uptime,
        cpus: told.cpus,
        memory: told.total_memory.map(whole),
        ..Facts::default()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is cut to fit")]
fn whole(bytes: f64) -> u64 {
    bytes.max(0.0) as u64
}

fn of_ios(text: &str) -> Facts {
    let lines = || text.lines().map(str::trim);
    let os = lines().find(|line| line.contains("Version") && line.contains("IOS"));
    // `cisco WS-C2960X-24TS-L (APM86XXX) processor (revision G0) with 524288K bytes of memory.`
    let hardware = lines().find(|line| line.contains(" processor ") && line.contains(" with "));
    let machine = hardware.and_then(|line| line.split(" (").next());
    let name = lines().find_map(|line| line.split_once(" uptime is ")).map(|(name, _)| name);
    Facts {
        os: os.map(|line| one_line(line, LONGEST)),
        machine: machine.map(|text| one_line(text, LONGEST)),
        host: name.map(|text| one_line(text, LONGEST)),
        uptime: ios_uptime(text),
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_says_what_it_is() {
        let facts = of_ios(
            "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2)\n\
             ROM: Bootstrap program is C2960X boot loader\n\
             sw-1 uptime is 1 day, 1 hour, 2 minutes\n\
             cisco WS-C2960X-24TS-L (APM86XXX) processor (revision G0) with 524288K bytes of memory.\n",
        );
        assert!(facts.os.unwrap().contains("Version 15.2(7)E4"));
        assert_eq!(facts.machine.as_deref(), Some("cisco WS-C2960X-24TS-L"));
        assert_eq!((facts.host.as_deref(), facts.uptime), (Some("sw-1"), Some(90_120)));
        assert_eq!(of_ios("% Invalid input"), Facts::default());
    }

    #[test]
    fn a_router_says_what_it_is() {
        let facts = of_routeros(
            "uptime: 1h\nversion: 7.14.3 (stable)\ntotal-memory: 1024.0MiB\ncpu-count: 4\n\
             architecture-name: arm64\nboard-name: RB5009\n",
        );
        assert_eq!(facts.os.as_deref(), Some("RouterOS 7.14.3 (stable)"));
        assert_eq!(facts.machine.as_deref(), Some("RB5009 arm64"));
        assert_eq!((facts.cpus, facts.memory, facts.uptime), (Some(4), Some(1 << 30), Some(3600)));
        assert_eq!(of_routeros(""), Facts::default());
    }
}
