//! Delivery reports: what a gateway tells later of a message that it took.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::model::NoticeId;

/// Bytes of the seal of a token: 128 bits.
const SEAL: usize = 16;
/// Its file in `state_dir`.
const FILE: &str = "reports.key";

/// What a gateway says of a message that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Report {
    /// The phone has it.
    Delivered,
    /// The phone will not get it.
    Failed,
    /// It is on its way.
    Underway,
}

impl Report {
    /// Reads Kannel's `%d` (1 delivered, 2 failed, 4 buffered, 8 at the network, 16 refused by it, 32
    /// on its way), or a word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "1" | "delivered" | "delivrd" => Self::Delivered,
            "2" | "16" | "failed" | "undelivered" | "undeliv" | "rejected" | "expired" => {
                Self::Failed
            }
            "4" | "8" | "32" | "accepted" | "buffered" | "queued" | "sent" => Self::Underway,
            _ => return None,
        })
    }
}

/// The key of the tokens that reports come with: nobody can make one who does not know it, and no
/// list of them is needed.
#[derive(Clone)]
pub struct ReportKey(Arc<[u8; 32]>);

impl fmt::Debug for ReportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReportKey")
    }
}

impl ReportKey {
    /// This key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Arc::new(key))
    }

    /// The key of a folder, made when there is none. It is to be kept as long as the journal beside
    /// it: without it, reports of messages sent before are not known.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds no key.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => {
                let key = bytes.try_into();
                key.map(Self::new).map_err(|_| io::Error::other("reports.key holds no key"))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key: [u8; 32] = rand::random();
                let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
                file?.write_all(&key)?;
                Ok(Self::new(key))
            }
            Err(error) => Err(error),
        }
    }

    /// What a gateway reports about an outbox entry with.
    #[must_use]
    pub fn token(&self, id: NoticeId) -> String {
        let seal = self.seal(id).finalize().into_bytes();
        let seal: Vec<u8> = seal.iter().copied().take(SEAL).collect();
        format!("{id}-{}", URL_SAFE_NO_PAD.encode(seal))
    }

    /// Which outbox entry a token is for; `None` when it was not made here. It takes the same time
    /// for every seal.
    #[must_use]
    pub fn entry(&self, token: &str) -> Option<NoticeId> {
        let (id, seal) = token.split_once('-')?;
        let id: NoticeId = id.parse().ok()?;
        let seal = URL_SAFE_NO_PAD.decode(seal).ok().filter(|seal| seal.len() == SEAL)?;
        self.seal(id).verify_truncated_left(&seal).ok()?;
        Some(id)
    }

    fn seal(&self, id: NoticeId) -> Hmac<Sha256> {
        // A whole block, as HMAC would make of it too: that always fits.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(self.0.iter()) {
            *to = *from;
        }
        let mac = Hmac::<Sha256>::new(&block.into());
        mac.chain_update(b"litemon delivery report\0").chain_update(id.to_be_bytes())
    }
}

/// Where gateways report to.
#[derive(Clone, Debug)]
pub struct Reports {
    key: ReportKey,
    base: String,
}

impl Reports {
    /// At this address of the dashboard, as gateways reach it.
    #[must_use]
    pub fn new(key: ReportKey, base: &str) -> Self {
        Self { key, base: base.trim_end_matches('/').to_owned() }
    }

    /// The address for reports about an outbox entry.
    #[must_use]
    pub fn url(&self, id: NoticeId) -> String {
        format!("{}/hooks/dlr/{}", self.base, self.key.token(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_again_and_cannot_be_made_up() {
        let key = ReportKey::new([7; 32]);
        for id in [1, 17, NoticeId::MAX] {
            let token = key.token(id);
            assert_eq!(key.entry(&token), Some(id), "{token}");
            assert_eq!(ReportKey::new([8; 32]).entry(&token), None);
            let (_, seal) = token.split_once('-').unwrap();
            for wrong in
                [format!("{}-{seal}", id - 1), format!("{id}-{}", &seal[1..]), id.to_string()]
            {
                assert_eq!(key.entry(&wrong), None, "{wrong}");
            }
        }
        for wrong in ["", "-", "x-y", "17-", "17-AAAAAAAAAAAAAAAAAAAAAA", "17-\u{e9}"] {
            assert_eq!(key.entry(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{key:?}"), "ReportKey");
        let url = Reports::new(key.clone(), "http://h:8080/").url(17);
        assert_eq!(url, format!("http://h:8080/hooks/dlr/{}", key.token(17)));
    }

    #[test]
    fn the_key_of_a_folder_stays() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let token = ReportKey::in_folder(folder.path()).unwrap().token(1);
        assert_eq!(ReportKey::in_folder(folder.path()).unwrap().token(1), token);
        let file = folder.path().join(FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(file, "short").unwrap();
        assert!(ReportKey::in_folder(folder.path()).is_err());
    }

    #[test]
    fn kannels_numbers_are_understood() {
        for (text, expected) in [
            ("1", Some(Report::Delivered)),
            ("Delivered", Some(Report::Delivered)),
            ("2", Some(Report::Failed)),
            ("16", Some(Report::Failed)),
            ("failed", Some(Report::Failed)),
            ("4", Some(Report::Underway)),
            ("8", Some(Report::Underway)),
            ("", None),
            ("3", None),
            ("yes", None),
        ] {
            assert_eq!(Report::parse(text), expected, "{text}");
        }
    }
}
