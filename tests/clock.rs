//! The clock of the machine is set while the program runs: libfaketime stands between both.

use std::{fs, path::Path, process::Command, time::Duration};

use crate::support::{eventually, litemon::Litemon};

const SOON: Duration = Duration::from_secs(40);

/// Debian's place for it.
fn faketime() -> Option<String> {
    let machine = std::env::consts::ARCH;
    let path = format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketime.so.1");
    Path::new(&path).exists().then_some(path)
}

/// When the service was looked at, in seconds of the steady clock.
fn runs(log: &Path) -> Vec<f64> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let first = |line: &str| line.split(' ').next()?.parse().ok();
    text.lines().filter_map(first).collect()
}

async fn until_runs(log: &Path, count: usize) -> Vec<f64> {
    let what = format!("{count} runs in {}", log.display());
    eventually(&what, SOON, async || {
        let all = runs(log);
        (all.len() >= count).then_some(all)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_is_set_back_and_forward_two_hours() {
    let Some(library) = faketime() else {
        println!("SKIPPED: the Debian package faketime is not installed");
        return;
    };
    let told = tempfile::tempdir().unwrap();
    let notices = told.path().join("notices");
    let log = told.path().join("runs");
    let write = format!("cat >> '{}'; echo >> '{}'", notices.display(), notices.display());
    let service = format!(
        "cat /proc/uptime >> '{}'; test ! -e '{}'",
        log.display(),
        told.path().join("off").display()
    );
    let configuration = format!(
        "timezone = \"UTC\"\ndefaults = {{ interval = \"1s\", retry_interval = \"1s\", notify = \"file\", reminders = \"1m\" }}\n\
         servers.here = {{ address = \"local\", services.lamp.command = {service:?} }}\n\
         notifiers.exec.file = {{ command = [\"sh\", \"-c\", {write:?}], events = [\"problem\", \"recovery\"] }}\n"
    );
    let offset = told.path().join("offset");
    fs::write(&offset, "+0").unwrap();
    let offset_file = offset.display().to_string();
    let mut litemon = Litemon::prepare(
        &configuration,
        &[
            ("LD_PRELOAD", &library),
            ("FAKETIME_TIMESTAMP_FILE", &offset_file),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ],
    );
    litemon.run();
    litemon.healthy().await;
    let mut seen = until_runs(&log, 3).await.len();
    for hours in ["-2h", "+0", "+2h", "+0"] {
        fs::write(&offset, hours).unwrap();
        let all = until_runs(&log, seen + 6).await;
        // From the last run before the change on.
        let gaps: Vec<f64> = all[seen - 1..].windows(2).map(|pair| pair[1] - pair[0]).collect();
        println!("{hours}: {gaps:.2?}");
        assert!(gaps.iter().all(|gap| *gap > 0.5), "they bunch: {gaps:?}");
        assert!(gaps.iter().all(|gap| *gap < 10.0), "they stop: {gaps:?}");
        seen = all.len();
        // What it shows is of that time.
        let now = litemon.get_json("/api/v1/status").await;
        assert_eq!(now["monitor"]["health"], "ok", "{hours}");
        assert_eq!(now["servers"][0]["checks"][0]["status"], "ok", "{hours}");
    }
    assert_eq!(fs::read_to_string(&notices).unwrap_or_default(), "", "nothing was to be told");

    // A problem that begins two hours back is told with that time, once.
    fs::write(&offset, "-2h").unwrap();
    until_runs(&log, seen + 2).await;
    fs::write(told.path().join("off"), "").unwrap();
    let event = eventually("the notice", SOON, async || {
        let text = fs::read_to_string(&notices).unwrap_or_default();
        let line = text.lines().next().filter(|_| text.contains('\n'))?.to_owned();
        serde_json::from_str::<serde_json::Value>(&line).ok()
    })
    .await;
    let clock = Command::new("date").args(["-u", "-d", "2 hours ago", "+%s"]).output().unwrap();
    let expected: i64 = String::from_utf8(clock.stdout).unwrap().trim().parse().unwrap();
    let since: jiff::Timestamp = event["since"].as_str().unwrap().parse().unwrap();
    assert!((since.as_second() - expected).abs() < 60, "{event}");
    // Back to the right time: two hours at once are no reason to remind people.
    fs::write(&offset, "+0").unwrap();
    let seen = runs(&log).len();
    until_runs(&log, seen + 5).await;
    let told =
        fs::read_to_string(&notices).unwrap().lines().filter(|line| !line.is_empty()).count();
    assert_eq!(told, 1);
    assert!(litemon.stop().await.success(), "{}", litemon.log());
}
