use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    AuditId, Fault,
    chain::{Follower, Stored},
    head::{Head, Said},
};
use crate::{
    manage::{Manage, ManageError, Office, Principal, Role, Via},
    model::Timestamp,
    store::sql::{Arg, Cause, Row},
};

/// Entries that are read in one go.
const AT_ONCE: i64 = 500;

/// Something that somebody did, or how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub id: AuditId,
    /// When it was written.
    pub at: Timestamp,
    /// Who.
    pub by: Principal,
    /// What: a fixed word such as `job.start` or `user.add`.
    pub doing: String,
    /// What it was done to; empty in an entry that tells of an end.
    pub about: String,
    /// More of it.
    pub detail: Value,
    /// The entry that says that it was begun, in one that tells of its end.
    pub begun: Option<AuditId>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// Which entries are asked for. What is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditFilter {
    /// By this account or user.
    pub by: Option<String>,
    /// This word, or those that begin with it and a dot: `user` has `user.add`.
    pub doing: Option<String>,
    /// About something with this in its name.
    pub about: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// What was found when the trail was followed from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// How many entries are as they were written.
    pub entries: u64,
    /// The first thing that is wrong; nothing behind it can be vouched for.
    pub fault: Option<Fault>,
}

/// The whole trail as JSON lines, oldest first.
#[derive(Debug)]
pub struct AuditExport {
    manage: Manage,
    after: AuditId,
}

impl Manage {
    /// Entries, newest first: at most `most` (and 500) before the one numbered `before`.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`] but for admins.
    pub async fn audit_entries(
        &self,
        by: &Principal,
        before: Option<AuditId>,
        most: usize,
        filter: &AuditFilter,
    ) -> Result<Vec<Entry>, ManageError> {
        by.require(Role::Admin, "read the audit trail")?;
        let most = i64::try_from(most).unwrap_or(AT_ONCE).clamp(1, AT_ONCE);
        let rows = self
            .office
            .database
            .rows(
                "SELECT id, at, who, doing, about, detail, begun, outcome, mac FROM audit
                WHERE (?1 IS NULL OR id < ?1)
                    AND (?2 IS NULL OR CASE WHEN json_valid(who)
                        THEN json_extract(who, '$.name') END = ?2)
                    AND (?3 IS NULL OR doing = ?3 OR substr(doing, 1, length(?3) + 1) = ?3 || '.')
                    AND (?4 IS NULL OR instr(lower(about), lower(?4)) > 0)
                    AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6)
                ORDER BY id DESC LIMIT ?7",
                &[
                    before.into(),
                    filter.by.as_deref().into(),
                    filter.doing.as_deref().into(),
                    filter.about.as_deref().into(),
                    filter.since.map(Timestamp::as_millis).into(),
                    filter.until.map(Timestamp::as_millis).into(),
                    Arg::Int(most),
                ],
            )
            .await?;
        let entries = rows.iter().map(|row| stored(row.as_ref()).map(|(entry, _)| entry.into()));
        let entries = entries.collect::<Result<_, _>>();
        entries.map_err(|cause| self.office.database.unreadable(cause))
    }

    /// Follows the trail from its beginning, and finds what was changed, removed, put in or cut off.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`] but for admins; [`ManageError::Database`] when it cannot be read.
    pub async fn audit_verify(&self, by: &Principal) -> Result<Verified, ManageError> {
        by.require(Role::Admin, "read the audit trail")?;
        let office = &self.office;
        // Before the entries: what is written meanwhile is behind it.
        let said = office.trail.head.read(&office.trail.key)?;
        let mut follower = Follower::new(&office.trail.key);
        let mut at_head = matches!(&said, Said::Head(head) if *head == Head::default());
        loop {
            let entries = office.after(follower.id).await?;
            if entries.is_empty() {
                break;
            }
            for (entry, seal) in &entries {
                let fault = follower.next(entry, seal)?;
                if fault.is_some() {
                    return Ok(Verified { entries: good(follower.id), fault });
                }
                at_head |= matches!(&said, Said::Head(head)
                    if head.id == follower.id && head.seal == follower.seal);
            }
        }
        let fault = match said {
            _ if at_head => None,
            Said::Head(head) if head.id > follower.id => {
                Some(Fault::Missing { from: follower.id + 1, to: head.id })
            }
            Said::Head(head) => Some(Fault::Changed(head.id)),
            Said::Nothing => Some(Fault::NoHead),
            Said::Forged => Some(Fault::ForgedHead),
        };
        Ok(Verified { entries: good(follower.id), fault })
    }

    /// Begins to export the whole trail, which is itself written into it.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`] but for admins.
    pub async fn audit_export(&self, by: &Principal) -> Result<AuditExport, ManageError> {
        by.require(Role::Admin, "export the audit trail")?;
        self.office.begin(by, "audit.export", "", &json!({})).await?;
        Ok(AuditExport { manage: self.clone(), after: 0 })
    }
}

impl AuditExport {
    /// The next lines, each a JSON object with its seal; `None` behind the last.
    ///
    /// # Errors
    /// [`ManageError::Database`] when it cannot be read.
    pub async fn next(&mut self) -> Result<Option<String>, ManageError> {
        let entries = self.manage.office.after(self.after).await?;
        let Some((last, _)) = entries.last() else { return Ok(None) };
        self.after = last.id;
        let mut lines = String::new();
        for (entry, seal) in entries {
            let mut line = json!(Entry::from(entry));
            if let Some(fields) = line.as_object_mut() {
                let at = fields.get("at").and_then(Value::as_i64).unwrap_or_default();
                fields.insert("at".to_owned(), Timestamp::from_millis(at).to_string().into());
                fields.insert("at_ms".to_owned(), at.into());
                fields.insert("seal".to_owned(), seal.into());
            }
            lines.push_str(&format!("{line}\n"));
        }
        Ok(Some(lines))
    }
}

impl Office {
    /// What stands behind an entry, oldest first.
    async fn after(&self, id: AuditId) -> Result<Vec<(Stored, String)>, ManageError> {
        let sql = "SELECT id, at, who, doing, about, detail, begun, outcome, mac FROM audit
            WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.database.rows(sql, &[Arg::Int(id), Arg::Int(AT_ONCE)]).await?;
        let entries = rows.iter().map(|row| stored(row.as_ref())).collect::<Result<_, _>>();
        entries.map_err(|cause| self.database.unreadable(cause))
    }
}

fn good(last: AuditId) -> u64 {
    u64::try_from(last).unwrap_or_default()
}

fn stored(row: &dyn Row) -> Result<(Stored, String), Cause> {
    let entry = Stored {
        id: row.int(0)?,
        at: row.int(1)?,
        who: row.text(2)?,
        doing: row.text(3)?,
        about: row.text(4)?,
        detail: row.text(5)?,
        begun: row.maybe_int(6)?,
        outcome: row.maybe_text(7)?,
    };
    Ok((entry, row.text(8)?))
}

impl From<Stored> for Entry {
    /// What was changed so that it cannot be read is shown as far as it can be.
    fn from(entry: Stored) -> Self {
        let nobody = || Principal::new(entry.who.clone(), Role::Viewer, Via::Litemon);
        Self {
            id: entry.id,
            at: Timestamp::from_millis(entry.at),
            by: serde_json::from_str(&entry.who).unwrap_or_else(|_| nobody()),
            doing: entry.doing,
            about: entry.about,
            detail: serde_json::from_str(&entry.detail).unwrap_or(Value::String(entry.detail)),
            begun: entry.begun,
            outcome: entry.outcome,
        }
    }
}
