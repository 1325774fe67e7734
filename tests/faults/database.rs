//! A database that is down at the start, that hangs, and that is killed later: checks and SMS go
//! on, and afterwards every result is there.

use std::{fs, time::Duration};

use rustix::process::Signal;
use tokio::time::{Instant, sleep_until};

use super::switches::Switches;
use crate::support::{
    eventually,
    mariadb::{MariaDb, PASSWORD},
    monitor_process::MonitorProcess,
    phones::Phones,
    scale,
};

const SOON: Duration = Duration::from_secs(60);
/// A look each second, and one attempt.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

struct Scene {
    database: MariaDb,
    switches: Switches,
    phones: Phones,
    monitor: MonitorProcess,
}

impl Scene {
    async fn start() -> Self {
        let database = MariaDb::start().await;
        database.database("history").await;
        let (switches, phones) = (Switches::new(3), Phones::start().await);
        let store = format!(
            "[store]\nurl = \"mysql://litemon@127.0.0.1:{}/history\"\npassword = \"{PASSWORD}\"\n",
            database.port
        );
        // Each run leaves a line, so that each result can be missed.
        let resource = format!(
            "[servers.here.resources.load]\nthreshold = 50\ncommand = \"echo x >> {}; echo 7\"\n",
            switches.file("runs").display()
        );
        let config =
            switches.config("[\"oncall\"]") + &resource + &store + &phones.notifier("oncall");
        // Down at the start.
        database.kill();
        let monitor = MonitorProcess::start_with(&config).await;
        monitor.until_service("here", "s0", "On").await;
        Self { database, switches, phones, monitor }
    }

    /// An outage of that length, in the middle of which a service fails.
    async fn outage(&self, service: usize, length: Duration) {
        let end = Instant::now() + length;
        self.says_so().await;
        let runs = self.runs();
        self.switches.set(service, false);
        let start = format!("PROBLEM here s{service} Off since ");
        self.phones.wait_for(&start, TOLD_WITHIN).await;
        sleep_until(end).await;
        assert!(self.runs() > runs, "checks go on");
        self.monitor.until_service("here", &format!("s{service}"), "Off").await;
        self.switches.set(service, true);
        self.phones.wait_for(&format!("OK here s{service} On"), TOLD_WITHIN).await;
    }

    /// The overview tells what is wrong with the monitor itself.
    async fn says_so(&self) {
        self.overview("database is away", true).await;
        let health = self.monitor.get("/healthz").await;
        assert_eq!(health, "ok", "alerting does not stand on the database");
    }

    async fn is_back(&self) {
        self.overview("database is away", false).await;
    }

    async fn overview(&self, words: &str, there: bool) {
        eventually(&format!("{words:?} on the overview: {there}"), SOON, async || {
            (self.monitor.get("/").await.contains(words) == there).then_some(())
        })
        .await;
    }

    fn runs(&self) -> usize {
        fs::read_to_string(self.switches.file("runs")).unwrap().lines().count()
    }

    async fn count(&self, what: &str) -> i64 {
        self.database.number(&format!("SELECT CAST(COUNT(*) AS SIGNED) FROM history.{what}")).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_database_away_nothing_waits_and_nothing_is_lost() {
    let mut scene = Scene::start().await;
    scene.outage(0, scale(Duration::from_secs(5), Duration::from_secs(60))).await;
    scene.database.resume().await;
    scene.is_back().await;
    let base = scene.monitor.holdings();

    scene.database.hang().await;
    scene.outage(1, scale(Duration::from_secs(30), Duration::from_secs(3600))).await;
    scene.database.go_on();
    scene.is_back().await;

    scene.database.kill();
    scene.outage(2, scale(Duration::from_secs(5), Duration::from_secs(60))).await;
    scene.database.resume().await;
    scene.is_back().await;
    eventually("the files and threads to be as many as before", SOON, async || {
        let now = scene.monitor.holdings();
        // A connection to the database more or less: the pool has up to four.
        (now.files <= base.files + 4 && now.threads <= base.threads + 1).then_some(())
    })
    .await;

    // What is in memory is handed over at the end.
    scene.monitor.signal(Signal::TERM);
    assert!(scene.monitor.wait().await.success(), "{}", scene.monitor.log());
    let (runs, rows) = (scene.runs(), scene.count("raw_values").await);
    println!("{runs} runs, {rows} rows, {base:?}");
    // The end may have cut one run off.
    let rows = usize::try_from(rows).unwrap();
    assert!(rows == runs || rows + 1 == runs, "{rows} rows of {runs} runs");
    assert_eq!(scene.count("incidents").await, 3);
    assert_eq!(scene.count("incidents WHERE closed_at IS NULL").await, 0);
    assert_eq!(scene.count("notices").await, 6);
    assert_eq!(scene.count("notices WHERE state <> 'accepted'").await, 0);
    assert_eq!(scene.count("notice_attempts WHERE result = 'accepted'").await, 6);
    assert_eq!(scene.phones.accepted().len(), 6);
    // Switched off and on three times, and known as On from the start on.
    let changes =
        "status_changes c JOIN history.checks k ON k.id = c.check_id AND k.name LIKE 'here/s_'";
    assert_eq!(scene.count(changes).await, 3 + 6);
}
