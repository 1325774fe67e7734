//! How long it takes from a failure to the phone, with the timing that litemon comes with.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, SystemTime},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::time::{Instant, interval};

use super::{Scene, mask};
use crate::support::{kannel::Sms, scale, servers::Servers};

/// What `time_to_notify` promises.
const PROMISED: Duration = Duration::from_secs(30);
/// How long the last one may take from its failure to its recovery, with much to spare.
const PATIENCE: Duration = Duration::from_secs(90);
/// The servers that the failing checks are spread over.
const HOSTS: usize = 5;

/// The ways to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A service is Off.
    Off,
    /// A service's command does not come back.
    Stuck,
    /// A number is over its threshold.
    Over,
    /// A server and all connections to it end.
    Cut,
    /// A server says nothing any more, on no connection.
    Silent,
}

/// One failure to be injected.
#[derive(Debug)]
struct Failure {
    kind: Kind,
    /// Of the server, or of the check on its server; no other failure has it.
    name: String,
    server: String,
    /// After the beginning.
    at: Duration,
    injected: Option<SystemTime>,
    told: Option<Duration>,
    mended: Option<SystemTime>,
    recovered: Option<Duration>,
}

/// 60 failures at random moments of a minute; in the short form 20 in 20 seconds.
fn failures(seed: u64) -> Vec<Failure> {
    let amounts = scale([9, 2, 4, 3, 2], [27, 6, 12, 9, 6]);
    let within = scale(20_000, 60_000);
    let mut random = StdRng::seed_from_u64(seed);
    let kinds = [Kind::Off, Kind::Stuck, Kind::Over, Kind::Cut, Kind::Silent];
    let all =
        kinds.into_iter().zip(amounts).flat_map(|(kind, amount)| (0..amount).map(move |_| kind));
    all.enumerate()
        .map(|(place, kind)| {
            let name = format!("{kind:?}-{place}").to_lowercase();
            let server = match kind {
                Kind::Cut | Kind::Silent => name.clone(),
                _ => format!("host-{}", place % HOSTS),
            };
            let at = Duration::from_millis(random.random_range(0..within));
            Failure {
                kind,
                name,
                server,
                at,
                injected: None,
                told: None,
                mended: None,
                recovered: None,
            }
        })
        .collect()
}

impl Failure {
    /// A check that is well until [`Self::inject`]. Servers that end have one too, of which nobody
    /// is told anything.
    fn configuration(&self, servers: &Servers) -> String {
        let Self { kind, name, server, .. } = self;
        fs::write(servers.file(name), "12").unwrap();
        let file = servers.file(name).display().to_string();
        let (table, rest) = match kind {
            Kind::Over => ("resources", format!("threshold = 50, command = \"cat '{file}'\"")),
            Kind::Stuck => ("services", format!("command = \"test -e '{file}' || sleep 60\"")),
            _ => ("services", format!("command = \"test -e '{file}'\"")),
        };
        format!("servers.{server}.{table}.{name} = {{ {rest} }}\n")
    }

    fn inject(&mut self, servers: &mut Servers) {
        self.injected = Some(now());
        match self.kind {
            Kind::Off | Kind::Stuck => servers.remove(&self.name),
            Kind::Over => fs::write(servers.file(&self.name), "93").unwrap(),
            Kind::Cut => servers.cut(&self.name),
            Kind::Silent => servers.hold(&self.name, true),
        }
    }

    async fn mend(&mut self, servers: &mut Servers) {
        match self.kind {
            Kind::Off | Kind::Stuck => servers.touch(&self.name),
            Kind::Over => fs::write(servers.file(&self.name), "12").unwrap(),
            Kind::Cut => servers.mend(&self.name).await,
            Kind::Silent => servers.hold(&self.name, false),
        }
        self.mended = Some(now());
    }

    fn is_problem(&self, sms: &Sms) -> bool {
        let Self { name, server, .. } = self;
        let (start, ends): (_, &[&str]) = match self.kind {
            Kind::Off => (format!("{server} {name} Off"), &["0:0 #0"]),
            Kind::Stuck => (format!("{server} {name} unknown"), &["0:0 (timed out) #0"]),
            Kind::Over => (format!("{server} {name} 93% > 50%"), &["0:0 #0"]),
            Kind::Cut => (format!("{server} unreachable"), &["0:0 (connection refused) #0"]),
            Kind::Silent => {
                (format!("{server} unreachable"), &["0:0 (no answer) #0", "0:0 (timed out) #0"])
            }
        };
        let rest = sms.text.strip_prefix(&format!("PROBLEM {start} since "));
        rest.is_some_and(|rest| ends.contains(&mask(rest).as_str()))
    }

