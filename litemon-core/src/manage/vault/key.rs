//! One key, and the text that it makes of a secret: `v1.KEY.BASE64`, where the last part is the
//! nonce and what was encrypted.

use std::{fmt, sync::Arc};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rand::RngExt;
use sha2::{Digest, Sha256};

use crate::secret::Secret;

const VERSION: &str = "v1";
const NONCE: usize = 24;
const KEY: usize = 32;

/// A key of 256 bits. Its name is made of its hash, so a line of random bytes is all that is kept.
#[derive(Clone)]
pub(super) struct Key {
    id: Arc<str>,
    text: Secret,
    cipher: Arc<XChaCha20Poly1305>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Key {
    pub(super) fn generate() -> Self {
        let bytes: [u8; KEY] = rand::rng().random();
        Self::of(&bytes, Secret::new(BASE64_STANDARD.encode(bytes)))
    }

    /// The key of a line: 32 bytes in base64, as `openssl rand -base64 32` prints them.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(line).ok()?;
        let bytes: [u8; KEY] = bytes.try_into().ok()?;
        Some(Self::of(&bytes, Secret::new(line.to_owned())))
    }

    fn of(bytes: &[u8; KEY], text: Secret) -> Self {
        let hash = Sha256::new().chain_update(b"litemon key name\0").chain_update(bytes).finalize();
        let id = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>();
        let cipher = Arc::new(XChaCha20Poly1305::new(bytes.into()));
        Self { id: id.into(), text, cipher }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// As a line of the file.
    pub(super) fn line(&self) -> &str {
        self.text.expose()
    }

    pub(super) fn seal(&self, context: &str, secret: &Secret) -> Option<String> {
        let nonce: [u8; NONCE] = rand::rng().random();
        let payload = Payload { msg: secret.expose().as_bytes(), aad: context.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        let body = BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat());
        Some(format!("{VERSION}.{}.{body}", self.id))
    }

    pub(super) fn open(&self, context: &str, sealed: &str) -> Option<Secret> {
        let body = sealed.rsplit_once('.')?.1;
        let body = BASE64_URL_SAFE_NO_PAD.decode(body).ok()?;
        let (nonce, sealed) = body.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(plain).ok().map(Secret::new)
    }
}

/// The name of the key that sealed a text.
pub(super) fn id_of(sealed: &str) -> Option<&str> {
    let mut parts = sealed.split('.');
    let (version, id, body) = (parts.next()?, parts.next()?, parts.next()?);
    (version == VERSION && !body.is_empty() && parts.next().is_none()).then_some(id)
}
