//! Whether a server is the one it says it is, before any credential is sent.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use russh::{
    client::{DisconnectReason, Handler},
    keys::{Algorithm, HashAlg, PublicKey, PublicKeyOrCertificate},
};

use super::{
    fault::Fault,
    known::{Trust, Verdict},
    look::Look,
};
use crate::{
    clock::Clock,
    exec::{HostKeyPolicy, SshTarget},
    model::{Failure, FailureKind},
};

/// Reads the known_hosts files and the pins, on a thread that may block.
///
/// A file that is not there says nothing; one that cannot be read might have said that the key is
/// revoked, so it is a failure.
pub(super) async fn trust(target: &SshTarget) -> Result<Trust, Failure> {
    let target = target.clone();
    tokio::task::spawn_blocking(move || read_trust(&target))
        .await
        .map_err(|error| Failure::internal(&error))?
}

fn read_trust(target: &SshTarget) -> Result<Trust, Failure> {
    let mut trust = Trust::new(&target.host);
    for path in target.settings.known_hosts.iter().chain(&target.settings.pins) {
        match std::fs::read(path) {
            Ok(bytes) => trust.read(target.port, &String::from_utf8_lossy(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
    Ok(trust)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let line = format!("known hosts file {} cannot be used: {error}", path.display());
    Failure::new(FailureKind::HostKey, line)
}

/// Host key algorithms to ask for: those of known keys first, so that a server with several keys
/// shows one that can be checked. SHA-1 signatures only from a server that has nothing else, if it
/// may have that.
pub(super) fn algorithms(trust: &Trust, legacy: bool) -> Vec<Algorithm> {
    let all: Vec<Algorithm> = russh::Preferred::DEFAULT
        .key
        .iter()
        .filter(|algorithm| !matches!(algorithm, Algorithm::Rsa { hash: None }))
        .chain(legacy.then_some(&Algorithm::Rsa { hash: None }))
        .filter(|algorithm| russh::keys::key::ALL_KEY_TYPES.contains(algorithm))
        .cloned()
        .collect();
    let known = |algorithm: &Algorithm| {
        trust.keys().iter().any(|key| same_type(&key.algorithm(), algorithm))
    };
    let (mut first, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(known);
    first.extend(rest);
    first
}

fn same_type(a: &Algorithm, b: &Algorithm) -> bool {
    a == b || matches!((a, b), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }))
}

/// The SSH library's callbacks: judges the host key and remembers how the connection ended.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) target: SshTarget,
    pub(super) trust: Trust,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) end: End,
    /// Somebody wants to see the key, and nothing else.
    pub(super) look: Option<Look>,
}

/// Why a connection ended, once it has.
#[derive(Clone, Debug, Default)]
pub(super) struct End(Arc<Mutex<Option<Ended>>>);

/// Why a connection ended.
#[derive(Clone, Debug)]
pub(super) enum Ended {
    /// The server said goodbye, with these words.
    Disconnect(String),
    /// The stream failed.
    Failed(io::ErrorKind),
    /// A verdict of ours.
    Ours(Failure),
}

impl End {
    /// How it ended, if it has.
    pub(super) fn get(&self) -> Option<Ended> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, ended: Ended) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
    }
}

impl Handler for Verifier {
    type Error = Fault;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Fault> {
        let verdict = match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => self.trust.judge(key),
            PublicKeyOrCertificate::Certificate(cert) => {
                let now = u64::try_from(self.clock.now().as_millis() / 1000).unwrap_or(0);
                self.trust.judge_certificate(cert, now)
            }
        };
        let key = shown.public_key();
        if let Some(look) = &self.look {
            look.saw(&key, verdict);
            return Ok(false);
        }
        let settings = &self.target.settings;
        let verdict = match (verdict, settings.host_key_policy, &settings.pins) {
            (Verdict::Unknown, HostKeyPolicy::AcceptNew, Some(path)) => {
                let (path, target, key) = (path.clone(), self.target.clone(), key.clone());
                tokio::task::spawn_blocking(move || pin(&path, &target, &key))
                    .await
                    .map_err(|error| Fault::Ours(Failure::internal(&error)))?
                    .map_err(|error| self.refuse_pin(&error))?
            }
            (verdict, ..) => verdict,
        };
        refusal(verdict, &key).map_or(Ok(true), |failure| Err(Fault::Ours(failure)))
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Fault>) -> Result<(), Fault> {
        self.end.set(match reason {
            DisconnectReason::ReceivedDisconnect(info) => Ended::Disconnect(info.message),
            DisconnectReason::Error(Fault::Library(russh::Error::IO(error))) => {
                Ended::Failed(error.kind())
            }
            DisconnectReason::Error(Fault::Ours(failure)) => Ended::Ours(failure),
            DisconnectReason::Error(_) => Ended::Failed(io::ErrorKind::UnexpectedEof),
        });
        Ok(())
    }
}

impl Verifier {
    fn refuse_pin(&self, error: &io::Error) -> Fault {
        let path = self.target.settings.pins.as_deref().unwrap_or_else(|| Path::new(""));
        Fault::Ours(unreadable(path, error))
    }
}

fn refusal(verdict: Verdict, key: &PublicKey) -> Option<Failure> {
    let what = match verdict {
        Verdict::Trusted => return None,
        Verdict::Unknown => "not known",
        Verdict::Changed => "changed",
        Verdict::Revoked => "revoked",
    };
    let print = key.fingerprint(HashAlg::Sha256);
    Some(Failure::new(FailureKind::HostKey, format!("host key {what} ({print})")))
}

/// Writes down the first key seen of a host, unless somebody was faster: then what they wrote
/// counts. The file is locked meanwhile and only ever grows by whole lines.
fn pin(path: &Path, target: &SshTarget, key: &PublicKey) -> io::Result<Verdict> {
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    file.lock()?;
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let mut pins = Trust::new(&target.host);
    pins.read(target.port, &text);
    match pins.judge(key) {
        Verdict::Unknown => write_pin(&mut file, &text, target, key).map(|()| Verdict::Trusted),
        verdict => Ok(verdict),
    }
}

/// Writes down the key of a host in the place of all that stands there about it.
pub(super) fn repin(path: &Path, target: &SshTarget, key: &PublicKey) -> io::Result<()> {
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    file.lock()?;
    let text = std::fs::read(path)?;
    let text = String::from_utf8_lossy(&text);
    let says_of_host = |line: &str| {
        let mut trust = Trust::new(&target.host);
        trust.read(target.port, line);
        trust.has_own_key()
    };
    let kept: String =
        text.lines().filter(|line| !says_of_host(line)).flat_map(|line| [line, "\n"]).collect();
    let draft = path.with_extension(std::process::id().to_string());
    let _ = std::fs::remove_file(&draft);
    let mut new = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&draft)?;
    new.write_all(kept.as_bytes())?;
    write_pin(&mut new, &kept, target, key)?;
    std::fs::rename(&draft, path)
}

fn write_pin(file: &mut File, text: &str, target: &SshTarget, key: &PublicKey) -> io::Result<()> {
    let host = target.host.to_ascii_lowercase();
    let name = if target.port == 22 { host } else { format!("[{host}]:{}", target.port) };
    let key = PublicKey::from(key.key_data().clone()).to_openssh().map_err(io::Error::other)?;
    let start = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    file.write_all(format!("{start}{name} {}\n", key.trim_end()).as_bytes())?;
    file.sync_data()
}
