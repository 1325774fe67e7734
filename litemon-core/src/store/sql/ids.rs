use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{Arg, Cause, Dialect, Pool, Sql, Work, insert};
use crate::model::CheckId;

/// The numbers that stand for names of checks in the tables.
///
/// Numbers are taken in a transaction of their own before they are used, so that none is remembered
/// which a rollback took back.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Held for look-ups only.
    known: Mutex<Arc<HashMap<CheckId, i64>>>,
}

impl Ids {
    /// The numbers of these checks (and of others), new ones given where there are none.
    pub(super) async fn of(
        &self,
        pool: &Pool,
        checks: BTreeSet<&CheckId>,
    ) -> Result<Arc<HashMap<CheckId, i64>>, Cause> {
        let known = Arc::clone(&self.lock());
        let new: Vec<&CheckId> =
            checks.into_iter().filter(|check| !known.contains_key(*check)).collect();
        if new.is_empty() {
            return Ok(known);
        }
        let mut all = HashMap::clone(&known);
        for names in new.chunks(256) {
            all.extend(pool.run(&Number { names }).await?);
        }
        let all = Arc::new(all);
        *self.lock() = Arc::clone(&all);
        Ok(all)
    }

    /// Forgets them, as somebody may have put another database in the place.
    pub(super) fn forget(&self) {
        *self.lock() = Arc::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Arc<HashMap<CheckId, i64>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Number<'a> {
    names: &'a [&'a CheckId],
}

#[async_trait]
impl Work for Number<'_> {
    type Out = Vec<(CheckId, i64)>;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let into = match sql.dialect() {
            Dialect::Sqlite => "INSERT OR IGNORE INTO checks (name)",
            Dialect::MySql => "INSERT IGNORE INTO checks (name)",
        };
        insert(sql, into, self.names.iter().map(|name| [Arg::Text(name.as_str())])).await?;
        let mut numbers = Vec::with_capacity(self.names.len());
        for name in self.names {
            let query = "SELECT id FROM checks WHERE name = ?";
            let rows = sql.fetch(query.into(), &[Arg::Text(name.as_str())]).await?;
            let id = rows.first().ok_or(Cause::Null(0))?.int(0)?;
            numbers.push(((*name).clone(), id));
        }
        Ok(numbers)
    }
}
