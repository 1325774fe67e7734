//! The scene of much at once: every server of a large fleet fails in the same moment, and two phones
//! get few messages that tell all; with the gateway away, and with the database away.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime},
};

use tokio::sync::{Mutex, MutexGuard};

use crate::support::{
    eventually,
    fleet::Fleet,
    kannel::{Kannel, Sms},
    litemon::Litemon,
    mariadb::{MariaDb, PASSWORD},
    scale,
};

const PHONES: [&str; 2] = ["+628123456780", "+628123456781"];
/// What one phone may get, and in which time.
const MOST: usize = 5;

/// How large, and how fast. The long form gathers and counts as litemon comes.
struct Size {
    servers: usize,
    defaults: &'static str,
    flow: &'static str,
    /// Of the budget.
    per: Duration,
    /// From the failure to the first SMS.
    within: Duration,
    /// From the first to the last, and some seconds for a busy machine.
    all_within: Duration,
    gateway_away: Duration,
}

fn size() -> Size {
    let seconds = Duration::from_secs;
    let short = Size {
        servers: 30,
        // A build without optimisation takes its time for so many first logins.
        defaults: "interval = \"3s\"\ntimeout = \"10s\"\nretry_interval = \"1s\"\ntime_to_notify = \"40s\"\n",
        flow: "gather = \"3s\"\nbudget = { messages = 5, per = \"40s\" }\n",
        per: seconds(40),
        within: seconds(20),
        all_within: seconds(60),
        gateway_away: seconds(15),
    };
    let full = Size {
        servers: 1000,
        defaults: "",
        flow: "",
        per: seconds(300),
        within: seconds(30),
        all_within: seconds(330),
        gateway_away: seconds(600),
    };
    scale(short, full)
}

/// Two fleets at once are more than a small machine can log in to.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

struct Scene {
    _turn: MutexGuard<'static, ()>,
    size: Size,
    _folder: tempfile::TempDir,
    fleet: Fleet,
    kannel: Kannel,
    litemon: Litemon,
    fell: SystemTime,
}

impl Scene {
    async fn start(store: &str) -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
        let size = size();
        let folder = tempfile::tempdir().unwrap();
        let fleet = Fleet::start(folder.path(), size.servers).await;
        let kannel = Kannel::start().await;
        let config = format!(
            "timezone = \"UTC\"\n{store}[defaults]\n{}notify = [\"oncall\"]\n{}{}",
            size.defaults,
            fleet.config(),
            notifier(&kannel, size.flow)
        );
        let mut litemon = Litemon::prepare(&config, &[("SMS_KEY", Kannel::PASSWORD)]);
        litemon.run();
        let scene =
            Self { _turn: turn, size, _folder: folder, fleet, kannel, litemon, fell: now() };
        let all = scene.size.servers as u64;
        eventually("every server to be well", Duration::from_secs(300), async || {
            let (_, status) = scene.litemon.get("/api/v1/status").await?;
            let status: serde_json::Value = serde_json::from_str(&status).ok()?;
            (status["counts"]["ok"] == all).then_some(())
        })
        .await;
        assert_eq!(scene.kannel.texts(), [""; 0], "nobody is told of a start");
        scene
    }

    fn falls(&mut self) {
        self.fleet.fall();
        self.fell = now();
    }

    /// Waits until messages that start so have told of every server; gives those of each phone.
    async fn all_told(&self, head: &str, limit: Duration) -> BTreeMap<String, Vec<Sms>> {
        let wanted: BTreeSet<i64> = (1..).take(self.size.servers).collect();
        eventually(&format!("{head} of all"), limit, async || {
            let phones = self.phones();
            let all = |phone: &str| {
                let of_phone = phones.get(phone).into_iter().flatten();
                let told = of_phone.filter(|sms| sms.text.starts_with(head));
                told.flat_map(|sms| numbers(&sms.text)).collect::<BTreeSet<_>>() == wanted
            };
            PHONES.iter().all(|phone| all(phone)).then_some(phones.clone())
        })
        .await
    }

    fn phones(&self) -> BTreeMap<String, Vec<Sms>> {
        let mut phones: BTreeMap<String, Vec<Sms>> = BTreeMap::new();
        for sms in self.kannel.received() {
            phones.entry(sms.to.clone()).or_default().push(sms);
        }
        phones
    }

    /// How long after `since` the first SMS came to each phone.
    fn first(&self, since: SystemTime) -> Duration {
        let first = |all: &Vec<Sms>| all[0].at.duration_since(since).unwrap_or_default();
        self.phones().values().map(first).max().unwrap()
    }

    /// The whole of it after the failure: what each phone got keeps within the budget, and names every
    /// server once; then the same when all are back.
    async fn told_and_over(&mut self, budget: Duration) {
        let problems = self.all_told("PROBLEM ", self.size.all_within).await;
        self.says("told", &problems);
        self.fleet.rise().await;
        let back = self.all_told("OK ", self.size.all_within + budget).await;
        self.says("over", &back);
        for (phone, messages) in &back {
            for head in ["PROBLEM ", "OK "] {
                let of_head = messages.iter().filter(|sms| sms.text.starts_with(head));
                let told: Vec<i64> = of_head.flat_map(|sms| numbers(&sms.text)).collect();
                let once: BTreeSet<i64> = told.iter().copied().collect();
                assert_eq!(told.len(), once.len(), "{phone} {head} {messages:?}");
            }
            let within = |from: &Sms| {
                let since =
                    |sms: &&Sms| sms.at.duration_since(from.at).is_ok_and(|age| age < budget);
                messages.iter().filter(since).count()
            };
            let most = messages.iter().map(within).max().unwrap();
            assert!(most <= MOST, "{most} within {budget:?} to {phone}: {messages:?}");
        }
    }

    fn says(&self, what: &str, phones: &BTreeMap<String, Vec<Sms>>) {
        for (phone, messages) in phones {
            println!("{what}: {phone}");
            for sms in messages {
                let after = sms.at.duration_since(self.fell).unwrap_or_default();
                println!("  {:>6.1} s  {}", after.as_secs_f64(), sms.text);
            }
        }
    }
}

