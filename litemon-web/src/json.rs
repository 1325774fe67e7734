//! The JSON of the original dashboard, kept as it was.

use std::collections::BTreeMap;

use litemon_core::{
    model::{CheckKind, Number, Status, Timestamp, Zone},
    monitor::{CheckView, ServerView, Snapshot},
};
use serde::Serialize;

/// `/dashboard/get/rmon/NAME`
#[derive(Debug, Serialize)]
pub(crate) struct Resources {
    cpu: Option<String>,
    mem: Option<String>,
    hdd: Option<String>,
}

impl Resources {
    pub(crate) fn of(server: &ServerView, now: Timestamp) -> Self {
        let value = |name: &str| {
            let check = server.check(name).filter(|check| check.kind == CheckKind::Resource)?;
            check.current_value(now).map(|value| format!("{value:.2}"))
        };
        Self { cpu: value("cpu"), mem: value("mem"), hdd: value("hdd") }
    }
}

/// One service of `/dashboard/get/svcstats`
#[derive(Debug, Serialize)]
pub(crate) struct Service {
    status: &'static str,
    updatetime: Option<String>,
}

/// `/dashboard/get/svcstats`
pub(crate) fn services(
    snapshot: &Snapshot,
    zone: &Zone,
    now: Timestamp,
) -> BTreeMap<String, BTreeMap<String, Service>> {
    let mut all = BTreeMap::new();
    for server in &snapshot.servers {
        let of_server: BTreeMap<_, _> = server
            .checks
            .iter()
            .filter(|check| check.kind == CheckKind::Service)
            .map(|check| (check.id.name().to_owned(), service(check, zone, now)))
            .collect();
        if !of_server.is_empty() {
            all.insert(server.name.to_string(), of_server);
        }
    }
    all
}

fn service(check: &CheckView, zone: &Zone, now: Timestamp) -> Service {
    let status = match check.status {
        _ if check.blocked || !check.is_current(now) => "Unknown",
        Status::Ok => "On",
        Status::Critical => "Off",
        Status::Warning | Status::Unknown => "Unknown",
    };
    Service { status, updatetime: check.last.as_ref().map(|last| zone.date_time(last.at)) }
}

/// One statistic of `/dashboard/get/userstats`: the last known numbers, however old.
#[derive(Debug, Serialize)]
pub(crate) struct Counts {
    today: Option<String>,
    yesterday: Option<String>,
    this_week: Option<String>,
    this_month: Option<String>,
    total: Option<String>,
    /// When the newest of them was seen.
    updatetime: Option<String>,
}

impl Counts {
    fn of(numbers: &[Number], zone: &Zone) -> Self {
        let text = |name: &str| {
            let number = numbers.iter().find(|number| number.name == name)?;
            number.value.map(|value| value.to_string())
        };
        Self {
            today: text("today"),
            yesterday: text("yesterday"),
            this_week: text("this_week"),
            this_month: text("this_month"),
            total: text("total"),
            updatetime: numbers.iter().filter_map(|n| n.at).max().map(|at| zone.date_time(at)),
        }
    }
}

/// `/dashboard/get/userstats`
pub(crate) fn statistics(snapshot: &Snapshot, zone: &Zone) -> BTreeMap<String, Counts> {
    let of_stats = |check: &&_| matches!(check, CheckView { kind: CheckKind::Statistic, id, .. } if id.owner() == "stats");
    let counts =
        |check: &CheckView| (check.id.name().to_owned(), Counts::of(&check.last_numbers, zone));
    snapshot.others.iter().map(AsRef::as_ref).filter(of_stats).map(counts).collect()
}

/// One round trip of `/dashboard/get/messaging`
#[derive(Debug, Serialize)]
pub(crate) struct RoundTrip {
    status: &'static str,
    updatetime: Option<String>,
    delay: Option<f64>,
    expired: String,
}

/// `/dashboard/get/messaging`: OK, or Failed, which is also what nothing is known of.
pub(crate) fn messaging(
    snapshot: &Snapshot,
    zone: &Zone,
    now: Timestamp,
) -> BTreeMap<String, RoundTrip> {
    let trips = snapshot
        .others
        .iter()
        .filter(|check| check.kind == CheckKind::Messaging && check.id.owner() == "messaging");
    trips.map(|check| (check.id.name().to_owned(), round_trip(check, zone, now))).collect()
}

