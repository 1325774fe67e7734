//! What sessions and API tokens are proved with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::secret::Secret;

/// Longer ones were not made here.
const LONGEST: usize = 128;

/// A new one, of 256 random bits, behind a word that tells people and scanners what it is.
pub(super) fn random(prefix: &str) -> Secret {
    let bits: [u8; 32] = rand::random();
    Secret::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bits)))
}

/// What is kept of it: its SHA-256. It is too long to be guessed, so it needs no salt, and looking
/// the hash up need not take the same time for each. `None` for what was never made here.
pub(super) fn hash(text: &str) -> Option<String> {
    (text.len() <= LONGEST).then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

/// What the forms of a session carry: made of the session's token, which no page can read.
pub(super) fn csrf(token: &str) -> String {
    let digest = Sha256::new().chain_update("litemon csrf\0").chain_update(token);
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_one_tells_another() {
        let token = random("litemon_");
        assert_eq!(token.expose().len(), 8 + 43);
        let (hash, csrf) = (hash(token.expose()).unwrap(), csrf(token.expose()));
        assert_ne!(hash, csrf);
        assert!(!token.expose().contains(&csrf));
        assert_ne!(super::hash(random("").expose()).unwrap(), hash);
        assert_eq!(super::hash(&"x".repeat(129)), None);
    }
}
