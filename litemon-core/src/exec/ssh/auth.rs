//! Logging in: keys with their certificates, the agent, then the password.

use std::{
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use russh::{
    client::{AuthResult, Handle, KeyboardInteractiveAuthResponse},
    keys::{
        Algorithm, Certificate, HashAlg, PrivateKey, PrivateKeyWithHashAlg,
        agent::{AgentIdentity, client::AgentClient},
    },
};

use super::hostkey::Verifier;
use crate::{
    exec::SshSettings,
    model::{Failure, FailureKind},
    secret::Secret,
};

/// Keys tried in one login; OpenSSH hangs up at the sixth failure (MaxAuthTries).
const MAX_AGENT_KEYS: usize = 5;

/// Private keys that were read and, if need be, decrypted; kept, since decrypting is made slow on
/// purpose. A changed file is read again.
#[derive(Debug, Default)]
pub(super) struct Keyring(Mutex<Vec<(PathBuf, Option<SystemTime>, Identity)>>);

/// A private key and its certificate, if one lies beside it.
#[derive(Clone, Debug)]
struct Identity {
    key: Arc<PrivateKey>,
    certificate: Option<Certificate>,
}

/// Logs in, or says why that is not possible.
pub(super) async fn log_in(
    handle: &mut Handle<Verifier>,
    settings: &SshSettings,
    ring: &Arc<Keyring>,
) -> Result<(), Failure> {
    let mut login = Login { handle, settings, trouble: None, tried: false };
    if login.by_files(ring).await?
        || login.by_stored().await?
        || login.by_agent().await?
        || login.by_password().await?
    {
        return Ok(());
    }
    Err(login.refused())
}

struct Login<'a> {
    handle: &'a mut Handle<Verifier>,
    settings: &'a SshSettings,
    /// The first thing that kept a credential from being used.
    trouble: Option<String>,
    /// Whether the server was shown any credential.
    tried: bool,
}

impl Login<'_> {
    fn refused(self) -> Failure {
        let line = match (self.tried, self.trouble) {
            (true, None) => "login refused".to_owned(),
            (true, Some(trouble)) => format!("login refused ({trouble})"),
            (false, Some(trouble)) => format!("no login possible: {trouble}"),
            (false, None) => "no login possible: no key, agent or password".to_owned(),
        };
        Failure::new(FailureKind::Auth, line)
    }

    fn note(&mut self, trouble: String) {
        self.trouble.get_or_insert(trouble);
    }

    async fn by_files(&mut self, ring: &Arc<Keyring>) -> Result<bool, Failure> {
        let settings = self.settings;
        // Keys at the usual places are looked for; those that were named have to be there.
        let skip = settings.skip_missing_identities;
        let named = settings.identities.iter().map(|path| (path, skip));
        for (path, optional) in named.chain(settings.own_identity.iter().map(|path| (path, true))) {
            if optional && matches!(tokio::fs::try_exists(path).await, Ok(false)) {
                continue;
            }
            match ring.load(path, self.settings.passphrase.as_ref()).await {
                Ok(identity) => {
                    if self.by_key(identity).await? {
                        return Ok(true);
                    }
                }
                Err(trouble) => self.note(format!("{}: {trouble}", path.display())),
            }
        }
        Ok(false)
    }

    /// Keys that stand in no file.
    async fn by_stored(&mut self) -> Result<bool, Failure> {
        let settings = self.settings;
        for text in &settings.keys {
            let (text, passphrase) = (text.clone(), settings.passphrase.clone());
            let read = move || decode_key(text.expose(), passphrase.as_ref());
            match tokio::task::spawn_blocking(read).await {
                Ok(Ok(key)) => {
                    if self.by_key(Identity { key: Arc::new(key), certificate: None }).await? {
                        return Ok(true);
                    }
                }
                Ok(Err(trouble)) => self.note(format!("the stored key: {trouble}")),
                Err(error) => return Err(Failure::internal(&error)),
            }
        }
        Ok(false)
    }

    async fn by_key(&mut self, identity: Identity) -> Result<bool, Failure> {
        let user = &self.settings.user;
        self.tried = true;
        if let Some(certificate) = identity.certificate {
            let key = identity.key.clone();
            let result = self.handle.authenticate_openssh_cert(user, key, certificate).await;
            if accepted(self.handle, result)? {
                return Ok(true);
            }
        }
        let hash = self.rsa_hash(&identity.key.algorithm()).await;
        let key = PrivateKeyWithHashAlg::new(identity.key, hash);
        let result = self.handle.authenticate_publickey(user, key).await;
        accepted(self.handle, result)
    }

    /// SHA-512 unless the server asks for SHA-256; SHA-1 only for one that may have that and knows
    /// neither.
    async fn rsa_hash(&self, algorithm: &Algorithm) -> Option<HashAlg> {
        if !matches!(algorithm, Algorithm::Rsa { .. }) {
            return None;
        }
        let best = self.handle.best_supported_rsa_hash().await.ok().flatten().flatten();
        if best.is_none() && self.settings.legacy {
            return None;
        }
        Some(best.unwrap_or(HashAlg::Sha512))
    }

    async fn by_agent(&mut self) -> Result<bool, Failure> {
        let Some(socket) = &self.settings.agent else { return Ok(false) };
        let mut agent = match AgentClient::connect_uds(socket).await {
            Ok(agent) => agent,
            Err(error) => {
                self.note(format!("agent: {error}"));
                return Ok(false);
            }
        };
        let identities = match agent.request_identities().await {
            Ok(identities) => identities,
            Err(error) => {
                self.note(format!("agent: {error}"));
                return Ok(false);
            }
        };
        for identity in identities.into_iter().take(MAX_AGENT_KEYS) {
            self.tried = true;
            let user = &self.settings.user;
            let hash = match &identity {
                AgentIdentity::PublicKey { key, .. } => self.rsa_hash(&key.algorithm()).await,
                AgentIdentity::Certificate { .. } => None,
            };
            let result = match identity {
                AgentIdentity::PublicKey { key, .. } => {
                    self.handle.authenticate_publickey_with(user, key, hash, &mut agent).await
                }
                AgentIdentity::Certificate { certificate, .. } => {
                    let agent = &mut agent;
                    self.handle.authenticate_certificate_with(user, certificate, hash, agent).await
                }
            };
            match result {
                Ok(result) => {
                    if accepted(self.handle, Ok(result))? {
                        return Ok(true);
                    }
                }
                Err(error) => self.note(format!("agent: {error}")),
            }
        }
        Ok(false)
    }

    async fn by_password(&mut self) -> Result<bool, Failure> {
        let Some(password) = &self.settings.password else { return Ok(false) };
        self.tried = true;
        let user = &self.settings.user;
        let result = self.handle.authenticate_password(user, password.expose()).await;
        if accepted(self.handle, result)? {
            return Ok(true);
        }
        self.by_questions(password).await
    }

    /// Servers that ask for the password as a question: it answers each hidden one.
    async fn by_questions(&mut self, password: &Secret) -> Result<bool, Failure> {
        let user = &self.settings.user;
        let start = self.handle.authenticate_keyboard_interactive_start(user, None).await;
        let mut reply = start.map_err(|error| lost(&error))?;
        // One round asks, one may tell; more than that is no password login.
        for _ in 0..3 {
            let prompts = match reply {
                KeyboardInteractiveAuthResponse::Success => return Ok(true),
                KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
            };
            let answer = |echo| if echo { String::new() } else { password.expose().to_owned() };
            let answers = prompts.iter().map(|prompt| answer(prompt.echo)).collect();
            let next = self.handle.authenticate_keyboard_interactive_respond(answers).await;
            reply = next.map_err(|error| lost(&error))?;
        }
        Ok(false)
    }
}

