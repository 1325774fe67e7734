use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::secret::Secret;

/// The fewest characters of a token: 128 bits as litemon writes them.
const SHORTEST: usize = 22;
const LONGEST: usize = 128;

/// What a caller proves himself with. It is shown once, when it is made; kept is its hash.
#[derive(Clone, Debug)]
pub struct Token(Secret);

/// A text cannot be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected {SHORTEST} to {LONGEST} letters, digits, - or _, as `litemon push token` makes them"
)]
pub struct TokenError;

impl Token {
    /// A new one, of 128 random bits.
    #[must_use]
    pub fn random() -> Self {
        let bits: [u8; 16] = rand::random();
        Self(Secret::new(URL_SAFE_NO_PAD.encode(bits)))
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`TokenError`] when it is too short to be safe, or does not fit into a URL.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let fits = (SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(good);
        fits.then(|| Self(Secret::new(text.to_owned()))).ok_or(TokenError)
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.expose()).into())
    }

    /// The text itself, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The SHA-256 of a token. It gives nothing away: a token is too long to be guessed, so looking a
/// hash up need not take the same time for each.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 2 * bytes.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// As 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_fits_into_a_url() {
        let token = Token::random();
        assert_eq!(token.expose().len(), SHORTEST);
        assert_eq!(Token::parse(token.expose()).unwrap().hash(), token.hash());
        assert_ne!(Token::random().hash(), token.hash());
        for bad in ["", "short", &"x".repeat(21), &"x".repeat(129), "with a blank in its middle"] {
            assert!(Token::parse(bad).is_err(), "{bad}");
        }
        assert!(!format!("{token:?} {:?}", token.hash()).contains(token.expose()));
    }

    #[test]
    fn a_hash_is_read_back() {
        // sha256sum
        let hash = Token::parse("aaaaaaaaaaaaaaaaaaaaaa").unwrap().hash();
        let text = hash.to_hex();
        assert_eq!(text, "ec7c494df6d2a7ea36668d656e6b8979e33641bfea378c15038af3964db057a3");
        assert_eq!(TokenHash::from_hex(&text), Some(hash));
        assert_eq!(TokenHash::from_hex(&text.to_uppercase()), Some(hash));
        for bad in ["", "zz", &text[1..], &format!("+{}", &text[1..])] {
            assert_eq!(TokenHash::from_hex(bad), None);
        }
    }
}