    fn is_recovery(&self, sms: &Sms) -> bool {
        let Self { name, server, .. } = self;
        let start = match self.kind {
            Kind::Off => format!("{server} {name} On, was Off"),
            Kind::Stuck => format!("{server} {name} On, was unknown"),
            Kind::Over => format!("{server} {name} normal, was 93% > 50%"),
            Kind::Cut | Kind::Silent => format!("{server} reachable, was unreachable"),
        };
        let rest = sms.text.strip_prefix(&format!("OK {start} "));
        rest.is_some_and(|rest| ["0s #0", "0m #0"].contains(&mask(rest).as_str()))
    }

    fn heard(&mut self, sms: &Sms) {
        let after =
            |then: Option<SystemTime>| then.and_then(|then| sms.at.duration_since(then).ok());
        if self.told.is_none() && self.is_problem(sms) {
            self.told = after(self.injected);
        } else if self.recovered.is_none() && self.is_recovery(sms) {
            self.recovered = after(self.mended);
        }
    }
}

/// Injects each in its time, mends it once it was told, and listens until all are over.
async fn play(scene: &mut Scene, failures: &mut [Failure]) {
    let last = failures.iter().map(|failure| failure.at).max().unwrap();
    let start = Instant::now();
    let mut tick = interval(Duration::from_millis(20));
    let mut heard = 0;
    while failures.iter().any(|failure| failure.recovered.is_none()) {
        tick.tick().await;
        let received = scene.kannel.received();
        for failure in &mut *failures {
            received[heard..].iter().for_each(|sms| failure.heard(sms));
            if failure.injected.is_none() && start.elapsed() >= failure.at {
                failure.inject(&mut scene.servers);
            } else if failure.told.is_some() && failure.mended.is_none() {
                failure.mend(&mut scene.servers).await;
            }
        }
        heard = received.len();
        if start.elapsed() > last + PATIENCE {
            let missing: Vec<_> = failures.iter().filter(|f| f.recovered.is_none()).collect();
            let got = texts(&scene.kannel.received());
            panic!("not heard: {missing:#?}\n{got:#?}\n{}", scene.litemon.log());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_reaches_the_phone_in_time_and_once() {
    let seed = std::env::var("LITEMON_SEED")
        .map_or_else(|_| rand::random(), |seed| seed.parse().expect("a seed is a number"));
    println!("LITEMON_SEED={seed}");
    let mut failures = failures(seed);
    let mut names: Vec<_> = failures.iter().map(|failure| failure.server.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let checks = |servers: &Servers| failures.iter().map(|f| f.configuration(servers)).collect();
    let mut scene = Scene::start(&names, checks).await;

    play(&mut scene, &mut failures).await;
    report(seed, &failures);
    let all = scene.all().await;
    for failure in &failures {
        let told = all.iter().filter(|sms| failure.is_problem(sms)).count();
        let over = all.iter().filter(|sms| failure.is_recovery(sms)).count();
        assert_eq!((told, over), (1, 1), "{failure:?} in {:#?}", texts(&all));
        assert!(failure.told.unwrap() <= PROMISED, "{failure:?}");
    }
    assert_eq!(all.len(), 2 * failures.len(), "{:#?}", texts(&all));
}

/// Each text behind the seconds since the first one.
fn texts(all: &[Sms]) -> Vec<String> {
    let since = |sms: &Sms| sms.at.duration_since(all[0].at).unwrap_or_default();
    all.iter().map(|sms| format!("{:.1} {}", since(sms).as_secs_f64(), sms.text)).collect()
}

fn report(seed: u64, failures: &[Failure]) {
    let told = sorted(failures, |_| true);
    println!(
        "{} failures (seed {seed}), from the failure to the phone: p50 {:.1} s, p99 {:.1} s, max {:.1} s",
        failures.len(),
        percentile(&told, 50),
        percentile(&told, 99),
        percentile(&told, 100)
    );
    let kinds: BTreeMap<_, _> = failures.iter().map(|f| (f.kind, ())).collect();
    for kind in kinds.into_keys() {
        let told = sorted(failures, |failure| failure.kind == kind);
        let (half, most) = (percentile(&told, 50), percentile(&told, 100));
        println!("  {kind:?}: {} of them, p50 {half:.1} s, max {most:.1} s", told.len());
    }
}

fn sorted(failures: &[Failure], which: impl Fn(&Failure) -> bool) -> Vec<Duration> {
    let chosen = failures.iter().filter(|failure| which(failure));
    let mut told: Vec<_> = chosen.filter_map(|failure| failure.told).collect();
    told.sort_unstable();
    told
}

/// The smallest that so many percent do not exceed, in seconds.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100) - 1].as_secs_f64()
}

#[expect(clippy::disallowed_methods, reason = "when a phone rings is a matter of the wall clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
