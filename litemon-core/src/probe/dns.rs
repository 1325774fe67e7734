//! Names: what the DNS says that they stand for, and how fast.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::rr::{Name, RecordType},
    system_conf::read_system_conf,
};
use regex::Regex;
use tokio::time::{Instant, timeout_at};

use super::{Probe, Recipe, Site};
use crate::{
    clock::Clock,
    model::{Failure, FailureKind, Observation, Route, one_line},
    net,
};

/// How many answers are looked at.
const ANSWERS: usize = 64;
/// The longest one, in bytes.
const ANSWER: usize = 512;
/// How many questions are asked again.
const AGAIN: u32 = 1;

/// What is asked of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordKind {
    /// Its IPv4 addresses.
    A,
    /// Its IPv6 addresses.
    Aaaa,
    /// The name that it is another name of.
    Cname,
    /// Who takes its mail, as `10 mail.example.com`.
    Mx,
    /// Its texts.
    Txt,
    /// Its name servers.
    Ns,
}

impl RecordKind {
    const fn wire(self) -> RecordType {
        match self {
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Cname => RecordType::CNAME,
            Self::Mx => RecordType::MX,
            Self::Txt => RecordType::TXT,
            Self::Ns => RecordType::NS,
        }
    }
}

/// The text is no name of the DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a host name, as www.example.com")]
pub struct NotAName;

#[derive(Clone, Debug)]
enum Expected {
    Some,
    One(Regex),
    All(Vec<String>),
}

/// Asks for a name, from the monitor. The value is the time that it took, in seconds. No search
/// domain, no hosts file and nothing remembered stands between: each run asks the server.
#[derive(Clone, Debug)]
pub struct Dns {
    name: Name,
    record: RecordKind,
    resolver: Option<SocketAddr>,
    expected: Expected,
}

impl Dns {
    /// Asks the machine's resolvers; any answer will do.
    ///
    /// # Errors
    /// [`NotAName`].
    pub fn new(name: &str, record: RecordKind) -> Result<Self, NotAName> {
        let mut name = Name::from_utf8(name).ok().filter(|n| n.num_labels() > 0).ok_or(NotAName)?;
        name.set_fqdn(true);
        Ok(Self { name, record, resolver: None, expected: Expected::Some })
    }

    /// Asks this server.
    #[must_use]
    pub fn resolver(mut self, address: SocketAddr) -> Self {
        self.resolver = Some(address);
        self
    }

    /// One of the answers has to match.
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn expecting(mut self, expression: &str) -> Result<Self, regex::Error> {
        self.expected = Expected::One(Regex::new(expression)?);
        Ok(self)
    }

    /// All of these have to be among the answers; a dot at the end does not count, nor does case.
    #[must_use]
    pub fn expecting_all(mut self, answers: Vec<String>) -> Self {
        self.expected = Expected::All(answers.iter().map(|text| plain(text)).collect());
        self
    }

    fn judge(&self, answers: &[String]) -> Result<(), Failure> {
        let missing = match &self.expected {
            Expected::Some => None,
            Expected::One(one) if answers.iter().any(|text| one.is_match(text)) => None,
            Expected::One(_) => Some("unexpected answer".to_owned()),
            Expected::All(all) => {
                let there = |text: &String| answers.iter().any(|a| a.eq_ignore_ascii_case(text));
                all.iter().find(|text| !there(text)).map(|text| format!("{text} is missing"))
            }
        };
        missing.map_or(Ok(()), |what| Err(output(format!("{what}: {}", answers.join(", ")))))
    }

    /// One that is used once: it keeps nothing, and ends all it began when it is dropped.
    async fn asker(&self, limit: Duration) -> Result<TokioResolver, Failure> {
        let (config, mut options) = match self.resolver {
            Some(address) => (server(address), ResolverOpts::default()),
            None => tokio::task::spawn_blocking(read_system_conf)
                .await
                .map_err(|error| Failure::internal(&error))?
                .map_err(|error| Failure::internal(&error))?,
        };
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.attempts = usize::try_from(AGAIN).unwrap_or(1);
        options.timeout = limit / (AGAIN + 1);
        let provider = TokioRuntimeProvider::default();
        TokioResolver::builder_with_config(config, provider)
            .with_options(options)
            .build()
            .map_err(|error| Failure::internal(&error))
    }
}

