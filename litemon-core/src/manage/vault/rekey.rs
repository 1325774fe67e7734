//! An exchange of keys: everything that is sealed, sealed anew.

use async_trait::async_trait;
use serde_json::json;

use super::Vault;
use crate::{
    manage::{Manage, ManageError, Principal, Role, VaultError},
    store::sql::{Arg, Cause, Sql, Work},
};

/// A column that holds sealed secrets, described beside its table.
#[derive(Debug)]
pub(in crate::manage) struct Sealed {
    /// Gives the number of each row, and what is sealed in it.
    pub(in crate::manage) read: &'static str,
    /// Takes the new text, the number of the row, and the text that is there.
    pub(in crate::manage) write: &'static str,
    /// The context of a row, by its number.
    pub(in crate::manage) context: fn(i64) -> String,
}

/// All of them, each part's own.
const COLUMNS: &[&[Sealed]] = &[crate::manage::accounts::SEALED, crate::manage::inventory::SEALED];

fn columns() -> Vec<&'static Sealed> {
    COLUMNS.iter().flat_map(|part| part.iter()).collect()
}

impl Manage {
    /// Makes a new key, seals every stored secret with it, and forgets the key before. What is
    /// interrupted can be called again. How many secrets there were.
    ///
    /// # Errors
    /// [`ManageError::Vault`] when the key file cannot be written or a secret cannot be opened: then
    /// the old key stays beside the new one, and nothing is lost.
    pub async fn rekey(&self, by: &Principal) -> Result<usize, ManageError> {
        by.require(Role::Admin, "exchange the key")?;
        let work = async {
            let vault = &self.office.vault;
            vault.begin_exchange()?;
            // Another process may have sealed with the old key while this one worked.
            while self.office.database.work(&Reseal(vault)).await?? > 0 {}
            vault.end_exchange()?;
            self.office.database.work(&Count).await
        };
        let detail = json!({ "key_before": self.office.vault.key_id() });
        self.office.audited(by, "key.exchange", Vault::FILE, &detail, work).await
    }
}

/// Seals what is not sealed by the newest key, in one transaction; how many there were.
struct Reseal<'a>(&'a Vault);

#[async_trait]
impl Work for Reseal<'_> {
    type Out = Result<usize, VaultError>;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let mut done = 0;
        for column in columns() {
            for row in sql.fetch(column.read.to_owned(), &[]).await? {
                let (id, old) = (row.int(0)?, row.text(1)?);
                if self.0.is_current(&old) {
                    continue;
                }
                let context = (column.context)(id);
                let opened = self.0.unseal(&context, &old);
                let new = match opened.and_then(|secret| self.0.seal(&context, &secret)) {
                    Ok(new) => new,
                    Err(error) => return Ok(Err(error)),
                };
                let args = [Arg::Text(&new), Arg::Int(id), Arg::Text(&old)];
                sql.execute(column.write.to_owned(), &args).await?;
                done += 1;
            }
        }
        Ok(Ok(done))
    }
}

struct Count;

#[async_trait]
impl Work for Count {
    type Out = usize;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<usize, Cause> {
        let mut count = 0;
        for column in columns() {
            count += sql.fetch(column.read.to_owned(), &[]).await?.len();
        }
        Ok(count)
    }
}
