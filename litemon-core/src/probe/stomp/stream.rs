//! From settings to a stream: TCP, and TLS over it.

use std::{fmt, io, net::IpAddr, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::OnceCell,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;

use super::{StompSettings, StompTls};
use crate::{
    model::{Failure, FailureKind},
    net,
};

/// Either sort of stream.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Connects to one broker again and again.
pub(super) struct Dialer {
    settings: Arc<StompSettings>,
    /// Made at the first connection and kept: this machine's roots are many.
    tls: OnceCell<TlsConnector>,
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Dialer {
    pub(super) fn new(settings: Arc<StompSettings>) -> Self {
        Self { settings, tls: OnceCell::new() }
    }

    pub(super) fn settings(&self) -> &Arc<StompSettings> {
        &self.settings
    }

    /// A connection that is ready to be spoken over.
    pub(super) async fn connect(&self, deadline: Instant) -> Result<Box<dyn Stream>, Failure> {
        let begun = Instant::now();
        let StompSettings { host, port, tls, .. } = &*self.settings;
        let tcp = net::connect(host, *port, deadline).await?;
        if *tls == StompTls::Off {
            return Ok(Box::new(tcp));
        }
        let connector = self.tls.get_or_try_init(|| connector(tls)).await?;
        let name = server_name(host)?;
        match timeout_at(deadline, connector.connect(name, tcp)).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(error)) => Err(handshake(&error, begun)),
            Err(_) => Err(net::silent(begun.elapsed())),
        }
    }
}

fn handshake(error: &io::Error, begun: Instant) -> Failure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(error) => Failure::new(FailureKind::Protocol, format!("TLS: {error}")),
        None => net::from_io(error, begun.elapsed()),
    }
}

fn server_name(host: &str) -> Result<ServerName<'static>, Failure> {
    match host.parse::<IpAddr>() {
        Ok(ip) => Ok(ServerName::from(ip)),
        Err(_) => ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::new(FailureKind::NotResolved, "no name that a certificate has")),
    }
}

async fn connector(tls: &StompTls) -> Result<TlsConnector, Failure> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::internal(&error))?;
    let builder = match tls {
        StompTls::Roots(path) => builder.with_root_certificates(roots(path).await?),
        _ => builder.with_platform_verifier().map_err(|error| Failure::internal(&error))?,
    };
    Ok(TlsConnector::from(Arc::new(builder.with_no_client_auth())))
}

async fn roots(path: &Path) -> Result<RootCertStore, Failure> {
    let unusable = |why: &dyn fmt::Display| {
        Failure::new(FailureKind::Internal, format!("tls_roots {}: {why}", path.display()))
    };
    let pem = tokio::fs::read(path).await.map_err(|error| unusable(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() { Err(unusable(&"holds no certificate")) } else { Ok(roots) }
}
