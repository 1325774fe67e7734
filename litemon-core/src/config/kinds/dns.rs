use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use schemars::JsonSchema;
use serde::Deserialize;

use super::regex;
use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap, read_settings_partly},
        schema::settings_schema,
    },
    probe::{
        Recipe,
        dns::{Dns, RecordKind},
    },
};

/// `dns`: what a name stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DnsKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The whole name that is asked for; no search domain is put behind it.
    name: Option<String>,
    /// What is asked of it ("A").
    record: Option<RecordWord>,
    /// The address of the DNS server: IP or IP:PORT (those of /etc/resolv.conf).
    resolver: Option<String>,
    /// A regular expression that one of the answers has to match, or a list of answers that all
    /// have to be there.
    expect: Option<Expect>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum RecordWord {
    A,
    Aaaa,
    Cname,
    Mx,
    Txt,
    Ns,
}

#[derive(Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a regular expression or a list of answers")]
enum Expect {
    Expression(String),
    Answers(Vec<String>),
}

impl ProbeKind for DnsKind {
    fn name(&self) -> &'static str {
        "dns"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        _: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        let dns = settings.name.as_deref().map(|name| {
            Dns::new(name, record(settings.record.unwrap_or(RecordWord::A)))
                .map_err(|error| wrong.push(SettingError::new("name", error.to_string())))
        });
        if dns.is_none() {
            wrong.push(SettingError::missing("name", "a host name, as www.example.com"));
        }
        let resolver = settings.resolver.as_deref().and_then(|text| {
            let found = resolver(text);
            if found.is_none() {
                let expected = "expected an address, with or without a port: 10.0.0.1, [::1]:5353";
                wrong.push(SettingError::new("resolver", expected));
            }
            found
        });
        if let Some(Expect::Expression(text)) = &settings.expect {
            regex("expect", text, &mut wrong);
        }
        let Some(Ok(mut dns)) = dns.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        if let Some(resolver) = resolver {
            dns = dns.resolver(resolver);
        }
        dns = match settings.expect {
            None => dns,
            Some(Expect::Answers(answers)) => dns.expecting_all(answers),
            Some(Expect::Expression(text)) => dns
                .expecting(&text)
                .map_err(|error| vec![SettingError::new("expect", error.to_string())])?,
        };
        Ok(Arc::new(dns))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

fn resolver(text: &str) -> Option<SocketAddr> {
    let bare = |text: &str| text.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 53));
    text.parse().ok().or_else(|| bare(text)).filter(|address| address.port() != 0)
}

const fn record(word: RecordWord) -> RecordKind {
    match word {
        RecordWord::A => RecordKind::A,
        RecordWord::Aaaa => RecordKind::Aaaa,
        RecordWord::Cname => RecordKind::Cname,
        RecordWord::Mx => RecordKind::Mx,
        RecordWord::Txt => RecordKind::Txt,
        RecordWord::Ns => RecordKind::Ns,
    }
}
