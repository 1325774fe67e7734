//! Passwords: what is kept of them, and what they have to be.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::{manage::ManageError, secret::Secret};

/// A password shorter than this is guessed.
const SHORTEST: usize = 12;
/// Enough for any sentence.
const LONGEST: usize = 1024;
/// Logins that wait for their turn in each lane.
const WAITING: usize = 64;

/// A hash that belongs to nobody, so that an unknown name takes as long as a known one.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| made(&Secret::new("nobody's password".to_owned())).ok());

/// # Errors
/// [`ManageError::Invalid`] for one that would be guessed.
pub(super) fn is_good(
    field: &'static str,
    name: &str,
    password: &Secret,
) -> Result<(), ManageError> {
    let text = password.expose();
    let mut different: Vec<char> = text.chars().collect();
    let length = different.len();
    different.sort_unstable();
    different.dedup();
    let wrong = if length < SHORTEST {
        format!("expected at least {SHORTEST} characters")
    } else if text.len() > LONGEST {
        format!("expected at most {LONGEST} characters")
    } else if different.len() < 5 {
        "expected at least five different characters".to_owned()
    } else if text.to_lowercase().contains(&name.to_lowercase()) && length < SHORTEST + name.len() {
        "expected more than the user's name with something added".to_owned()
    } else {
        return Ok(());
    };
    Err(ManageError::invalid(field, wrong))
}

/// A password for one use, of 120 random bits in letters that are not mixed up.
#[must_use]
pub fn one_time_password() -> Secret {
    let bits: [u8; 15] = rand::random();
    let text = data_encoding::BASE32_NOPAD.encode(&bits).to_lowercase();
    let parts: Vec<&str> =
        (0..text.len()).step_by(6).filter_map(|at| text.get(at..at + 6)).collect();
    Secret::new(parts.join("-"))
}

/// Where passwords are hashed: on threads of their own, one for those who are known to come from
/// where they come from, and one for everybody else, so that strangers cannot keep anybody waiting.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    known: Lane,
    others: Lane,
}

#[derive(Debug)]
struct Lane {
    turn: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Default for Lane {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), waiting: AtomicUsize::new(0) }
    }
}

/// Too many wait already.
#[derive(Debug)]
pub(super) struct Busy;

impl Lanes {
    /// The hash of a new password.
    pub(super) async fn hash(&self, password: &Secret) -> Result<String, ManageError> {
        let password = password.clone();
        let done = self.known.run(move || made(&password)).await;
        let busy = || ManageError::Conflict("too many passwords are set at this moment".to_owned());
        done.map_err(|Busy| busy())?.map_err(|error| ManageError::Conflict(error.to_string()))
    }

    /// Whether the password is the one of this hash; `None` stands for a hash that does not exist,
    /// takes as long, and is never right.
    pub(super) async fn verify(
        &self,
        known: bool,
        password: &Secret,
        hash: Option<String>,
    ) -> Result<bool, Busy> {
        let password = password.clone();
        let lane = if known { &self.known } else { &self.others };
        lane.run(move || match hash {
            Some(hash) => is_of(&password, &hash),
            None => {
                // For the time it takes.
                let _ = NOBODY.as_deref().map(|hash| is_of(&password, hash));
                false
            }
        })
        .await
    }
}

impl Lane {
    /// Cancel safety: a hash that was begun is ended, and its turn with it.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let _place = Place::take(&self.waiting).ok_or(Busy)?;
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| Busy)?;
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

/// One of the places in which a login may wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < WAITING).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Argon2id with the parameters that OWASP names (19 MiB, 2 rounds, 1 lane), as a PHC string.
fn made(password: &Secret) -> Result<String, argon2::password_hash::Error> {
    Argon2::default().hash_password(password.expose().as_bytes()).map(|hash| hash.to_string())
}

fn is_of(password: &Secret, hash: &str) -> bool {
    let text = password.expose();
    // Nobody has such a one, and hashing it would take long.
    text.len() <= LONGEST && Argon2::default().verify_password(text.as_bytes(), hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn what_is_guessed_is_refused() {
        for (password, good) in [
            ("correct horse battery", true),
            ("kuda-baterai-benar", true),
            ("short", false),
            ("", false),
            ("aaaaaaaaaaaaaaaaaaaa", false),
            ("adminadmin12", false),
            ("admin and a long sentence", true),
        ] {
            assert_eq!(is_good("password", "admin", &secret(password)).is_ok(), good, "{password}");
        }
        assert!(is_good("password", "admin", &secret(&"abcdefgh".repeat(200))).is_err());
        assert!(is_good("password", "admin", &one_time_password()).is_ok());
        assert_ne!(one_time_password(), one_time_password());
    }

    #[tokio::test]
    async fn a_hash_is_of_its_password_only() {
        let lanes = Lanes::default();
        let hash = lanes.hash(&secret("correct horse battery")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |text: &str, hash: Option<&str>| {
            lanes.verify(false, &secret(text), hash.map(str::to_owned)).await.unwrap()
        };
        assert!(verify("correct horse battery", Some(&hash)).await);
        assert!(!verify("correct horse batterz", Some(&hash)).await);
        assert!(!verify("nobody's password", None).await);
        assert!(!verify("x", Some("not a hash")).await);
    }

    #[tokio::test]
    async fn strangers_do_not_keep_those_who_are_known_waiting() {
        let lanes = Lanes::default();
        let _held = Arc::clone(&lanes.others.turn).acquire_owned().await.unwrap();
        let places: Vec<_> =
            (0..WAITING).map(|_| Place::take(&lanes.others.waiting).unwrap()).collect();
        assert!(lanes.verify(false, &secret("x"), None).await.is_err());
        assert!(!lanes.verify(true, &secret("x"), None).await.unwrap());
        drop(places);
        assert_eq!(lanes.others.waiting.load(Ordering::Relaxed), 0);
    }
}
