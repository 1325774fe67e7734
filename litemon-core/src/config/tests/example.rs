use super::*;
use crate::{
    exec::Address,
    model::{CheckKind, Criteria},
};

#[test]
fn the_example_is_complete() {
    let plan = planned(EXAMPLE).unwrap();
    let ids: Vec<&str> = plan.checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "web-1/ssh",
            "web-1/cpu",
            "web-1/mem",
            "web-1/hdd",
            "web-1/gpu",
            "web-1/nginx",
            "messaging/msg1",
            "stats/new-users"
        ]
    );
    for check in plan.checks.iter().filter(|check| !check.notify.is_empty()) {
        // A message that is lost is missed within one run, confirmed by no second.
        let expected = if check.kind == CheckKind::Messaging { 10 + 10 + 1 + 5 } else { 30 };
        let expected = std::time::Duration::from_secs(expected);
        assert_eq!(check.worst_case, Some(expected), "{}", check.id);
    }
    let stats = plan.checks.last().unwrap();
    assert_eq!((stats.kind, stats.worst_case), (CheckKind::Statistic, None));
    let cpu = &plan.checks[1];
    let Criteria::Threshold(limits) = &cpu.criteria else { panic!("{:?}", cpu.criteria) };
    assert_eq!((limits.critical, limits.warn), (Some(50.0), None));
    let nginx = &plan.checks[5];
    assert_eq!(nginx.kind, CheckKind::Service);
    assert_eq!(
        nginx.notify.iter().map(|n| n.as_str()).collect::<Vec<_>>(),
        ["oncall", "restart-nginx"]
    );
    let server = &plan.servers[0];
    assert_eq!(server.address, Address::Host { host: "10.0.0.11".into(), port: 22 });
    assert_eq!(server.ssh.user, "monitor");
    assert_eq!(server.ssh.identities, [PathBuf::from("/home/ops/.ssh/id_ed25519")]);
    assert!(!server.ssh.skip_missing_identities);
    let StorePlan::MySql(store) = &plan.store else { panic!("{:?}", plan.store) };
    assert_eq!(
        (store.host.as_str(), store.port, store.database.as_str()),
        ("127.0.0.1", 3306, "litemon")
    );
    assert_eq!(store.password.as_ref().unwrap().expose(), "db-hunter2");
    assert_eq!(plan.state_dir, PathBuf::from("/srv/litemon-data"));
    assert_eq!(plan.unused, Vec::<String>::new());
}

#[test]
fn a_round_trip_is_told_in_time_without_further_settings() {
    let text = "[messaging.m]\nurl = \"stomp://h\"\ndestination = \"/queue/m\"\nnotify = \"oncall\"\n\
                [notifiers.sms.oncall]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\n";
    let worst = |text: &str| planned(text).map(|plan| plan.checks[0].worst_case.unwrap());
    assert_eq!(worst(text).unwrap(), std::time::Duration::from_secs(10 + 10 + 1 + 5));
    let wrong = worst(&text.replace("\"/queue/m\"", "\"/queue/m\"\nattempts = 2")).unwrap_err();
    assert!(wrong.to_string().contains("may take 40s"), "{wrong}");
}

#[test]
fn the_example_shown() {
    insta::assert_snapshot!(loaded(EXAMPLE, &[]).unwrap().show().unwrap());
}

#[test]
fn what_is_shown_reads_back() {
    let shown = loaded(EXAMPLE, &[]).unwrap().show().unwrap();
    assert!(loaded(&shown, &[]).is_ok(), "{shown}");
}

#[test]
fn the_schema_names_every_table() {
    let schema: serde_json::Value = serde_json::from_str(&schema(&Kinds::builtin())).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(properties.len(), 23, "{:?}", properties.keys());
    assert!(schema["$defs"]["Resource"]["properties"]["exclude"].is_object());
    assert!(schema["$defs"]["Service"]["properties"]["expect"].is_object());
    assert!(schema["$defs"]["Notifiers"]["properties"]["sms"].is_object());
    let text = schema.to_string();
    for reference in text.split("\"$ref\":\"#/$defs/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schema["$defs"][name].is_object(), "{name}");
    }
}

/// Every key that the schema knows.
fn keys(schema: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(|inner| inner.as_object()) {
        found.extend(properties.keys().cloned());
    }
    match schema {
        serde_json::Value::Object(map) => map.values().for_each(|inner| keys(inner, found)),
        serde_json::Value::Array(list) => list.iter().for_each(|inner| keys(inner, found)),
        _ => {}
    }
}

#[test]
fn the_reference_names_every_key() {
    let reference = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/CONFIGURATION.md"));
    let schema: serde_json::Value = serde_json::from_str(&schema(&Kinds::builtin())).unwrap();
    let mut found = std::collections::BTreeSet::new();
    keys(&schema, &mut found);
    assert!(found.len() > 60, "{found:?}");
    let absent: Vec<&String> = found
        .iter()
        .filter(|key| {
            let forms = [
                format!("`{key}`"),
                format!("[{key}]"),
                format!("[{key}."),
                format!("{{ {key} = "),
                format!(", {key} = "),
            ];
            !forms.iter().any(|form| reference.contains(form))
        })
        .collect();
    assert!(absent.is_empty(), "not in docs/CONFIGURATION.md: {absent:?}");
}
