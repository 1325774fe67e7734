//! `/api/v1/audit`: what was done.

use litemon_core::manage::audit::{AuditFilter, Entry};

use super::{
    admin_types::{AuditEntry, AuditPage, AuditVerdict},
    call::{Answer, Call, json},
    servers::who,
};
use crate::pages::desk;

/// Entries of a page when nothing else is asked for.
const USUAL_PAGE: usize = 100;

pub(super) async fn list(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let most = call.query.count("limit", USUAL_PAGE);
    let text = |name: &str| call.query.word(name).map(str::to_owned);
    let mut filter = AuditFilter::default();
    (filter.by, filter.doing, filter.about) = (text("by"), text("doing"), text("about"));
    let entries = manage.audit_entries(&by, call.query.number("before"), most, &filter).await?;
    let last = entries.last().map(|entry| entry.id);
    let next = last.filter(|id| entries.len() == most && *id > 1);
    json(&AuditPage { entries: entries.iter().map(AuditEntry::from).collect(), next })
}

pub(super) async fn verify(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let found = manage.audit_verify(&by).await?;
    json(&AuditVerdict {
        intact: found.fault.is_none(),
        entries: found.entries,
        fault: found.fault.map(|fault| fault.to_string()),
    })
}

pub(super) async fn export(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    Ok(desk::trail(manage.audit_export(&by).await?))
}

impl From<&Entry> for AuditEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at.into(),
            by: entry.by.name.clone(),
            from: entry.by.from.map(|from| from.to_string()),
            doing: entry.doing.clone(),
            about: entry.about.clone(),
            detail: entry.detail.clone(),
            begun: entry.begun,
            outcome: entry.outcome.clone(),
        }
    }
}
