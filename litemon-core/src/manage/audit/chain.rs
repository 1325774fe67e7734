//! What makes the trail hold: each entry is sealed together with the seal of the one before.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::AuditId;
use crate::{manage::ManageError, secret::Secret};

/// The key of the seals. It stands outside of the database: who can only write there cannot make one.
#[derive(Clone, Debug)]
pub(super) struct ChainKey(Secret);

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) id: AuditId,
    pub(super) at: i64,
    /// A principal as JSON.
    pub(super) who: String,
    pub(super) doing: String,
    pub(super) about: String,
    /// JSON.
    pub(super) detail: String,
    pub(super) begun: Option<AuditId>,
    pub(super) outcome: Option<String>,
}

impl ChainKey {
    pub(super) const fn new(key: Secret) -> Self {
        Self(key)
    }

    /// The seal of an entry that stands behind the one with the seal `before`, which is empty for
    /// the first: HMAC-SHA-256 of all its fields, each with its length.
    pub(super) fn seal(&self, before: &str, entry: &Stored) -> Result<String, ManageError> {
        let number = |number: i64| number.to_be_bytes();
        let (id, at) = (number(entry.id), number(entry.at));
        let begun = entry.begun.map(number);
        self.over(&[
            Some(b"entry"),
            Some(before.as_bytes()),
            Some(&id),
            Some(&at),
            Some(entry.who.as_bytes()),
            Some(entry.doing.as_bytes()),
            Some(entry.about.as_bytes()),
            Some(entry.detail.as_bytes()),
            begun.as_ref().map(<[u8; 8]>::as_slice),
            entry.outcome.as_deref().map(str::as_bytes),
        ])
    }

    /// The seal of the statement that the trail reaches to this entry.
    pub(super) fn seal_head(&self, id: AuditId, seal: &str) -> Result<String, ManageError> {
        self.over(&[Some(b"head"), Some(&id.to_be_bytes()), Some(seal.as_bytes())])
    }

    fn over(&self, fields: &[Option<&[u8]>]) -> Result<String, ManageError> {
        let key = self.0.expose().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key)
            .map_err(|_| ManageError::Conflict("the key of the audit trail is none".to_owned()))?;
        for field in fields {
            // One that is absent differs from one that is empty.
            let length = field.map_or(u64::MAX, |field| field.len() as u64);
            mac.update(&length.to_be_bytes());
            mac.update(field.unwrap_or_default());
        }
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

/// Follows the chain from its beginning, an entry at a time.
#[derive(Debug)]
pub(super) struct Follower<'a> {
    key: &'a ChainKey,
    /// The number and the seal of the last one that was good.
    pub(super) id: AuditId,
    pub(super) seal: String,
}

impl<'a> Follower<'a> {
    pub(super) const fn new(key: &'a ChainKey) -> Self {
        Self { key, id: 0, seal: String::new() }
    }

    /// What is wrong with the next one, if anything.
    pub(super) fn next(
        &mut self,
        entry: &Stored,
        seal: &str,
    ) -> Result<Option<super::Fault>, ManageError> {
        if entry.id != self.id + 1 {
            return Ok(Some(super::Fault::Missing { from: self.id + 1, to: entry.id - 1 }));
        }
        if self.key.seal(&self.seal, entry)? != seal {
            return Ok(Some(super::Fault::Changed(entry.id)));
        }
        (self.id, self.seal) = (entry.id, seal.to_owned());
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> ChainKey {
        ChainKey::new(Secret::new(text.to_owned()))
    }

    fn fields() -> impl Strategy<Value = Stored> {
        let text = "[a-c{}:\"\u{e9}]{0,6}";
        (any::<i64>(), text, text, text, text, any::<Option<i64>>(), proptest::option::of(text))
            .prop_map(|(at, who, doing, about, detail, begun, outcome)| Stored {
                id: 0,
                at,
                who,
                doing,
                about,
                detail,
                begun,
                outcome,
            })
    }

    /// A trail as it would have been written.
    fn trail(entries: Vec<Stored>) -> Vec<(Stored, String)> {
        let (key, mut before) = (key("k"), String::new());
        let number = |(at, entry): (usize, Stored)| Stored { id: at as i64 + 1, ..entry };
        let mut sealed = Vec::new();
        for entry in entries.into_iter().enumerate().map(number) {
            before = key.seal(&before, &entry).unwrap();
            sealed.push((entry, before.clone()));
        }
        sealed
    }

    /// Whether it is good as far as it goes.
    fn holds(trail: &[(Stored, String)], key: &ChainKey) -> bool {
        let mut follower = Follower::new(key);
        trail.iter().all(|(entry, seal)| follower.next(entry, seal).unwrap().is_none())
    }

    proptest! {
        #[test]
        fn a_trail_holds_until_it_is_touched(
            entries in proptest::collection::vec(fields(), 2..8),
            other in fields(),
            at in any::<prop::sample::Index>(),
            what in 0..4_usize,
        ) {
            let mut trail = trail(entries);
            let at = at.index(trail.len());
            prop_assert!(holds(&trail, &key("k")));
            prop_assert!(!holds(&trail, &key("another")));
            match what {
                0 => {
                    let changed = Stored { id: trail[at].0.id, ..other };
                    prop_assume!(changed != trail[at].0);
                    trail[at].0 = changed;
                }
                // The last one is what the head is for.
                1 => {
                    prop_assume!(at + 1 < trail.len());
                    trail.remove(at);
                    for (place, (entry, _)) in trail.iter_mut().enumerate() {
                        entry.id = place as i64 + 1;
                    }
                }
                2 => {
                    let twin = trail[at].clone();
                    trail.insert(at, twin);
                    for (place, (entry, _)) in trail.iter_mut().enumerate() {
                        entry.id = place as i64 + 1;
                    }
                }
                _ => {
                    prop_assume!(at + 1 < trail.len());
                    let (one, two) = (trail[at].0.id, trail[at + 1].0.id);
                    trail.swap(at, at + 1);
                    trail[at].0.id = one;
                    trail[at + 1].0.id = two;
                }
            }
            prop_assert!(!holds(&trail, &key("k")));
        }
    }

    #[test]
    fn what_stands_in_one_field_is_not_the_same_in_another() {
        let entry = |doing: &str, about: &str, outcome: Option<&str>| Stored {
            id: 1,
            at: 0,
            who: String::new(),
            doing: doing.to_owned(),
            about: about.to_owned(),
            detail: String::new(),
            begun: None,
            outcome: outcome.map(str::to_owned),
        };
        let key = key("k");
        let seal = |entry: Stored| key.seal("", &entry).unwrap();
        assert_ne!(seal(entry("ab", "c", None)), seal(entry("a", "bc", None)));
        assert_ne!(seal(entry("a", "", None)), seal(entry("a", "", Some(""))));
    }
}