fn server(address: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    let server = NameServerConfig::new(address.ip(), true, connections.into());
    ResolverConfig::from_parts(None, Vec::new(), vec![server])
}

/// An answer as people write it.
fn plain(text: &str) -> String {
    let text = one_line(text, ANSWER);
    text.strip_suffix('.').map_or(text.clone(), ToOwned::to_owned)
}

fn output(line: impl AsRef<str>) -> Failure {
    Failure::new(FailureKind::Output, line)
}

impl Recipe for Dns {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(DnsProbe { recipe: self.clone(), clock: Arc::clone(&site.clock) })
    }

    /// A server on this machine asks others, who may be far away.
    fn route(&self, _: Route) -> Route {
        match &self.resolver {
            Some(server) if !server.ip().is_loopback() => Route::Network,
            _ => Route::Unclear,
        }
    }
}

#[derive(Debug)]
struct DnsProbe {
    recipe: Dns,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Probe for DnsProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let Dns { name, record, .. } = &self.recipe;
        let begun = self.clock.instant();
        let asker = self.recipe.asker(deadline.saturating_duration_since(begun)).await?;
        let asked = timeout_at(deadline, asker.lookup(name.clone(), record.wire())).await;
        let took = self.clock.instant().saturating_duration_since(begun);
        let lookup = match asked {
            Ok(Ok(lookup)) => lookup,
            Ok(Err(error)) => return Err(failure(&error, *record, took)),
            Err(_) => return Err(net::silent(took)),
        };
        let answers: Vec<String> = lookup
            .answers()
            .iter()
            .filter(|answer| answer.record_type() == record.wire())
            .take(ANSWERS)
            .map(|answer| plain(&answer.data.to_string()))
            .collect();
        if answers.is_empty() {
            return Err(none(*record));
        }
        self.recipe.judge(&answers)?;
        let detail = Some(one_line(&answers.join(", "), Failure::MAX_MESSAGE));
        Ok(Observation::Value { value: took.as_secs_f64(), unit: "s".into(), detail })
    }
}

fn none(record: RecordKind) -> Failure {
    output(format!("the name has no {} record", record.wire()))
}

fn failure(error: &NetError, record: RecordKind, took: Duration) -> Failure {
    match error {
        error if error.is_nx_domain() => output("there is no such name"),
        error if error.is_no_records_found() => none(record),
        NetError::Dns(DnsError::ResponseCode(code)) => {
            output(format!("the DNS server answers: {code}"))
        }
        NetError::Timeout | NetError::NoConnections => net::silent(took),
        NetError::Io(error) => net::from_io(error, took),
        other => Failure::new(FailureKind::Protocol, format!("the DNS server: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(dns: &Dns, answers: &[&str]) -> Result<(), String> {
        let answers: Vec<String> = answers.iter().map(|text| plain(text)).collect();
        dns.judge(&answers).map_err(|failure| failure.message)
    }

    #[test]
    fn answers_are_held_against_what_is_expected() {
        let dns = || Dns::new("www.example.com", RecordKind::Mx).unwrap();
        assert_eq!(judged(&dns(), &["x"]), Ok(()));
        let one = dns().expecting("^10 mail").unwrap();
        assert_eq!(judged(&one, &["5 x.", "10 mail.example."]), Ok(()));
        let wrong = Err("unexpected answer: 5 x, 7 y".to_owned());
        assert_eq!(judged(&one, &["5 x.", "7 y."]), wrong);
        let all = dns().expecting_all(vec!["5 X".into(), "7 y.".into()]);
        assert_eq!(judged(&all, &["7 y.", "5 x.", "9 z."]), Ok(()));
        assert_eq!(judged(&all, &["5 x."]), Err("7 y is missing: 5 x".to_owned()));
    }

    #[test]
    fn names() {
        for bad in ["", ".", "a..b", &"x".repeat(70)] {
            assert!(Dns::new(bad, RecordKind::A).is_err(), "{bad}");
        }
        assert!(Dns::new("_dmarc.example.com.", RecordKind::Txt).is_ok());
    }
}
