//! Which certificates are believed.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use rustls::{
    ClientConfig, RootCertStore,
    client::{Resumption, WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use super::fault::{Fault, one_line_of};

/// More than any bundle of root certificates has.
const ROOTS_LIMIT: u64 = 4 * 1024 * 1024;

/// TLS that believes the machine's root certificates, or those of a PEM file instead. Reads them, so
/// it blocks.
pub(super) fn config(roots: Option<&Path>) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match roots {
        None => machine(&provider)?,
        Some(file) => from_file(file, Arc::clone(&provider))?,
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::internal(one_line_of(&error)))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    // A resumed session would show the certificate of an earlier one.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// The machine's roots take some memory and time to read: all clients that are alive share them, and
/// those that come after a reload read them anew.
fn machine(provider: &Arc<CryptoProvider>) -> Result<Arc<Verifier>, Fault> {
    static SHARED: Mutex<Weak<Verifier>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(verifier) = shared.upgrade() {
        return Ok(verifier);
    }
    let verifier = Verifier::new(Arc::clone(provider));
    let verifier = Arc::new(verifier.map_err(|error| Fault::internal(one_line_of(&error)))?);
    *shared = Arc::downgrade(&verifier);
    Ok(verifier)
}

fn from_file(
    file: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Fault> {
    let wrong =
        |what: String| Fault::internal(format!("root certificates {}: {what}", file.display()));
    let size = std::fs::metadata(file).map_err(|error| wrong(error.to_string()))?.len();
    if size > ROOTS_LIMIT {
        return Err(wrong("more than 4 MiB".to_owned()));
    }
    let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("no root certificate in it".to_owned()));
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| wrong(error.to_string()))
}
