//! The audit trail: who did what, written before it is done.
//!
//! Each entry is sealed, together with the seal of the one before, by a key that stands outside of
//! the database; how far the trail reaches is sealed in a file beside it. So what is changed, removed,
//! put in or cut off by somebody without the key is found.

mod chain;
mod head;
mod read;

use std::path::Path;

use async_trait::async_trait;
use serde_json::Value;

pub use self::read::{AuditExport, AuditFilter, Entry, Verified};
use self::{
    chain::{ChainKey, Stored},
    head::{Head, HeadFile, Said},
};
use super::{KeyFiles, ManageError, Office, Principal, database::Database, vault};
use crate::store::sql::{Arg, Cause, Sql, Work};

/// See [`Database`].
pub(super) const TABLES: &str = "\
    CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL,
        doing TEXT NOT NULL, about TEXT NOT NULL, detail TEXT NOT NULL, begun INTEGER,
        outcome TEXT, mac TEXT NOT NULL);";

/// The name of the key among the credentials that systemd gives to a service.
const CREDENTIAL: &str = "litemon-audit.key";
/// The name of the key in the state folder.
const KEY: &str = "audit.key";

/// The number of an entry, from 1.
pub type AuditId = i64;

/// What is wrong with the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// An entry is not what was written there, or something was put in or removed before it.
    #[error("entry {0} is not the one that was written")]
    Changed(AuditId),
    /// Entries are gone.
    #[error("{}", missing(*.from, *.to))]
    Missing {
        /// The first of them.
        from: AuditId,
        /// The last of them.
        to: AuditId,
    },
    /// The file that says how far the trail reaches is gone.
    #[error("audit.head is gone, so it is not known whether the last entries are there")]
    NoHead,
    /// The file that says how far the trail reaches was not written with this key.
    #[error(
        "audit.head is not as it was written, so it is not known whether the last entries are there"
    )]
    ForgedHead,
}

fn missing(from: AuditId, to: AuditId) -> String {
    if from == to {
        format!("entry {from} is gone")
    } else {
        format!("entries {from} to {to} are gone")
    }
}

/// What the trail needs beside the database.
#[derive(Debug)]
pub(super) struct Trail {
    key: ChainKey,
    head: HeadFile,
}

impl Trail {
    /// Reads the key; makes one in the state folder when none is given and none was made before.
    pub(super) async fn open(
        state_dir: &Path,
        keys: &KeyFiles,
        database: &Database,
    ) -> Result<Self, ManageError> {
        let credentials = keys.credentials.as_deref();
        let named = keys.audit_key.as_deref();
        let key = vault::key_in(state_dir, named, credentials, CREDENTIAL, KEY)?;
        let trail = Self { key: ChainKey::new(key), head: HeadFile::new(state_dir) };
        let none = database.rows("SELECT 1 FROM audit LIMIT 1", &[]).await?.is_empty();
        if none && trail.head.read(&trail.key)? == Said::Nothing {
            trail.head.begin(&trail.key)?;
        }
        Ok(trail)
    }
}

impl Office {
    /// Writes that something is about to be done. Without this, it is not to be done.
    ///
    /// `doing` is a fixed word such as `job.start` or `user.add`; `about` names what it is done to;
    /// `detail` holds no secrets.
    pub(super) async fn begin(
        &self,
        by: &Principal,
        doing: &'static str,
        about: &str,
        detail: &Value,
    ) -> Result<AuditId, ManageError> {
        self.append(by, doing, about, detail, (None, None)).await
    }

    /// Writes how what was begun ended, as an entry of its own.
    pub(super) async fn end(
        &self,
        by: &Principal,
        doing: &'static str,
        begun: AuditId,
        outcome: &str,
    ) -> Result<(), ManageError> {
        let end = (Some(begun), Some(outcome));
        self.append(by, doing, "", &Value::Null, end).await.map(drop)
    }

    /// Does something between its two entries: the first is written before, or nothing is done; the
    /// second says `ok`, or why it was not done.
    pub(super) async fn audited<T>(
        &self,
        by: &Principal,
        doing: &'static str,
        about: &str,
        detail: &Value,
        work: impl Future<Output = Result<T, ManageError>>,
    ) -> Result<T, ManageError> {
        let begun = self.begin(by, doing, about, detail).await?;
        let done = work.await;
        let outcome = done.as_ref().map_or_else(ToString::to_string, |_| "ok".to_owned());
        if let Err(error) = self.end(by, doing, begun, &outcome).await {
            // It is done, and the trail says that it was begun.
            tracing::warn!("the end of {doing} is not in the audit trail: {error}");
        }
        done
    }

    async fn append(
        &self,
        by: &Principal,
        doing: &'static str,
        about: &str,
        detail: &Value,
        (begun, outcome): (Option<AuditId>, Option<&str>),
    ) -> Result<AuditId, ManageError> {
        let entry = Stored {
            id: 0,
            at: self.clock.now().as_millis(),
            who: serde_json::to_string(by).unwrap_or_default(),
            doing: doing.to_owned(),
            about: about.to_owned(),
            detail: detail.to_string(),
            begun,
            outcome: outcome.map(str::to_owned),
        };
        let Trail { key, head } = &self.trail;
        let sealed = match head.read(key)? {
            Said::Head(head) => Some(head),
            Said::Nothing | Said::Forged => None,
        };
        let (reached, holds) = self.database.work(&Append { key, sealed, entry }).await?;
        if holds && let Err(error) = head.advance(key, &reached).await {
            // The entry is there; the next one says so.
            tracing::warn!("the end of the audit trail is not sealed: {error}");
        }
        Ok(reached.id)
    }
}

/// Puts an entry behind the last one. How far the trail reaches then, and whether what was said of
/// it before is true: if it is not, that has to stay to be seen.
struct Append<'a> {
    key: &'a ChainKey,
    sealed: Option<Head>,
    entry: Stored,
}

#[async_trait]
impl Work for Append<'_> {
    type Out = (Head, bool);
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let last =
            sql.fetch("SELECT id, mac FROM audit ORDER BY id DESC LIMIT 1".into(), &[]).await?;
        let last = match last.first() {
            Some(row) => Head { id: row.int(0)?, seal: row.text(1)? },
            None => Head::default(),
        };
        let holds = match &self.sealed {
            None => false,
            Some(head) if head.id == 0 || *head == last => true,
            Some(head) => {
                let there = "SELECT 1 FROM audit WHERE id = ? AND mac = ?".into();
                let args = [Arg::Int(head.id), Arg::Text(&head.seal)];
                !sql.fetch(there, &args).await?.is_empty()
            }
        };
        let entry = Stored { id: last.id + 1, ..self.entry.clone() };
        let seal =
            self.key.seal(&last.seal, &entry).map_err(|error| Cause::row(error.to_string()))?;
        sql.execute(
            "INSERT INTO audit (id, at, who, doing, about, detail, begun, outcome, mac)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                .into(),
            &[
                Arg::Int(entry.id),
                Arg::Int(entry.at),
                Arg::Text(&entry.who),
                Arg::Text(&entry.doing),
                Arg::Text(&entry.about),
                Arg::Text(&entry.detail),
                entry.begun.into(),
                entry.outcome.as_deref().into(),
                Arg::Text(&seal),
            ],
        )
        .await?;
        Ok((Head { id: entry.id, seal }, holds))
    }
}

#[cfg(test)]
mod tests;
