use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use crate::model::Timestamp;

/// Whose signatures count.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// The system's roots.
    System,
    /// The roots of a PEM file.
    File(PathBuf),
    /// Whoever signed.
    Anybody,
}

/// Verifies a server's certificate, and keeps it, so that its end is known also where it is refused.
#[derive(Debug)]
pub(super) struct Witness {
    provider: Arc<CryptoProvider>,
    /// `None` trusts whatever comes.
    inner: Option<Arc<dyn ServerCertVerifier>>,
    now: UnixTime,
    leaf: Mutex<Option<Vec<u8>>>,
}

impl Witness {
    /// Reads the roots, which takes a while.
    ///
    /// # Errors
    /// One line that says why there are none.
    pub(super) fn new(trust: Trust, now: Timestamp) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let inner: Option<Arc<dyn ServerCertVerifier>> = match trust {
            Trust::Anybody => None,
            Trust::System => {
                let verifier = Verifier::new(Arc::clone(&provider));
                Some(Arc::new(verifier.map_err(|error| format!("the system's roots: {error}"))?))
            }
            Trust::File(path) => {
                let verifier = WebPkiServerVerifier::builder_with_provider(
                    Arc::new(roots(&path)?),
                    Arc::clone(&provider),
                );
                let wrong =
                    |error| format!("the roots in {} do not serve: {error}", path.display());
                Some(verifier.build().map_err(wrong)?)
            }
        };
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let now = UnixTime::since_unix_epoch(Duration::from_millis(millis));
        Ok(Self { provider, inner, now, leaf: Mutex::new(None) })
    }

    /// The certificate that was shown.
    pub(super) fn leaf(&self) -> Option<Vec<u8>> {
        self.leaf.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn roots(path: &Path) -> Result<RootCertStore, String> {
    let wrong = |what: String| format!("the roots in {} {what}", path.display());
    let mut store = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let (good, _) = store.add_parsable_certificates(certificates);
    if good == 0 { Err(wrong("are none".to_owned())) } else { Ok(store) }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.leaf.lock().unwrap_or_else(PoisonError::into_inner) = Some(end_entity.to_vec());
        match &self.inner {
            None => Ok(ServerCertVerified::assertion()),
            Some(inner) => inner.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                self.now,
            ),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What is wrong with a certificate, if that is why a handshake failed.
pub(super) fn verdict(error: &io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    let Error::InvalidCertificate(wrong) = error else { return None };
    Some(match wrong {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "a certificate of its chain has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet".to_owned()
        }
        CertificateError::UnknownIssuer => {
            "the certificate is signed by nobody who is trusted here".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another name".to_owned()
        }
        CertificateError::Revoked => "the certificate is revoked".to_owned(),
        other => format!("the certificate is refused: {other}"),
    })
}
