//! How accounts stand in the database.

use crate::{
    manage::{
        ManageError, Office, Role,
        accounts::{ApiToken, User},
    },
    model::{Name, Timestamp},
    store::sql::{Arg, Cause, Row},
};

/// What [`account_of`] reads, in its order.
macro_rules! account_columns {
    () => {
        "name, role, within, disabled, must_change, totp IS NOT NULL, created, last_login,
         password, totp, id"
    };
}

/// A user, and what a login is held against.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) user: User,
    pub(super) password: String,
    pub(super) totp: Option<String>,
    /// Of its row.
    pub(super) id: i64,
}

impl Office {
    pub(super) async fn account(&self, name: &str) -> Result<Option<Account>, ManageError> {
        const SQL: &str = concat!("SELECT ", account_columns!(), " FROM users WHERE name = ?");
        let rows = self.database.rows(SQL, &[Arg::Text(name)]).await?;
        let account = rows.first().map(|row| account_of(row.as_ref())).transpose();
        account.map_err(|cause| self.database.unreadable(cause))
    }

    /// By name.
    pub(super) async fn accounts(&self) -> Result<Vec<Account>, ManageError> {
        const SQL: &str = concat!("SELECT ", account_columns!(), " FROM users ORDER BY name");
        let rows = self.database.rows(SQL, &[]).await?;
        let accounts = rows.iter().map(|row| account_of(row.as_ref())).collect::<Result<_, _>>();
        accounts.map_err(|cause| self.database.unreadable(cause))
    }
}

fn account_of(row: &dyn Row) -> Result<Account, Cause> {
    Ok(Account {
        user: User {
            name: name_in(row, 0)?,
            role: role_in(row, 1)?,
            groups: names_in(row, 2)?,
            disabled: row.int(3)? != 0,
            must_change: row.int(4)? != 0,
            totp: row.int(5)? != 0,
            created: Timestamp::from_millis(row.int(6)?),
            last_login: row.maybe_int(7)?.map(Timestamp::from_millis),
        },
        password: row.text(8)?,
        totp: row.maybe_text(9)?,
        id: row.int(10)?,
    })
}

/// Reads `name, user, role, within, created, ends, used`.
pub(super) fn token_of(row: &dyn Row) -> Result<ApiToken, Cause> {
    let user = row.maybe_text(1)?.map(|text| Name::new(&text)).transpose().map_err(Cause::row)?;
    Ok(ApiToken {
        name: name_in(row, 0)?,
        user,
        role: role_in(row, 2)?,
        groups: names_in(row, 3)?,
        created: Timestamp::from_millis(row.int(4)?),
        ends: row.maybe_int(5)?.map(Timestamp::from_millis),
        used: row.maybe_int(6)?.map(Timestamp::from_millis),
    })
}

pub(super) fn name_in(row: &dyn Row, column: usize) -> Result<Name, Cause> {
    Name::new(&row.text(column)?).map_err(Cause::row)
}

pub(super) fn role_in(row: &dyn Row, column: usize) -> Result<Role, Cause> {
    let word = row.text(column)?;
    Role::parse(&word).ok_or_else(|| Cause::row(format!("{word:?} is no role")))
}

pub(super) fn names_in(row: &dyn Row, column: usize) -> Result<Vec<Name>, Cause> {
    serde_json::from_str(&row.text(column)?).map_err(Cause::row)
}

/// As [`names_in`] reads them.
pub(super) fn names(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    serde_json::json!(names).to_string()
}
