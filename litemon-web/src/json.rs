//! The JSON of the original dashboard, kept as it was.

use std::collections::BTreeMap;

use litemon_core::{
    model::{CheckKind, Status, Timestamp, Zone},
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
}
