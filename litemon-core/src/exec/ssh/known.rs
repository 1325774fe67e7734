//! What the known_hosts files say about one host. Pure: text in, verdict out.
//!
//! Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".

use hmac::{Hmac, KeyInit, Mac};
use russh::keys::{
    Certificate, HashAlg, PublicKey,
    ssh_key::{
        certificate::CertType,
        known_hosts::{Entry, HostPatterns, Marker},
    },
};
use sha1::Sha1;

/// What stands about one host in all files together.
#[derive(Debug, Default)]
pub(super) struct Trust {
    host: String,
    /// Keys of this host and port.
    keys: Vec<PublicKey>,
    /// Keys of this host on the standard port; they count when there are none for its own port.
    elsewhere: Vec<PublicKey>,
    authorities: Vec<PublicKey>,
    revoked: Vec<PublicKey>,
}

/// What is to be thought of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Trusted,
    /// Nothing is known about the host.
    Unknown,
    /// Other keys are known for the host, or an authority that did not vouch for this one.
    Changed,
    Revoked,
}

impl Trust {
    /// Nothing known yet about a host.
    pub(super) fn new(host: &str) -> Self {
        Self { host: host.to_ascii_lowercase(), ..Self::default() }
    }

    /// Takes in a file. Lines that cannot be read are passed over, as OpenSSH does.
    pub(super) fn read(&mut self, port: u16, text: &str) {
        let plain = self.host.clone();
        let full = if port == 22 { plain.clone() } else { format!("[{plain}]:{port}") };
        for entry in text.lines().filter_map(entry) {
            let here = match matches(entry.host_patterns(), &full) {
                Match::Yes => true,
                Match::No if matches(entry.host_patterns(), &plain) == Match::Yes => false,
                Match::No | Match::Never => continue,
            };
            let key = entry.public_key().clone();
            match (entry.marker(), here) {
                (Some(Marker::Revoked), _) => self.revoked.push(key),
                (Some(Marker::CertAuthority), true) => self.authorities.push(key),
                (None, true) => self.keys.push(key),
                (None, false) => self.elsewhere.push(key),
                (Some(Marker::CertAuthority), false) => {}
            }
        }
    }

    /// The keys known for the host, to ask for their algorithms first.
    pub(super) fn keys(&self) -> &[PublicKey] {
        if self.keys.is_empty() { &self.elsewhere } else { &self.keys }
    }

    /// Whether a bare key is known for this host and port themselves.
    pub(super) fn has_own_key(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether an authority is to vouch for the host.
    pub(super) fn has_authority(&self) -> bool {
        !self.authorities.is_empty()
    }

    /// Judges a bare key.
    pub(super) fn judge(&self, key: &PublicKey) -> Verdict {
        if contains(&self.revoked, key) {
            Verdict::Revoked
        } else if contains(self.keys(), key) {
            Verdict::Trusted
        } else if self.keys.is_empty() && self.authorities.is_empty() {
            Verdict::Unknown
        } else {
            Verdict::Changed
        }
    }

    /// Judges a certificate at a time (seconds since 1970). One without principals is for nobody.
    pub(super) fn judge_certificate(&self, cert: &Certificate, now: u64) -> Verdict {
        let key = PublicKey::from(cert.public_key().clone());
        let authority = PublicKey::from(cert.signature_key().clone());
        if contains(&self.revoked, &key) || contains(&self.revoked, &authority) {
            return Verdict::Revoked;
        }
        let prints: Vec<_> =
            self.authorities.iter().map(|key| key.fingerprint(HashAlg::Sha256)).collect();
        let vouched = cert.cert_type() == CertType::Host
            && cert.critical_options().is_empty()
            && cert
                .valid_principals()
                .iter()
                .any(|name| glob(&name.to_ascii_lowercase(), &self.host))
            && cert.validate_at(now, &prints).is_ok();
        if vouched { Verdict::Trusted } else { self.judge(&key) }
    }
}

fn contains(keys: &[PublicKey], key: &PublicKey) -> bool {
    keys.iter().any(|known| known.key_data() == key.key_data())
}

fn entry(line: &str) -> Option<Entry> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.first()?.starts_with('#') {
        return None;
    }
    words.join(" ").parse().ok()
}

/// How an entry's patterns stand to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    No,
    Yes,
    /// Ruled out in words (`!pattern`), whatever else matches.
    Never,
}

fn matches(patterns: &HostPatterns, name: &str) -> Match {
    match patterns {
        HostPatterns::HashedName { salt, hash } if hashed(salt, name).as_deref() == Some(hash) => {
            Match::Yes
        }
        HostPatterns::HashedName { .. } => Match::No,
        HostPatterns::Patterns(list) => {
            let hit = |pattern: &str| glob(&pattern.to_ascii_lowercase(), name);
            if list.iter().any(|pattern| pattern.strip_prefix('!').is_some_and(hit)) {
                Match::Never
            } else if list.iter().any(|pattern| !pattern.starts_with('!') && hit(pattern)) {
                Match::Yes
            } else {
                Match::No
            }
        }
    }
}

fn hashed(salt: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(salt).ok()?;
    mac.update(name.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

/// `*` is any run of characters, `?` is one; all else is itself.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(&want) if want == b'?' || want == byte => {
                p += 1;
                t += 1;
            }
            _ => match &mut retry {
                Some((after, from)) => {
                    *from += 1;
                    (p, t) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|&byte| byte == b'*')
}

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
