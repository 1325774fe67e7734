//! The certificate that is shown, from files that may be replaced at any time.

use std::{
    fmt, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// More than any chain of certificates has.
const MOST: u64 = 1024 * 1024;

/// A certificate to serve with, read again when its files change. What cannot be read is logged, and
/// the one before stays.
#[derive(Debug)]
pub struct Tls {
    files: Files,
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
}

/// Why there is no certificate to serve with.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct TlsError {
    /// The file that it is about.
    pub path: PathBuf,
    cause: String,
}

#[derive(Clone, Debug)]
struct Files {
    cert: PathBuf,
    key: PathBuf,
}

/// What tells one state of a file from another.
type Mark = Option<(u64, u64, i64, i64)>;

struct Shown(RwLock<Arc<CertifiedKey>>);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Reads the certificate chain and its private key, both PEM. It blocks for a moment.
    ///
    /// # Errors
    /// [`TlsError`] when a file cannot be read or others can read the key, when it is not PEM, or
    /// when the two do not belong together.
    pub fn from_files(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files { cert: cert.to_owned(), key: key.to_owned() };
        let shown = Arc::new(Shown(RwLock::new(files.read()?)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(cert, error))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { files, shown, config: Arc::new(config) })
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Reads the files again whenever they change. It never ends by itself.
    pub(crate) async fn follow(&self) {
        let mut known = self.files.marks();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let files = self.files.clone();
            let before = known;
            let look = move || {
                let now = files.marks();
                (now, (now != before).then(|| files.read()))
            };
            let Ok((now, read)) = tokio::task::spawn_blocking(look).await else { continue };
            match read {
                None => {}
                Some(Ok(fresh)) => {
                    *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                    tracing::info!("the certificate is read again");
                }
                // One file may be there before the other: what is wrong now may be right then.
                Some(Err(error)) => tracing::warn!("the certificate stays as it was: {error}"),
            }
            known = now;
        }
    }
}

impl Files {
    fn marks(&self) -> (Mark, Mark) {
        let mark = |path: &Path| {
            let found = std::fs::metadata(path).ok()?;
            Some((found.ino(), found.len(), found.mtime(), found.mtime_nsec()))
        };
        (mark(&self.cert), mark(&self.key))
    }

    fn read(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&text(&self.cert)?)
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&self.cert, error))?;
        if chain.is_empty() {
            return Err(wrong(&self.cert, "no certificate is in it (PEM is expected)"));
        }
        let mode = std::fs::metadata(&self.key).map_err(|error| wrong(&self.key, error))?;
        if mode.permissions().mode() & 0o007 != 0 {
            return Err(wrong(&self.key, "everybody can read this key: run `chmod o=` on it"));
        }
        let key = PrivateKeyDer::from_pem_slice(&text(&self.key)?)
            .map_err(|_| wrong(&self.key, "no private key is in it (PEM is expected)"))?;
        let both = CertifiedKey::from_der(chain, key, &ring::default_provider());
        both.map(Arc::new).map_err(|error| wrong(&self.key, error))
    }
}

fn text(path: &Path) -> Result<Vec<u8>, TlsError> {
    let read = || -> io::Result<Vec<u8>> {
        if std::fs::metadata(path)?.len() > MOST {
            return Err(io::Error::other("more than 1 MiB"));
        }
        std::fs::read(path)
    };
    read().map_err(|error| wrong(path, error))
}

fn wrong(path: &Path, cause: impl fmt::Display) -> TlsError {
    TlsError { path: path.to_owned(), cause: cause.to_string() }
}