fn round_trip(check: &CheckView, zone: &Zone, now: Timestamp) -> RoundTrip {
    // A message that is slow enough for a warning did come back.
    let works = matches!(check.status, Status::Ok | Status::Warning) && check.is_current(now);
    RoundTrip {
        status: if works { "OK" } else { "Failed" },
        updatetime: check.last.as_ref().map(|last| zone.date_time(last.at)),
        delay: check.current_value(now),
        expired: check.timeout.as_secs_f64().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use litemon_core::{
        model::{Failure, FailureKind, Observation},
        testing::snapshot::{CheckBuilder, SnapshotBuilder},
    };

    use super::*;
    use crate::scene::tests::{AT, paper};

    #[test]
    fn numbers_are_strings_and_what_is_not_known_now_is_null() {
        let snapshot = paper().build();
        let json = |name: &str, now| {
            serde_json::to_string(&Resources::of(snapshot.server(name).unwrap(), now)).unwrap()
        };
        assert_eq!(json("server5", AT), r#"{"cpu":"63.20","mem":"39.00","hdd":"8.00"}"#);
        assert_eq!(json("server4", AT), r#"{"cpu":null,"mem":null,"hdd":null}"#);
        let later = AT.plus(Duration::from_secs(34));
        assert_eq!(json("server5", later), r#"{"cpu":null,"mem":null,"hdd":null}"#);
    }

    #[test]
    fn services_say_on_off_or_unknown_in_the_zone() {
        let zone = Zone::named("Asia/Jakarta").unwrap();
        let all = serde_json::to_value(services(&paper().build(), &zone, AT)).unwrap();
        assert_eq!(all["server3"]["chat"]["status"], "Off");
        assert_eq!(all["server3"]["chat"]["updatetime"], "2016-04-14 05:33:11");
        assert_eq!(all["server3"]["push"]["status"], "On");
        assert_eq!(all["server4"]["push"]["status"], "Unknown");
        let later = AT.plus(Duration::from_secs(60));
        let all = serde_json::to_value(services(&paper().build(), &zone, later)).unwrap();
        assert_eq!(all["server3"]["push"]["status"], "Unknown");
    }

    fn number(name: &str, value: Option<f64>, minutes_ago: u64) -> Number {
        let at = value.map(|_| AT.minus(Duration::from_secs(60 * minutes_ago)));
        Number { name: name.to_owned(), value, at, failure: None }
    }

    #[test]
    fn statistics_are_the_last_known_numbers_as_strings() {
        let numbers = vec![
            number("today", Some(12.0), 1),
            number("yesterday", Some(2083.0), 300),
            number("this_week", Some(0.5), 2),
            number("total", Some(12_345_678_901.0), 2),
        ];
        let seen = Ok(Observation::Numbers { numbers, detail: None });
        let failed = Err(Failure::new(FailureKind::Refused, "connection refused"));
        let check = |id: &str| CheckBuilder::new(id, CheckKind::Statistic).unwrap();
        let known = check("stats/new-users").seen(Status::Ok, AT, AT, seen);
        let snapshot = paper()
            .other(known.seen(Status::Unknown, AT, AT, failed).build())
            .other(check("stats/later").build())
            .other(check("checks/mine").build())
            .build();
        let zone = Zone::named("Asia/Jakarta").unwrap();
        let json = serde_json::to_string(&statistics(&snapshot, &zone)).unwrap();
        assert_eq!(
            json,
            r#"{"later":{"today":null,"yesterday":null,"this_week":null,"this_month":null,"total":null,"updatetime":null},"new-users":{"today":"12","yesterday":"2083","this_week":"0.5","this_month":null,"total":"12345678901","updatetime":"2016-04-14 05:32:14"}}"#
        );
    }

    #[test]
    fn round_trips_say_ok_or_failed_with_their_delay() {
        let zone = Zone::named("Asia/Jakarta").unwrap();
        let seconds = Duration::from_secs;
        let trip = |name: &str, expired| {
            CheckBuilder::new(&format!("messaging/{name}"), CheckKind::Messaging)
                .unwrap()
                .every(seconds(10), expired)
        };
        let back = |value| Ok(Observation::Value { value, unit: "s".to_owned(), detail: None });
        let lost = Err(Failure::new(FailureKind::Timeout, "receive: no message back in 2.5 s"));
        let snapshot = SnapshotBuilder::new(AT)
            .other(trip("fast", seconds(30)).seen(Status::Ok, AT, AT, back(0.004)).build())
            .other(trip("slow", seconds(30)).seen(Status::Warning, AT, AT, back(1.0)).build())
            .other(
                trip("lost", Duration::from_millis(2500))
                    .seen(Status::Critical, AT, AT, lost)
                    .build(),
            )
            .other(trip("new", seconds(30)).build())
            .other(CheckBuilder::new("checks/other", CheckKind::Other).unwrap().build())
            .build();
        let json = |now| serde_json::to_string(&messaging(&snapshot, &zone, now)).unwrap();
        let at = zone.date_time(AT);
        assert_eq!(
            json(AT),
            format!(
                r#"{{"fast":{{"status":"OK","updatetime":"{at}","delay":0.004,"expired":"30"}},"#
            ) + &format!(
                r#""lost":{{"status":"Failed","updatetime":"{at}","delay":null,"expired":"2.5"}},"#
            ) + r#""new":{"status":"Failed","updatetime":null,"delay":null,"expired":"30"},"#
                + &format!(
                    r#""slow":{{"status":"OK","updatetime":"{at}","delay":1.0,"expired":"30"}}}}"#
                )
        );
        let later = json(AT.plus(seconds(61)));
        assert!(!later.contains(r#""OK""#) && !later.contains("0.004"), "{later}");
    }
}
