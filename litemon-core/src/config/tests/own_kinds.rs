//! Kinds of an embedder.

use std::sync::Arc;

use serde::Deserialize;

use super::*;
use crate::{
    model::CheckKind,
    probe::{Probe, Recipe, RunLimit, Site, reach::Reach},
};

#[derive(Debug)]
struct Http;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only read")]
struct HttpSettings {
    url: String,
    port: Option<u16>,
}

impl ProbeKind for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        _: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let settings: HttpSettings = read_settings(settings)?;
        if !settings.url.starts_with("http") {
            return Err(vec![SettingError::new("url", "expected http://HOST")]);
        }
        Ok(Arc::new(Reach::new()))
    }

    fn schema(&self) -> serde_json::Value {
        serde_json::json!({ "type": "object", "properties": { "url": { "type": "string" } } })
    }
}

#[test]
fn stand_in_the_same_file() {
    let kinds = Kinds::builtin().with_probe(Http);
    let text = r#"
        [checks.home]
        kind = "http"
        url = "http://h"
        interval = "1m"
        threshold = 3
        [servers.a]
        address = "local"
        [servers.a.checks.app]
        kind = "http"
        url = "http://a"
        port = 80
    "#;
    let plan = planned_with(text, &[], &kinds).unwrap();
    let ids: Vec<&str> = plan.checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(ids, ["a/app", "checks/home"]);
    assert!(schema(&kinds).contains("\"const\": \"http\""));
}

#[test]
fn their_mistakes_have_places_too() {
    let kinds = Kinds::builtin().with_probe(Http);
    let text = "[checks.a]\nkind = \"http\"\nurl = \"x\"\n[checks.b]\nkind = \"http\"\nurll = \"x\"\n\
                port = \"x\"\nintervall = \"1s\"\n";
    insta::assert_snapshot!(planned_with(text, &[], &kinds).map(|_| ()).unwrap_err());
}

/// A kind that a section of its own belongs to, and whose runs have a limit of their own.
#[derive(Debug)]
struct RoundTrip;

#[derive(Debug)]
struct Trip(RunLimit);

impl Recipe for Trip {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Reach::new().build(site)
    }

    fn run_limit(&self) -> Option<RunLimit> {
        Some(self.0)
    }
}

impl ProbeKind for RoundTrip {
    fn name(&self) -> &'static str {
        "stomp_round_trip"
    }

    fn check_kind(&self) -> CheckKind {
        CheckKind::Messaging
    }

    fn plan(
        &self,
        _: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        Ok(Arc::new(Trip(RunLimit::new("expired", context.timeout().unwrap() * 2))))
    }

    fn schema(&self) -> serde_json::Value {
        serde_json::json!({ "type": "object", "properties": { "zzz": { "type": "string" } } })
    }
}

#[test]
fn a_section_of_one_kind_takes_it_from_the_list() {
    let kinds = Kinds::builtin().with_probe(RoundTrip);
    let text = r#"
        [defaults]
        notify = "oncall"
        [messaging.m]
        attempts = 1
        [messaging.off]
        enabled = false
        [checks.m]
        kind = "stomp_round_trip"
        attempts = 1
        timeout = "6s"
        [notifiers.sms.oncall]
        url = "http://h/"
        recipients = "+628123456789"
    "#;
    let plan = planned_with(text, &[], &kinds).unwrap();
    let told = |check: &CheckPlan| {
        let worst = check.worst_case.unwrap().as_secs();
        (check.id.to_string(), check.kind, check.schedule.timeout.as_secs(), worst)
    };
    assert_eq!(
        plan.checks.iter().map(told).collect::<Vec<_>>(),
        [
            ("messaging/m".to_owned(), CheckKind::Messaging, 10, 10 + 10 + 1 + 5),
            ("checks/m".to_owned(), CheckKind::Messaging, 12, 10 + 12 + 1 + 5),
        ]
    );
    let schema: serde_json::Value = serde_json::from_str(&schema(&kinds)).unwrap();
    assert!(schema["$defs"]["Messaging"]["properties"]["zzz"].is_object());
    assert!(schema["$defs"]["Messaging"]["properties"]["kind"].is_null());
}

#[test]
fn what_needs_another_build_says_so() {
    let text = "[messaging.m]\nurl = \"stomp://h\"\n[stats.s]\n[checks.h]\nkind = \"http\"\n\
                [checks.x]\nkind = \"htp\"\n[notifiers.sms.oncall]\nurl = \"http://h/\"\n";
    insta::assert_snapshot!(planned_with(text, &[], &Kinds::none()).map(|_| ()).unwrap_err());
}

#[test]
fn its_limit_is_named_where_it_is_too_long() {
    let kinds = Kinds::builtin().with_probe(RoundTrip);
    let text = "[messaging.m]\nkind = \"stomp_round_trip\"\nnotify = \"oncall\"\n\
                [notifiers.sms.oncall]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\n";
    insta::assert_snapshot!(planned_with(text, &[], &kinds).map(|_| ()).unwrap_err());
}
