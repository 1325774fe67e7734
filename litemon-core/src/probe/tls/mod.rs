//! Certificates: whether a server's is trusted, and for how long it still holds.

mod witness;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::{Probe, Recipe, Site, certificate};
use crate::{
    clock::Clock,
    model::{Failure, FailureKind, Observation, Reading, Route, Status, Timestamp, Zone},
    net,
};
use witness::{Trust, Witness};

const DAY: f64 = 86_400.0;

/// Shakes hands with a TLS server from the monitor. What is wrong with its certificate is critical;
/// so are too few days until its end. The value is the number of days.
#[derive(Clone, Debug)]
pub struct Tls {
    host: String,
    port: u16,
    server_name: Option<String>,
    roots: Option<PathBuf>,
    verify: bool,
    warn: f64,
    critical: f64,
}

impl Tls {
    /// Verified by the system's roots, for the host; 21 days warn, 7 are critical.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        let host = host.into();
        Self { host, port, server_name: None, roots: None, verify: true, warn: 21.0, critical: 7.0 }
    }

    /// The name that is asked for, and that the certificate has to be for.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Trusts the certificates of this PEM file, and no others. It is read when the check runs.
    #[must_use]
    pub fn roots(mut self, path: impl Into<PathBuf>) -> Self {
        self.roots = Some(path.into());
        self
    }

    /// Trusts whatever comes.
    #[must_use]
    pub fn unverified(mut self) -> Self {
        self.verify = false;
        self
    }

    /// With fewer days left it is a warning, or critical.
    #[must_use]
    pub fn days(mut self, warn: f64, critical: f64) -> Self {
        (self.warn, self.critical) = (warn, critical);
        self
    }

    /// Whether there is a name to ask for.
    ///
    /// # Errors
    /// What is expected instead.
    pub fn vet(&self) -> Result<(), &'static str> {
        self.name().map(|_| ()).ok_or("expected a host name or an address")
    }

    fn name(&self) -> Option<ServerName<'static>> {
        let name = self.server_name.as_ref().unwrap_or(&self.host);
        ServerName::try_from(name.clone()).ok()
    }

    fn trust(&self) -> Trust {
        match (&self.roots, self.verify) {
            (_, false) => Trust::Anybody,
            (Some(path), true) => Trust::File(path.clone()),
            (None, true) => Trust::System,
        }
    }

    /// What a certificate that ends then is, judged at `now`.
    fn judge(&self, end: Timestamp, now: Timestamp) -> Observation {
        let zone = Zone::utc();
        let over = now > end;
        let left = if over { now.since(end) } else { end.since(now) };
        let days = left.as_secs_f64() / DAY * if over { -1.0 } else { 1.0 };
        let line = if over {
            format!("expired {} ago, on {}", certificate::words(left), zone.date(end))
        } else {
            format!("expires in {}, on {}", certificate::words(left), zone.date(end))
        };
        let status = match days {
            days if over || days < self.critical => Status::Critical,
            days if days < self.warn => Status::Warning,
            _ => Status::Ok,
        };
        let days = (days * 10.0).floor() / 10.0;
        let reading = Reading { name: "left".to_owned(), value: days, unit: "d".to_owned() };
        Observation::judged(status, [reading], line)
    }
}

impl Recipe for Tls {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(TlsProbe { recipe: self.clone(), clock: Arc::clone(&site.clock) })
    }

    fn route(&self, _: Route) -> Route {
        Route::to_host(&self.host)
    }
}

#[derive(Debug)]
struct TlsProbe {
    recipe: Tls,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Probe for TlsProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let recipe = &self.recipe;
        let name = recipe.name().ok_or_else(|| {
            Failure::new(FailureKind::Internal, "the host is no name that TLS can ask for")
        })?;
        let begun = self.clock.instant();
        let now = self.clock.now();
        let trust = recipe.trust();
        let witness = tokio::task::spawn_blocking(move || Witness::new(trust, now));
        let witness = match witness.await.map_err(|error| Failure::internal(&error))? {
            Ok(witness) => Arc::new(witness),
            // Somebody has to mend that, so it is told.
            Err(line) => return Ok(Observation::judged(Status::Unknown, [], line)),
        };
        let config = config(&witness).map_err(|error| Failure::internal(&error))?;
        let stream = net::connect(&recipe.host, recipe.port, deadline).await?;
        let shaken =
            timeout_at(deadline, TlsConnector::from(Arc::new(config)).connect(name, stream)).await;
        let took = self.clock.instant().saturating_duration_since(begun);
        let end = witness.leaf().as_deref().and_then(certificate::not_after);
        match (shaken, end) {
            (Err(_), _) => Err(net::silent(took)),
            (Ok(_), Some(end)) if now > end => Ok(recipe.judge(end, now)),
            (Ok(Ok(_)), Some(end)) => Ok(recipe.judge(end, now)),
            (Ok(Ok(_)), None) => {
                Err(Failure::new(FailureKind::Protocol, "its certificate cannot be read"))
            }
            (Ok(Err(error)), _) => match witness::verdict(&error) {
                Some(line) => Ok(Observation::judged(Status::Critical, [], line)),
                None => Err(net::from_io(&error, took)),
            },
        }
    }
}

fn config(witness: &Arc<Witness>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let witness = Arc::clone(witness);
    Ok(builder.dangerous().with_custom_certificate_verifier(witness).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_days_are_worse() {
        let tls = Tls::new("h", 443);
        let now = Timestamp::from_millis(1_700_000_000_000);
        let judged = |hours: i64| {
            let end = Timestamp::from_millis(now.as_millis() + hours * 3_600_000);
            match tls.judge(end, now) {
                Observation::Judged { status, readings, detail } => {
                    (status, readings[0].value, detail.unwrap())
                }
                other => panic!("{other:?}"),
            }
        };
        for (hours, status, days, line) in [
            (24 * 90, Status::Ok, 90.0, "expires in 90 days, on 2024-02-12"),
            (24 * 21, Status::Ok, 21.0, "expires in 21 days, on 2023-12-05"),
            (24 * 21 - 1, Status::Warning, 20.9, "expires in 20 days, on 2023-12-05"),
            (24 * 7, Status::Warning, 7.0, "expires in 7 days, on 2023-11-21"),
            (24 * 7 - 1, Status::Critical, 6.9, "expires in 6 days, on 2023-11-21"),
            (25, Status::Critical, 1.0, "expires in 1 day, on 2023-11-15"),
            (5, Status::Critical, 0.2, "expires in 5 h, on 2023-11-15"),
            (-60, Status::Critical, -2.5, "expired 2 days ago, on 2023-11-12"),
        ] {
            assert_eq!(judged(hours), (status, days, line.to_owned()));
        }
    }
}
