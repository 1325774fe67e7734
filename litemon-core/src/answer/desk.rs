use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::Message;
use crate::model::Timestamp;

/// How far from now a message may have been sent.
const AWAY: Duration = Duration::from_secs(15 * 60);
/// How long a message is remembered that says which one it is, or when it was sent: longer than it
/// could come again without being too late.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// How long one that says neither is taken for the same when it comes again.
const KEPT_BARE: Duration = Duration::from_secs(60);
/// How many are remembered: more than are taken within twice [`AWAY`].
const MOST_KEPT: usize = 1024;
/// Messages of one sender within [`A_WHILE`], and of all within a minute.
const OF_ONE: u32 = 10;
const OF_ALL: u32 = 30;
const A_WHILE: Duration = Duration::from_secs(10 * 60);
const A_MINUTE: Duration = Duration::from_secs(60);
/// Unlisted senders that are logged within a minute.
const LOGGED: u32 = 5;

/// Keeps one message from counting twice, and anybody from asking too often. Its memory is bounded
/// and lasts as long as the process.
#[derive(Debug, Default)]
pub struct Desk {
    kept: VecDeque<Kept>,
    of_one: BTreeMap<String, Turn>,
    of_all: Turn,
    strangers: Turn,
}

/// By which a message is known again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; 32], Duration);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

#[derive(Debug)]
struct Kept {
    key: [u8; 32],
    until: Instant,
    reply: String,
}

/// What is to be done about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// It is new: do what it says, and tell [`Desk::remember`] what was answered.
    Fresh(Key),
    /// It came before, and was answered so.
    Again(String),
    /// It was sent so much before or after now that it does not count.
    Late(Duration),
    /// Too many came; it is not answered.
    TooMany,
}

impl Desk {
    /// Looks at a message of a recipient of notices. `sender` is his number as it is configured;
    /// `at` is the time of day.
    pub fn admit(
        &mut self,
        message: &Message,
        sender: &str,
        now: Instant,
        at: Timestamp,
    ) -> Admission {
        self.of_one.retain(|_, turn| !turn.is_over(now, A_WHILE));
        let one = self.of_one.entry(sender.to_owned()).or_default();
        if !one.take(now, A_WHILE, OF_ONE) || !self.of_all.take(now, A_MINUTE, OF_ALL) {
            return Admission::TooMany;
        }
        self.kept.retain(|kept| now < kept.until);
        let key = key(message, sender);
        if let Some(kept) = self.kept.iter().find(|kept| kept.key == key.0) {
            return Admission::Again(kept.reply.clone());
        }
        // One of these is nothing: times do not go below it.
        let away = message.at.map_or(Duration::ZERO, |sent| at.since(sent).max(sent.since(at)));
        if away > AWAY { Admission::Late(away) } else { Admission::Fresh(key) }
    }

    /// What a message was answered, for when it comes again.
    pub fn remember(&mut self, key: Key, reply: &str, now: Instant) {
        let Key(key, lasts) = key;
        while self.kept.len() >= MOST_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Kept { key, until: now + lasts, reply: reply.to_owned() });
    }

    /// Somebody who is no recipient wrote: whether that is logged. Nothing else happens.
    pub fn log_stranger(&mut self, now: Instant) -> bool {
        self.strangers.take(now, A_MINUTE, LOGGED)
    }
}

fn key(message: &Message, sender: &str) -> Key {
    let at = message.at.map(|at| at.as_millis().to_string());
    let parts = match &message.id {
        Some(id) => ["id", sender, id, ""],
        None => ["text", sender, &message.text, at.as_deref().unwrap_or_default()],
    };
    let lasts = if message.id.is_some() || at.is_some() { KEPT } else { KEPT_BARE };
    let mut hash = Sha256::new();
    for part in parts {
        // With their lengths, so that no two messages look alike.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Key(hash.finalize().into(), lasts)
}

/// How many came in a time.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    began: Option<Instant>,
    count: u32,
}

