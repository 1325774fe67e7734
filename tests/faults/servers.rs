//! SSH servers that misbehave in every way at once: each is told once, with its own reason, and
//! leaves nothing behind in the process.

use std::{
    fmt::Write as _,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;

use super::front::{Front, Way};
use crate::support::{
    account::{Keys, Sshd, user},
    eventually,
    faulty::Fault,
    monitor_process::{Holdings, MonitorProcess},
    phones::Phones,
    scale,
};

/// What goes wrong with a server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    Way(Fault),
    Refuses,
    /// Another host key behind the same address.
    OtherKey,
    /// A check's command writes without end.
    Floods,
    /// The server's end of the connection dies while a check's command runs.
    Dies,
}

/// Each trouble: what the SMS calls it, the reason in it, and the reason on the server's page; one
/// of several where it depends on how busy this machine is what ends first, the time or the bytes.
const SCENE: &[(&str, Trouble, &str, &str, &str)] = &[
    ("mute", Trouble::Way(Fault::Mute), "unreachable", "(no answer)", "no answer in"),
    ("silent", Trouble::Way(Fault::SilentAfterId), "unreachable", "(no answer)", "no answer in"),
    ("drip", Trouble::Way(Fault::Drip), "unreachable", "(no answer)", "no answer in"),
    ("babble", Trouble::Way(Fault::Babble), "unreachable", "not speak SSH)", "not speak SSH"),
    (
        "garbage",
        Trouble::Way(Fault::Garbage),
        "unreachable",
        "(too many bytes|(no answer)",
        "too many bytes|no answer in",
    ),
    ("full", Trouble::Way(Fault::Full), "SSH busy", "MaxStartups)", "MaxStartups"),
    ("refuse", Trouble::Refuses, "unreachable", "(connection refused)", "connection refused"),
    ("changed", Trouble::OtherKey, "host key not trusted", "(host key changed", "host key changed"),
    (
        "flood",
        Trouble::Floods,
        "work unknown",
        "KiB of output)|(timed out)",
        "KiB of output|timed out",
    ),
    ("die", Trouble::Dies, "work unknown", "(connection lost)", "connection lost"),
];

/// `flood` and `die` are files beside the service's own.
const COMMAND: &str = r#"cd DIR
if [ -e flood ]; then exec yes; fi
if [ -e die ]; then
    p=$PPID
    until grep -q sshd /proc/$p/comm; do p=$(awk '{print $4}' /proc/$p/stat); done
    kill -9 $p
    sleep 5
fi
test -e on"#;

const SOON: Duration = Duration::from_secs(40);

struct Scene {
    folder: TempDir,
    sshd: Sshd,
    other: Sshd,
    fronts: Vec<Front>,
    phones: Phones,
    monitor: MonitorProcess,
}

impl Scene {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [keys, other] = ["keys", "other"].map(|name| {
            fs::create_dir(folder.path().join(name)).unwrap();
            Keys::make(&folder.path().join(name))
        });
        let sshd = Sshd::start(&keys, &[Ipv4Addr::LOCALHOST], "").await;
        let other = Sshd::start(&other, &[Ipv4Addr::LOCALHOST], "").await;
        let phones = Phones::start().await;
        let mut fronts = Vec::new();
        for (name, ..) in SCENE {
            fronts.push(Front::start(port(&sshd)).await);
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("on"), "").unwrap();
        }
        let config = config(folder.path(), &keys, &fronts, &phones);
        let monitor = MonitorProcess::start_with(&config).await;
        Self { folder, sshd, other, fronts, phones, monitor }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn inject(&mut self) {
        for (number, (name, trouble, ..)) in SCENE.iter().enumerate() {
            let way = match trouble {
                Trouble::Way(fault) => Way::Fault(*fault),
                Trouble::Refuses => Way::Closed,
                Trouble::OtherKey => port(&self.other),
                Trouble::Floods => {
                    fs::write(self.folder(name).join("flood"), "").unwrap();
                    continue;
                }
                Trouble::Dies => {
                    fs::write(self.folder(name).join("die"), "").unwrap();
                    continue;
                }
            };
            self.fronts[number].turn(way).await;
        }
    }

    async fn take_away(&mut self) {
        for (number, (name, trouble, ..)) in SCENE.iter().enumerate() {
            match trouble {
                Trouble::Floods => fs::remove_file(self.folder(name).join("flood")).unwrap(),
                Trouble::Dies => fs::remove_file(self.folder(name).join("die")).unwrap(),
                _ => self.fronts[number].turn(port(&self.sshd)).await,
            }
        }
    }

    /// Each is told once, in the right words, in the SMS, in JSON and on its page.
    async fn is_told(&self, round: usize) {
        for (name, _, words, why, shown) in SCENE {
            let start = format!("PROBLEM {name} {words} since ");
            let texts = self.told(&start, round + 1).await;
            let text = texts.last().unwrap();
            assert!(says(text, why), "{text}");
            self.monitor.until_service(name, "work", "Unknown").await;
            self.is_shown(name, shown).await;
        }
    }

    /// Between two results the page may be about to change.
    async fn is_shown(&self, name: &str, words: &str) {
        let what = format!("{words:?} on the page of {name}");
        eventually(&what, Duration::from_secs(10), async || {
            says(&self.monitor.get(&format!("/servers/{name}")).await, words).then_some(())
        })
        .await;
    }

    async fn is_over(&self, round: usize) {
        for (name, ..) in SCENE {
            self.told(&format!("OK {name} "), round + 1).await;
            self.monitor.until_service(name, "work", "On").await;
        }
        // Recoveries of what came on top of it.
        eventually("no incident is open", SOON, async || {
            let page: serde_json::Value =
                serde_json::from_str(&self.monitor.get("/api/v1/incidents?state=open").await)
                    .unwrap();
            page["incidents"].as_array().unwrap().is_empty().then_some(())
        })
        .await;
    }

    /// Each incident was told once, and its end once. A command that ends its own connection may
    /// take a login that runs beside it along, twice in a row on a busy machine; that is one more.
    fn is_told_once(&self, rounds: usize) {
        let texts = self.phones.accepted();
        let number = |text: &str| text.rsplit_once('#').unwrap().1.to_owned();
        let (problems, ends): (Vec<_>, Vec<_>) =
            texts.iter().partition(|text| text.starts_with("PROBLEM "));
        let sorted = |texts: &[&String]| {
            let mut numbers: Vec<_> = texts.iter().map(|text| number(text)).collect();
            numbers.sort();
            numbers
        };
        let (begun, ended) = (sorted(&problems), sorted(&ends));
        assert_eq!(begun, ended, "{texts:#?}");
        assert!(begun.is_sorted_by(|a, b| a < b), "{texts:#?}");
        let own = problems.iter().filter(|text| !text.starts_with("PROBLEM die unreachable "));
        assert_eq!(own.count(), SCENE.len() * rounds, "{texts:#?}");
    }

    async fn told(&self, start: &str, count: usize) -> Vec<String> {
        eventually(&format!("{count} SMS {start:?}"), SOON, async || {
            let mut texts = self.phones.accepted();
            texts.retain(|text| text.starts_with(start));
            (texts.len() >= count).then_some(texts)
        })
        .await
    }
}