fn notifier(kannel: &Kannel, flow: &str) -> String {
    format!(
        "[notifiers.sms.oncall]\nurl = \"{}\"\nsuccess = \"^0: \"\nqueued = \"^3: \"\n{flow}\
         recipients = [\"{}\", \"{}\"]\n\
         query = {{ username = \"{}\", password = {{ env = \"SMS_KEY\" }}, to = \"{{{{ to }}}}\", text = \"{{{{ text }}}}\" }}\n",
        kannel.url(),
        PHONES[0],
        PHONES[1],
        Kannel::USER
    )
}

/// The wall clock: the phone network tells times by it.
#[expect(clippy::disallowed_methods, reason = "a real gateway is timed")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The numbers at the end of a message: `#40-62,70`.
pub(crate) fn numbers(text: &str) -> Vec<i64> {
    let (_, ranges) = text.rsplit_once('#').expect(text);
    let range = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        first.parse::<i64>().unwrap()..=last.parse().unwrap()
    };
    ranges.split(',').flat_map(range).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_fails_at_once() {
    let mut scene = Scene::start("").await;
    scene.falls();
    scene.kannel.wait_for(PHONES.len(), scene.size.within).await;
    let first = scene.first(scene.fell);
    assert!(first <= scene.size.within, "{first:?}");
    scene.told_and_over(scene.size.per).await;
    // Each incident says in which message it was told, with how many others.
    let incident =
        scene.litemon.get_json(&format!("/api/v1/incidents/{}", scene.size.servers)).await;
    let states: Vec<&str> = incident["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert!(states.contains(&"gathered"), "{incident}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_fails_while_the_gateway_is_away() {
    let mut scene = Scene::start("").await;
    scene.kannel.stop();
    scene.falls();
    let away = tokio::time::Instant::now() + scene.size.gateway_away;
    eventually("every server to be a problem", Duration::from_secs(60), async || {
        let page = scene.litemon.get_json("/api/v1/status").await;
        (page["counts"]["critical"] == scene.size.servers as u64).then_some(())
    })
    .await;
    tokio::time::sleep_until(away).await;
    scene.kannel.restart().await;
    let back = now();
    // The longest wait between two attempts is a minute, a fifth more or less.
    scene.kannel.wait_for(PHONES.len(), Duration::from_secs(80)).await;
    println!("the gateway is back, the first SMS came {:?} later", scene.first(back));
    scene.told_and_over(scene.size.per).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_fails_while_the_database_is_away() {
    let database = MariaDb::start().await;
    database.database("history").await;
    let store = format!(
        "[store]\nurl = \"mysql://litemon@127.0.0.1:{}/history\"\npassword = \"{PASSWORD}\"\n",
        database.port
    );
    let mut scene = Scene::start(&store).await;
    database.kill();
    scene.falls();
    scene.kannel.wait_for(PHONES.len(), scene.size.within).await;
    let first = scene.first(scene.fell);
    assert!(first <= scene.size.within, "{first:?}");
    scene.told_and_over(scene.size.per).await;
    database.resume().await;
    let all = i64::try_from(scene.size.servers).unwrap();
    eventually("history to have every incident", Duration::from_secs(120), async || {
        let told = database
            .number("SELECT COUNT(*) FROM history.incidents WHERE closed_at IS NOT NULL")
            .await;
        (told == all).then_some(())
    })
    .await;
}
