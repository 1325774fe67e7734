//! What a server shows of itself before anybody logs in.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use russh::keys::{HashAlg, PublicKey};
use tokio::time::Instant;

use super::{
    hostkey,
    known::Verdict,
    session::{Common, Session},
};
use crate::{
    clock::Clock,
    exec::SshTarget,
    model::{Failure, FailureKind},
};

/// What is known of a host key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyTrust {
    /// The known_hosts files, litemon's pins or an authority vouch for it.
    Trusted,
    /// Nothing is known about the host.
    Unknown,
    /// Another key is known for the host.
    Changed,
    /// The known_hosts files say that it is never to be trusted.
    Revoked,
}

impl fmt::Display for KeyTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Trusted => "trusted",
            Self::Unknown => "unknown",
            Self::Changed => "changed",
            Self::Revoked => "revoked",
        })
    }
}

/// The key a server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostKey {
    /// As `ssh-ed25519`.
    pub algorithm: String,
    /// As OpenSSH prints it: `SHA256:…`.
    pub fingerprint: String,
    /// What is known of it.
    pub trust: KeyTrust,
    key: PublicKey,
}

/// Where the verifier puts the key it was shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Look(Arc<Mutex<Option<HostKey>>>);

impl Look {
    pub(super) fn saw(&self, key: &PublicKey, verdict: Verdict) {
        let trust = match verdict {
            Verdict::Trusted => KeyTrust::Trusted,
            Verdict::Unknown => KeyTrust::Unknown,
            Verdict::Changed => KeyTrust::Changed,
            Verdict::Revoked => KeyTrust::Revoked,
        };
        let seen = HostKey {
            algorithm: key.algorithm().as_str().to_owned(),
            fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
            trust,
            key: key.clone(),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    fn take(&self) -> Option<HostKey> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Asks a server for its host key. Nothing is sent to it but the beginning of a handshake; a jump
/// host is logged in to as always.
///
/// Cancel safety: dropping the future closes what was opened.
///
/// # Errors
/// The [`Failure`] that kept it from being seen: unreachable, silent, not SSH, or that of the jump
/// host.
pub async fn host_key(
    target: &SshTarget,
    clock: Arc<dyn Clock>,
    deadline: Instant,
) -> Result<HostKey, Failure> {
    let look = Look::default();
    let common = Common::new(target.clone(), clock);
    let failure = Session::look(&common, &look, deadline).await;
    look.take().ok_or(failure)
}

/// Trusts the key with this fingerprint from now on: it is written to the target's pins, in the
/// place of what stands there about the host. The server is asked for its key again, so that what is
/// pinned is what was confirmed.
///
/// # Errors
/// [`FailureKind::HostKey`] when the server shows another key, the key is revoked, the known_hosts
/// files know another one, or the pins cannot be written; otherwise as [`host_key`].
pub async fn pin_host_key(
    target: &SshTarget,
    fingerprint: &str,
    clock: Arc<dyn Clock>,
    deadline: Instant,
) -> Result<HostKey, Failure> {
    let refused = |line: String| Err(Failure::new(FailureKind::HostKey, line));
    let shown = host_key(target, Arc::clone(&clock), deadline).await?;
    if shown.fingerprint != fingerprint {
        return refused(format!("the server shows another host key: {}", shown.fingerprint));
    }
    match shown.trust {
        KeyTrust::Trusted => return Ok(shown),
        KeyTrust::Revoked => {
            return refused(format!("host key revoked ({fingerprint})"));
        }
        KeyTrust::Unknown | KeyTrust::Changed => {}
    }
    let Some(path) = target.settings.pins.clone() else {
        return refused("there is no file to pin host keys in".to_owned());
    };
    let (of, key) = (target.clone(), shown.key.clone());
    tokio::task::spawn_blocking(move || hostkey::repin(&path, &of, &key))
        .await
        .map_err(|error| Failure::internal(&error))?
        .map_err(|error| {
            Failure::new(FailureKind::HostKey, format!("the host key cannot be pinned: {error}"))
        })?;
    let trust = hostkey::trust(target).await?;
    match trust.judge(&shown.key) {
        Verdict::Trusted => Ok(HostKey { trust: KeyTrust::Trusted, ..shown }),
        _ => refused("the known_hosts files know another key of this host; remove it there".into()),
    }
}