impl Turn {
    fn is_over(&self, now: Instant, lasts: Duration) -> bool {
        self.began.is_none_or(|began| now.saturating_duration_since(began) >= lasts)
    }

    /// Counts one more; false when there were `most` already.
    fn take(&mut self, now: Instant, lasts: Duration, most: u32) -> bool {
        if self.is_over(now, lasts) {
            *self = Self { began: Some(now), count: 0 };
        }
        let taken = self.count < most;
        self.count += u32::from(taken);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_460_611_980_000);
    const ANN: &str = "+628123456789";

    fn ack() -> Message {
        Message::new("628123456789", "ACK 17")
    }

    fn admit(desk: &mut Desk, message: &Message, now: Instant) -> Admission {
        desk.admit(message, ANN, now, AT)
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_again_is_answered_again_and_not_done() {
        let (mut desk, now) = (Desk::default(), Instant::now());
        for (message, lasts) in
            [(ack().called("a-1"), KEPT), (ack().sent_at(Some(AT)), KEPT), (ack(), KEPT_BARE)]
        {
            let Admission::Fresh(key) = admit(&mut desk, &message, now) else {
                panic!("{message:?}")
            };
            desk.remember(key, "taken", now);
            let again = Admission::Again("taken".to_owned());
            let last = now + lasts - Duration::from_secs(1);
            assert_eq!(admit(&mut desk, &message, last), again);
            assert_eq!(
                desk.admit(&message, "+628999999999", now, AT),
                Admission::Fresh(super::key(&message, "+628999999999"))
            );
            let fresh = admit(&mut desk, &message, now + lasts);
            assert!(matches!(fresh, Admission::Fresh(_)), "{message:?}");
            desk = Desk::default();
        }
        // Another name is another message, whatever it says.
        assert_ne!(key(&ack().called("a-1"), ANN), key(&ack().called("a-2"), ANN));
        assert_eq!(key(&ack().called("a-1"), ANN), key(&Message::new("x", "y").called("a-1"), ANN));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_sent_at_another_time_does_not_count() {
        let (mut desk, now) = (Desk::default(), Instant::now());
        for (sent, away) in [
            (AT.minus(AWAY), None),
            (AT.plus(AWAY), None),
            (AT.minus(AWAY + Duration::from_secs(1)), Some(AWAY + Duration::from_secs(1))),
            (AT.plus(AWAY * 2), Some(AWAY * 2)),
        ] {
            let admission = admit(&mut desk, &ack().sent_at(Some(sent)), now);
            match away {
                Some(away) => assert_eq!(admission, Admission::Late(away)),
                None => assert!(matches!(admission, Admission::Fresh(_)), "{admission:?}"),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_asks_too_often_and_memory_ends() {
        let (mut desk, now) = (Desk::default(), Instant::now());
        for n in 0..OF_ONE {
            let message = ack().called(&n.to_string());
            assert!(matches!(admit(&mut desk, &message, now), Admission::Fresh(_)));
        }
        assert_eq!(admit(&mut desk, &ack(), now), Admission::TooMany);
        for n in OF_ONE..OF_ALL {
            let admission = desk.admit(&ack(), &n.to_string(), now, AT);
            assert!(matches!(admission, Admission::Fresh(_)), "{n}");
        }
        assert_eq!(desk.admit(&ack(), "another", now, AT), Admission::TooMany);
        assert!(matches!(admit(&mut desk, &ack(), now + A_WHILE), Admission::Fresh(_)));
        assert_eq!(desk.of_one.len(), 1, "others are forgotten");

        assert!(u64::from(OF_ALL) * (AWAY * 2).as_secs() / 60 < MOST_KEPT as u64);
        for n in 0..2 * MOST_KEPT {
            desk.remember(key(&ack().called(&n.to_string()), ANN), "", now);
        }
        assert_eq!(desk.kept.len(), MOST_KEPT);
        let logged = (0..20).filter(|_| desk.log_stranger(now)).count();
        assert_eq!(logged, LOGGED as usize);
    }
}
