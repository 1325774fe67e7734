use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{garbage, read};
use crate::{
    exec::{Command, Exec},
    model::{Failure, FailureKind, Observation, one_line},
    probe::{Probe, Recipe, Site},
};

/// Lists what is mounted and how full it is. `df` gets the file systems one by one under a list of
/// kinds, since `df` over all of them would wait for a network file system that hangs. The exit
/// status of `df` is passed over: one file system that cannot be asked must not hide the others.
const SCRIPT: &str = r#"while read -r dev dir kind rest; do
case $kind in
ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|ubifs|vfat|exfat|ntfs|ntfs3|fuseblk|bcachefs|nilfs2|ufs|hfsplus) ;;
overlay|tmpfs) [ "$dir" = / ] || continue ;;
*) continue ;;
esac
dir=$(printf '%b.' "$dir"); dir=${dir%.}
printf 'M %s %s\n' "$dev" "$dir"
LC_ALL=C df -P "$dir" 2>/dev/null
done </proc/mounts; :"#;

/// The fullest local file system, named in the detail, in percent as `df` reckons it: what is used
/// of what users other than root can use.
///
/// Local means kept on a disk of the server: network file systems, memory and read-only images
/// (`squashfs`, `iso9660`) are left out, and so are `overlay` and `tmpfs` unless they are the root,
/// as in a container. A device that is mounted in several places counts once.
#[derive(Clone, Debug)]
pub struct Hdd {
    exclude: Vec<String>,
}

impl Hdd {
    /// The recipe. `exclude` holds mount points, with `*` for any run of characters and `?` for one.
    #[must_use]
    pub const fn new(exclude: Vec<String>) -> Self {
        Self { exclude }
    }
}

impl Recipe for Hdd {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(HddProbe {
            exec: site.exec.clone(),
            command: Command::shell(SCRIPT),
            exclude: self.exclude.clone(),
        })
    }
}

#[derive(Debug)]
struct HddProbe {
    exec: Arc<dyn Exec>,
    command: Command,
    exclude: Vec<String>,
}

#[async_trait]
impl Probe for HddProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let text = read(&*self.exec, &self.command, deadline).await?;
        fullest(&text, &self.exclude)
    }
}

fn fullest(text: &str, exclude: &[String]) -> Result<Observation, Failure> {
    let mut seen = HashSet::new();
    let mut best: Option<(f64, &str)> = None;
    let mut dir = "";
    let mut device = "";
    for line in text.lines() {
        if let Some(mount) = line.strip_prefix("M ") {
            (device, dir) = mount.split_once(' ').unwrap_or(("", mount));
        } else if let Some(percent) = percent(line, dir)
            && !exclude.iter().any(|pattern| glob(pattern, dir))
            && (!device.starts_with('/') || seen.insert(device))
            && best.is_none_or(|(most, _)| percent > most)
        {
            best = Some((percent, dir));
        }
    }
    match best {
        Some((percent, dir)) => {
            Ok(Observation::percent(percent, Some(one_line(dir, Failure::MAX_MESSAGE))))
        }
        None if text.lines().any(|line| line.starts_with("M ")) => {
            Err(Failure::new(FailureKind::Output, "no local file system is left to look at"))
        }
        None => Err(garbage("no local file system found", text)),
    }
}

/// One line of `df -P`: `device blocks used available capacity% mount`.
#[expect(clippy::cast_precision_loss, reason = "disks have fewer than 2^53 blocks")]
fn percent(line: &str, dir: &str) -> Option<f64> {
    let head = line.strip_suffix(dir)?;
    // From the right, since a device's name may hold spaces.
    let mut fields = head.split_whitespace().rev();
    fields.next()?.strip_suffix('%')?;
    let available: i64 = fields.next()?.parse().ok()?;
    let used: u64 = fields.next()?.parse().ok()?;
    let room = used.checked_add(u64::try_from(available.max(0)).ok()?).filter(|room| *room > 0)?;
    Some(used as f64 / room as f64 * 100.0)
}

/// `*` is any run of characters, `?` is one.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pattern = pattern.chars();
    match pattern.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = pattern.as_str();
            text.char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .any(|at| text.get(at..).is_some_and(|tail| glob(rest, tail)))
        }
        Some(want) => {
            let mut text = text.chars();
            text.next().is_some_and(|c| want == '?' || want == c)
                && glob(pattern.as_str(), text.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Filesystem 1024-blocks Used Available Capacity Mounted on\n";

    fn look(lines: &[(&str, &str, u64, i64)], exclude: &[&str]) -> Result<Observation, Failure> {
        let mut text = String::new();
        for (device, dir, used, available) in lines {
            text.push_str(&format!("M {device} {dir}\n{HEAD}"));
            text.push_str(&format!("{device} 1000 {used} {available} 1% {dir}\n"));
        }
        let exclude: Vec<String> = exclude.iter().map(|&text| text.to_owned()).collect();
        fullest(&text, &exclude)
    }

    #[test]
    fn the_fullest_is_named() {
        let lines = [("/dev/a", "/", 100, 300), ("/dev/b", "/var/my data", 450, 50)];
        assert_eq!(
            look(&lines, &[]).unwrap(),
            Observation::percent(90.0, Some("/var/my data".into()))
        );
        assert_eq!(look(&lines, &["/var/*"]).unwrap().detail(), Some("/"));
        assert_eq!(look(&lines, &["/va", "/var/my?data"]).unwrap().detail(), Some("/"));
        let failure = look(&lines, &["*"]).unwrap_err();
        assert_eq!(failure.message, "no local file system is left to look at");
    }

    #[test]
    fn what_root_keeps_back_is_not_free() {
        // Beyond full: root has begun to use its reserve.
        let full = [("/dev/a", "/", 990, -10)];
        assert_eq!(look(&full, &[]).unwrap().value(), Some(100.0));
    }

    #[test]
    fn a_device_counts_once_and_pseudo_devices_each() {
        let lines = [("/dev/a", "/", 100, 300), ("/dev/a", "/srv/bind", 400, 0)];
        assert_eq!(look(&lines, &[]).unwrap().detail(), Some("/"));
        let lines = [("pool", "/", 100, 300), ("pool", "/tank", 300, 100)];
        assert_eq!(look(&lines, &[]).unwrap().detail(), Some("/tank"));
    }

    #[test]
    fn nonsense_is_told() {
        assert_eq!(fullest("", &[]).unwrap_err().message, "no local file system found");
        let failure = fullest("M /dev/a /\ngarbage\n", &[]).unwrap_err();
        assert_eq!(failure.message, "no local file system is left to look at");
        assert!(fullest("M /dev/a /\n/dev/a 0 0 0 - /\n", &[]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_a_percentage_or_a_failure(text in "(M? ?[/a-z0-9 %-]{0,30}\n){0,6}") {
            if let Ok(Observation::Value { value, .. }) = fullest(&text, &[]) {
                proptest::prop_assert!((0.0..=100.0).contains(&value));
            }
        }
    }
}
