use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::reading::Reading;
use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap},
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
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        let host = reading.host(settings.host.as_deref());
        let port = reading.port(settings.port, None);
        let expect = settings.expect.filter(|text| reading.regex("expect", text));
        let tcp = host.zip(port).map(|(host, port)| {
            let tcp = Tcp::new(host, port).sending(settings.send.unwrap_or_default());
            match expect {
                None => Ok(tcp),
                Some(text) => tcp.expecting(&text),
            }
        });
        let tcp =
            tcp.map(|tcp| tcp.map_err(|error| SettingError::new("expect", error.to_string())));
        let tcp = tcp.and_then(|tcp| reading.good(tcp));
        reading.end(tcp)
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
