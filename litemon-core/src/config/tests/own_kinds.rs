//! Kinds of an embedder.

use std::sync::Arc;

use serde::Deserialize;

use super::*;
use crate::probe::{Recipe, reach::Reach};

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
