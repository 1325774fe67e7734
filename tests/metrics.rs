//! `/metrics`, as a real Prometheus reads it.

use std::fs;

use crate::support::{
    chromium,
    litemon::Litemon,
    prometheus::{Prometheus, linted},
};

const WATCHED: &str = "[defaults]\ninterval = \"1s\"\ntimeout = \"1s\"\nattempts = 1\n\
     [servers.here]\naddress = \"local\"\n\
     [servers.here.services.web]\ncommand = \"test -e $HOME/web\"\nnotify = [\"note\"]\n\
     [servers.far]\naddress = \"127.0.0.9:1\"\n\
     [notifiers.exec.note]\ncommand = [\"/bin/sh\", \"-c\", \"cat >> told\"]\n";

#[tokio::test]
async fn a_prometheus_reads_what_the_monitor_does() {
    let mut litemon = Litemon::prepare(WATCHED, &[]);
    fs::write(litemon.path("web"), "").unwrap();
    litemon.run();
    litemon.healthy().await;
    let target = litemon.url("");
    let prometheus = Prometheus::start(target.strip_prefix("http://").unwrap());
    prometheus.until("up", |up| up > 0.0).await;
    prometheus.until("litemon_healthy", |healthy| healthy > 0.0).await;
    prometheus.until("litemon_checks{state=\"critical\"}", |n| (n - 1.0).abs() < 0.1).await;
    prometheus.until("litemon_check_status{check=\"far/ssh\"}", |n| (n - 2.0).abs() < 0.1).await;
    prometheus.until("litemon_results_total{result=\"seen\"}", |n| n > 2.0).await;
    prometheus.until("litemon_results_total{result=\"failed\"}", |n| n > 0.0).await;
    prometheus.until("litemon_check_last_duration_seconds{check=\"here/web\"}", |n| n > 0.0).await;

    fs::remove_file(litemon.path("web")).unwrap();
    prometheus.until("litemon_incidents_open", |n| n > 1.5).await;
    let attempts = "litemon_delivery_attempts_total{notifier=\"note\",result=\"accepted\"}";
    prometheus.until(attempts, |n| n > 0.0).await;
    prometheus.until("litemon_time_to_notify_seconds_count", |n| n > 0.0).await;
    prometheus.until("litemon_time_to_notify_seconds_bucket{le=\"+Inf\"}", |n| n > 0.0).await;
    for (family, kind) in [
        ("litemon_results", "counter"),
        ("litemon_overruns", "counter"),
        ("litemon_dead_letters", "counter"),
        ("litemon_store_lost_records", "counter"),
        ("litemon_ssh_logins", "counter"),
        ("litemon_ssh_connections", "gauge"),
        ("litemon_outbox_notices", "gauge"),
        ("litemon_notices_held", "gauge"),
        ("litemon_isolated", "gauge"),
        ("litemon_outbox_oldest_age_seconds", "gauge"),
        ("litemon_journal_up", "gauge"),
        ("litemon_store_up", "gauge"),
        ("litemon_store_queue_records", "gauge"),
        ("litemon_store_spool_records", "gauge"),
        ("litemon_start_time_seconds", "gauge"),
        ("litemon_build", "info"),
        ("litemon_time_to_notify_seconds", "histogram"),
    ] {
        assert_eq!(prometheus.kind(family).await.as_deref(), Some(kind), "{family}");
    }
}

#[tokio::test]
async fn metrics_are_not_told_where_the_dashboard_is_public() {
    let litemon = Litemon::start(WATCHED, &[("LITEMON__WEB__PUBLIC", "true")]).await;
    let (status, text) = litemon.get("/metrics").await.unwrap();
    assert_eq!(status, 403, "{text}");
    assert!(!text.contains("far/ssh"), "{text}");
    let socket = litemon.state_dir().join("control.sock");
    let page = crate::api::ask(&socket, "GET", "/metrics").await;
    assert!(page.text().await.unwrap().contains("\nlitemon_healthy "));
}

/// The page as who takes `accept` gets it: its media type and text.
async fn scraped(litemon: &Litemon, accept: &str) -> (String, String) {
    let ask = chromium::client().get(litemon.url("/metrics")).header("accept", accept);
    let answer = ask.send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, answer.text().await.unwrap())
}

/// What is measured, by name, without its values.
fn samples(page: &str) -> Vec<&str> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit_once(' ')).map(|(sample, _)| sample).collect()
}

#[tokio::test]
async fn both_formats_tell_the_same_and_promtool_finds_nothing_to_better() {
    let litemon = Litemon::start(WATCHED, &[]).await;
    let prometheus = Prometheus::start(litemon.url("").strip_prefix("http://").unwrap());
    // Everything has been measured once: no family is left out.
    prometheus.until("litemon_time_to_notify_seconds_count", |n| n > 0.0).await;
    prometheus.until("litemon_store_up", |up| up > 0.0).await;

    let (kind, old) = scraped(&litemon, "*/*").await;
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(linted(&old), "");
    let (kind, new) = scraped(&litemon, "application/openmetrics-text; version=1.0.0").await;
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(new.ends_with("# EOF\n"));
    assert_eq!(samples(&old), samples(&new));
    // What it would say of the newer format, were the names left as they are there.
    assert!(linted(&new).contains("info"));
}
