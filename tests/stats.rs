//! `[stats.NAME]`: the program and a statistics server.

use std::time::Duration;

use litemon_core::{
    clock::{Clock, SystemClock},
    model::Zone,
};

use crate::support::{
    eventually,
    litemon::Litemon,
    statistics::{Mood, Statistics, days},
};

/// How long a change takes to be seen, on a busy machine.
const SOON: Duration = Duration::from_secs(20);

fn configuration(server: &Statistics, more: &str) -> String {
    format!(
        "timezone = \"Asia/Jakarta\"\n[defaults]\ninterval = \"200ms\"\nretry_interval = \"100ms\"\n\
         [stats.new-users]\nurl = \"{}?key=k3y\"\ntotal_since = \"2015-01-01\"\n\
         token = {{ env = \"STATS_TOKEN\" }}\n{more}",
        server.url()
    )
}

/// Today in Jakarta.
fn today() -> String {
    Zone::named("Asia/Jakarta").unwrap().date(SystemClock.now())
}

async fn userstats(litemon: &Litemon) -> serde_json::Value {
    litemon.get_json("/dashboard/get/userstats").await["new-users"].clone()
}

/// Waits until it was asked twice over.
async fn more_runs(server: &Statistics) {
    let before = server.asked().len();
    eventually("two more runs", SOON, async || (server.asked().len() > before + 10).then_some(()))
        .await;
}

#[tokio::test]
async fn the_originals_json_has_the_numbers_of_the_server_and_keeps_them() {
    let server = Statistics::start().await;
    let configuration = configuration(&server, "");
    let mut litemon = Litemon::start(&configuration, &[("STATS_TOKEN", "t0ken")]).await;
    let seen = eventually("the total", SOON, async || {
        Some(userstats(&litemon).await).filter(|seen| seen["total"].is_string())
    })
    .await;
    let keys: Vec<&String> = seen.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["this_month", "this_week", "today", "total", "updatetime", "yesterday"]);
    assert_eq!((&seen["today"], &seen["yesterday"]), (&"1".into(), &"1".into()));
    let date = today();
    let since_2015 = days("2015-01-01", &date);
    // Midnight may just have passed.
    let total: i32 = seen["total"].as_str().unwrap().parse().unwrap();
    assert!((since_2015 - 1..=since_2015).contains(&total), "{seen} on {date}");
    let week: i32 = seen["this_week"].as_str().unwrap().parse().unwrap();
    assert!((1..=7).contains(&week), "{seen}");
    let updated = seen["updatetime"].as_str().unwrap();
    assert!(updated.len() == 19 && updated.starts_with(&date[..8]), "{seen}");

    // The server falls: the numbers stay, also over a reload, and their time stands still.
    server.set(Mood::Fails);
    more_runs(&server).await;
    let before = userstats(&litemon).await;
    assert!(litemon.reload(&configuration).await, "{}", litemon.log());
    more_runs(&server).await;
    assert_eq!(userstats(&litemon).await, before);

    // Nor does a new process forget them.
    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
    more_runs(&server).await;
    assert_eq!(userstats(&litemon).await, before);

    // And comes back.
    server.set(Mood::Counts);
    eventually("newer numbers", SOON, async || {
        (userstats(&litemon).await["updatetime"] != before["updatetime"]).then_some(())
    })
    .await;
    for secret in ["t0ken", "k3y"] {
        assert!(!litemon.log().contains(secret), "{}", litemon.log());
        assert!(!litemon.get("/").await.unwrap().1.contains(secret));
    }
    assert!(litemon.stop().await.success());
}

#[tokio::test]
async fn yesterday_is_not_asked_for_again_and_again() {
    let (server, day) = (Statistics::start().await, today());
    let litemon = Litemon::start(&configuration(&server, ""), &[("STATS_TOKEN", "t0ken")]).await;
    let asked = eventually("several runs", SOON, async || {
        Some(server.asked()).filter(|asked| asked.len() >= 21)
    })
    .await;
    let total = asked.iter().filter(|target| target.contains("date1=2015-01-01&")).count();
    let yesterdays = asked.iter().filter(|target| {
        let last = target.split("date2=").nth(1).unwrap();
        *last != day
    });
    let yesterdays = yesterdays.count();
    assert!(total >= 4, "{asked:?}");
    // Once; should midnight pass just now, the runs before it seem to have asked for it too.
    assert!(yesterdays == 1 || day != today(), "{asked:?}");
    drop(litemon);
}

// The program is waited for while the server answers.
#[tokio::test(flavor = "multi_thread")]
async fn probe_shows_each_number_and_which_is_missing() {
    let server = Statistics::start().await;
    let litemon = Litemon::prepare(&configuration(&server, ""), &[("STATS_TOKEN", "t0ken")]);
    let probe = |more: &'static str| {
        let mut command = litemon.command(&["probe", "stats/new-users"]);
        let output = command.args(more.split_whitespace()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), text + &String::from_utf8_lossy(&output.stderr))
    };
    let (code, text) = probe("");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("today 1  yesterday 1  this_week "), "{text}");

    server.set(Mood::FailsFrom("2015-01-01"));
    let (code, text) = probe("");
    let missing = "  total ?  no new total: HTTP 500 Internal Server Error";
    assert!(code == 0 && text.contains(missing), "{text}");
    let (_, text) = probe("--json");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let check = &json["checks"][0];
    assert_eq!((&check["kind"], &check["value"]), (&"statistic".into(), &1.0.into()));
    assert_eq!(check["numbers"][4]["name"], "total");
    assert_eq!(check["numbers"][4]["failure"]["message"], "HTTP 500 Internal Server Error");

    server.set(Mood::Fails);
    let (code, text) = probe("");
    assert!(code == 3 && text.contains("Unknown  HTTP 500 Internal Server Error"), "{text}");
}