/// A closed connection is an error and not a refusal: why it closed is known to the caller.
fn accepted(
    handle: &Handle<Verifier>,
    result: Result<AuthResult, russh::Error>,
) -> Result<bool, Failure> {
    match result.map_err(|error| lost(&error))? {
        AuthResult::Success => Ok(true),
        AuthResult::Failure { .. } if handle.is_closed() => Err(super::fault::dropped()),
        AuthResult::Failure { .. } => Ok(false),
    }
}

fn lost(error: &russh::Error) -> Failure {
    super::fault::from_library(error, b"SSH", std::time::Duration::ZERO)
}

impl Keyring {
    async fn load(
        self: &Arc<Self>,
        path: &Path,
        passphrase: Option<&Secret>,
    ) -> Result<Identity, String> {
        let (ring, path, passphrase) = (self.clone(), path.to_owned(), passphrase.cloned());
        tokio::task::spawn_blocking(move || ring.load_here(&path, passphrase.as_ref()))
            .await
            .map_err(|error| error.to_string())?
    }

    fn load_here(&self, path: &Path, passphrase: Option<&Secret>) -> Result<Identity, String> {
        let beside = certificate_path(path);
        let modified = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
        let stamp = modified(path).max(modified(&beside));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., identity)) = kept.iter().find(|(p, at, _)| p == path && *at == stamp) {
            return Ok(identity.clone());
        }
        let identity = Identity {
            key: Arc::new(read_key(path, passphrase)?),
            certificate: read_certificate(&beside)?,
        };
        kept.retain(|(p, ..)| p != path);
        kept.push((path.to_owned(), stamp, identity.clone()));
        Ok(identity)
    }
}

fn certificate_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-cert.pub");
    name.into()
}

pub(super) fn read_key(path: &Path, passphrase: Option<&Secret>) -> Result<PrivateKey, String> {
    let mode = std::fs::metadata(path).map_err(|error| error.to_string())?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err("readable by others (chmod 600)".to_owned());
    }
    match russh::keys::load_secret_key(path, None) {
        Err(russh::keys::Error::KeyIsEncrypted) => {
            let passphrase = passphrase.ok_or("encrypted, and there is no passphrase")?;
            russh::keys::load_secret_key(path, Some(passphrase.expose()))
                .map_err(|_| "wrong passphrase".to_owned())
        }
        other => other.map_err(|error| error.to_string()),
    }
}

/// A private key as text; the library's own words could repeat parts of it.
pub(super) fn decode_key(text: &str, passphrase: Option<&Secret>) -> Result<PrivateKey, String> {
    match russh::keys::decode_secret_key(text, None) {
        Err(russh::keys::Error::KeyIsEncrypted) => {
            let passphrase = passphrase.ok_or("encrypted, and there is no passphrase")?;
            russh::keys::decode_secret_key(text, Some(passphrase.expose()))
                .map_err(|_| "wrong passphrase".to_owned())
        }
        other => other.map_err(|_| "not a private key in a known format".to_owned()),
    }
}

fn read_certificate(path: &Path) -> Result<Option<Certificate>, String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("certificate: {error}")),
        Ok(text) => Certificate::from_openssh(text.trim())
            .map(Some)
            .map_err(|error| format!("certificate: {error}")),
    }
}
