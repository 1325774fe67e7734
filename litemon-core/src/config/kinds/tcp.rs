use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{host, port, regex};
use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap, read_settings_partly},
        schema::settings_schema,
    },
    probe::{Recipe, tcp::Tcp},
};

/// `tcp`: a port that takes connections, and what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TcpKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Name or address (the server's).
    host: Option<String>,
    /// The port.
    port: Option<u32>,
    /// Text that is sent once connected.
    send: Option<String>,
    /// A regular expression that what comes back has to match.
    expect: Option<String>,
}

impl ProbeKind for TcpKind {
    fn name(&self) -> &'static str {
        "tcp"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        let host = host(settings.host.as_deref(), context, &mut wrong);
        if settings.port.is_none() {
            wrong.push(SettingError::missing("port", "a port, 1 to 65535"));
        }
        let port = settings.port.and_then(|number| port(number, &mut wrong));
        if let Some(text) = &settings.expect {
            regex("expect", text, &mut wrong);
        }
        let (Some(host), Some(port), true) = (host, port, wrong.is_empty()) else {
            return Err(wrong);
        };
        let tcp = Tcp::new(host, port).sending(settings.send.unwrap_or_default());
        match settings.expect {
            None => Ok(Arc::new(tcp)),
            Some(text) => tcp
                .expecting(&text)
                .map(|tcp| Arc::new(tcp) as Arc<dyn Recipe>)
                .map_err(|error| vec![SettingError::new("expect", error.to_string())]),
        }
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