fn says(text: &str, words: &str) -> bool {
    words.split('|').any(|words| text.contains(words))
}

fn port(sshd: &Sshd) -> Way {
    Way::To(sshd.addresses[0].port())
}

fn config(folder: &Path, keys: &Keys, fronts: &[Front], phones: &Phones) -> String {
    let mut text = format!(
        "timezone = \"UTC\"\n[ssh]\nuser = \"{}\"\nidentity = \"{}\"\nknown_hosts = \"{}\"\n\
         [defaults]\ninterval = \"1s\"\ntimeout = \"2s\"\nattempts = 2\nretry_interval = \"1s\"\n\
         notify = [\"oncall\"]\n{}",
        user(),
        keys.identity().display(),
        // One host key behind all of these addresses.
        keys.known_hosts().display(),
        phones.notifier("oncall"),
    );
    for ((name, ..), front) in SCENE.iter().zip(fronts) {
        let command = COMMAND.replace("DIR", &folder.join(name).display().to_string());
        write!(
            text,
            "[servers.{name}]\naddress = \"127.0.0.1:{}\"\n\
             [servers.{name}.services.work]\ncommand = '''{command}'''\n",
            front.port()
        )
        .unwrap();
    }
    text
}

/// Files: exactly as many; the dashboard's own connections close a moment after each request.
/// Threads: tokio keeps those for blocking work for 10 s after it, and gives each piece to any of
/// them, so that a few more may live on in turns; a leak would go past four in a few rounds.
/// Children: none but a check's.
/// Memory: the allocator keeps what it had at the busiest moment, so the first round may cost some
/// megabytes, and later ones nothing on top of that.
async fn back_at(base: Holdings, monitor: &MonitorProcess, more_kb: u64) -> Holdings {
    let mut last = base;
    let fits = async || {
        last = monitor.holdings();
        let fits = last.files <= base.files + 1
            && last.threads <= base.threads + 4
            && last.children == 0
            && last.rss_kb <= base.rss_kb + more_kb;
        fits.then_some(last)
    };
    let begun = tokio::time::Instant::now();
    let got = tokio::time::timeout(Duration::from_secs(30), eventually("base", SOON, fits)).await;
    println!("held {base:?}, then {last:?} after {:?}", begun.elapsed());
    got.unwrap_or_else(|_| panic!("held {base:?}, and still {last:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn misbehaving_ssh_servers_are_told_once_each_and_leave_nothing_behind() {
    let mut scene = Scene::start().await;
    for (name, ..) in SCENE {
        scene.monitor.until_service(name, "work", "On").await;
    }
    let base = scene.monitor.holdings();
    for round in 0..scale(2, 50) {
        scene.inject().await;
        scene.is_told(round).await;
        scene.take_away().await;
        scene.is_over(round).await;
        back_at(base, &scene.monitor, 24 << 10).await;
        scene.is_told_once(round + 1);
    }
    println!("{}", scene.phones.accepted().join("\n"));
}
