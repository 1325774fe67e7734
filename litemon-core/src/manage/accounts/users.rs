use serde_json::{Value, json};

use super::{LoggedIn, NewUser, User, UserEdit, one_time_password, password, rows::names};
use crate::{
    manage::{Manage, ManageError, Office, Principal, Role, Via},
    model::Name,
    secret::Secret,
    store::sql::Arg,
};

/// The account that is made first.
const FIRST: &str = "admin";
/// More than that is not kept by hand.
const MOST: usize = 1000;

impl Manage {
    /// All accounts, by name.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`] but for admins.
    pub async fn users(&self, by: &Principal) -> Result<Vec<User>, ManageError> {
        by.require(Role::Admin, "see accounts")?;
        Ok(self.office.accounts().await?.into_iter().map(|account| account.user).collect())
    }

    /// The account of a name: one's own, or, for an admin, anybody's.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`], [`ManageError::NotFound`]
    pub async fn user(&self, by: &Principal, name: &str) -> Result<User, ManageError> {
        if !self.office.is_own(by, name) {
            by.require(Role::Admin, "see accounts of others")?;
        }
        Ok(self.office.account(name).await?.ok_or_else(|| no_user(name))?.user)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`ManageError::Taken`]; [`ManageError::Invalid`] for a password that would be guessed.
    pub async fn add_user(&self, by: &Principal, new: NewUser) -> Result<User, ManageError> {
        by.require(Role::Admin, "add accounts")?;
        let name = new.name.as_str();
        password::is_good("password", name, &new.password)?;
        let detail = json!({ "role": new.role, "groups": new.groups });
        let office = &self.office;
        office.audited(by, "user.add", name, &detail, office.insert_user(&new)).await
    }

    /// Makes the account `admin` with a password for one use, if there is no account at all.
    ///
    /// # Errors
    /// [`ManageError::Database`]
    pub async fn add_first_admin(&self, by: &Principal) -> Result<Option<Secret>, ManageError> {
        let name = Name::new(FIRST).map_err(|error| ManageError::Conflict(error.to_string()))?;
        if self.has_users().await? {
            return Ok(None);
        }
        let password = one_time_password();
        self.add_user(by, NewUser::new(name, Role::Admin, password.clone())).await?;
        Ok(Some(password))
    }

    /// Changes an account, and ends its sessions: what changed counts at once.
    ///
    /// # Errors
    /// [`ManageError::NotFound`]; [`ManageError::Conflict`] when nobody would be left to manage.
    pub async fn edit_user(
        &self,
        by: &Principal,
        name: &str,
        edit: &UserEdit,
    ) -> Result<User, ManageError> {
        by.require(Role::Admin, "change accounts")?;
        let mut detail = serde_json::Map::new();
        let mut say = |key: &str, value: Option<Value>| {
            detail.extend(value.map(|value| (key.to_owned(), value)));
        };
        say("role", edit.role.map(|role| json!(role)));
        say("groups", edit.groups.as_ref().map(|groups| json!(groups)));
        say("disabled", edit.disabled.map(|disabled| json!(disabled)));
        let office = &self.office;
        let work = office.update_user(name, edit);
        office.audited(by, "user.edit", name, &Value::Object(detail), work).await
    }

    /// Removes an account with its sessions and tokens.
    ///
    /// # Errors
    /// [`ManageError::NotFound`]; [`ManageError::Conflict`] when nobody would be left to manage.
    pub async fn remove_user(&self, by: &Principal, name: &str) -> Result<(), ManageError> {
        by.require(Role::Admin, "remove accounts")?;
        let office = &self.office;
        office.audited(by, "user.remove", name, &json!({}), office.delete_user(by, name)).await
    }

    /// Gives an account another password, and ends its sessions. With `must_change`, the next login
    /// begins with one of the user's own.
    ///
    /// # Errors
    /// [`ManageError::NotFound`]; [`ManageError::Invalid`] for one that would be guessed.
    pub async fn reset_password(
        &self,
        by: &Principal,
        name: &str,
        new: &str,
        must_change: bool,
    ) -> Result<(), ManageError> {
        by.require(Role::Admin, "set passwords of others")?;
        let new = Secret::new(new.to_owned());
        password::is_good("password", name, &new)?;
        let detail = json!({ "must_change": must_change });
        let set = self.office.set_password(name, &new, must_change);
        self.office.audited(by, "user.password", name, &detail, set).await
    }

    /// Gives oneself another password. All sessions of this account end; the answer is a new one.
    ///
    /// # Errors
    /// [`ManageError::Invalid`] when `current` is wrong, or `new` would be guessed or is the same.
    pub async fn change_password(
        &self,
        by: &Principal,
        current: &str,
        new: &str,
    ) -> Result<LoggedIn, ManageError> {
        let mut user = self.office.confirm(by, "current", current).await?.user;
        if current == new {
            return Err(ManageError::invalid("new", "expected another one than before"));
        }
        let new = Secret::new(new.to_owned());
        password::is_good("new", &by.name, &new)?;
        user.must_change = false;
        let work = async {
            self.office.set_password(&by.name, &new, false).await?;
            self.office.begin_session(&user, by.from).await
        };
        self.office.audited(by, "user.password", &by.name, &json!({ "own": true }), work).await
    }
}

impl Office {
    /// Whether this is the account of the one who asks, rather than one of the same name.
    pub(super) fn is_own(&self, by: &Principal, name: &str) -> bool {
        matches!(by.via, Via::Session) && by.name == name
    }

    /// Whose things may be touched: everybody's (`None`) by an admin, else one's own. A program or an
    /// operating system's user of the same name is somebody else.
    pub(super) fn reach<'a>(&self, by: &'a Principal) -> Result<Option<&'a str>, ManageError> {
        if self.is_own(by, &by.name) && by.role < Role::Admin {
            return Ok(Some(&by.name));
        }
        by.require(Role::Admin, "do that for others").map(|()| None)
    }

    async fn insert_user(&self, new: &NewUser) -> Result<User, ManageError> {
        let name = new.name.as_str();
        if self.accounts().await?.len() >= MOST {
            return Err(ManageError::Conflict(format!("there are {MOST} accounts already")));
        }
        let hash = self.desk.lanes.hash(&new.password).await?;
        let added = self
            .database
            .write(&[(
                "INSERT INTO users (name, role, within, password, must_change, created)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
                &[
                    Arg::Text(name),
                    Arg::Text(new.role.word()),
                    Arg::Text(&names(&new.groups)),
                    Arg::Text(&hash),
                    Arg::Int(new.must_change.into()),
                    Arg::Int(self.clock.now().as_millis()),
                ],
            )])
            .await?;
        if added.first() != Some(&1) {
            return Err(ManageError::Taken { what: "user", name: name.to_owned() });
        }
        Ok(self.account(name).await?.ok_or_else(|| no_user(name))?.user)
    }

    async fn update_user(&self, name: &str, edit: &UserEdit) -> Result<User, ManageError> {
        let groups = edit.groups.as_deref().map(names);
        let touched = self
            .database
            .write(&[
                (
                    "UPDATE users SET role = coalesce(?2, role), within = coalesce(?3, within),
                        disabled = coalesce(?4, disabled)
                    WHERE name = ?1 AND (
                        coalesce(?2, role) = 'admin' AND coalesce(?4, disabled) = 0
                        OR role <> 'admin' OR disabled <> 0
                        OR EXISTS (SELECT 1 FROM users AS u
                            WHERE u.role = 'admin' AND u.disabled = 0 AND u.name <> ?1))",
                    &[
                        Arg::Text(name),
                        edit.role.map(Role::word).into(),
                        groups.as_deref().into(),
                        edit.disabled.map(i64::from).into(),
                    ],
                ),
                ("DELETE FROM sessions WHERE user = ? AND changes() > 0", &[Arg::Text(name)]),
            ])
            .await?;
        let account = self.account(name).await?.ok_or_else(|| no_user(name))?;
        if touched.first() == Some(&0) { Err(last_admin()) } else { Ok(account.user) }
    }

    async fn delete_user(&self, by: &Principal, name: &str) -> Result<(), ManageError> {
        let args = [Arg::Text(name)];
        // Whoever is at the machine itself may go back to having no accounts.
        let any = Arg::Int((by.via == Via::System).into());
        let gone = |table: &'static str| (table, &args as &[Arg<'_>]);
        let touched = self
            .database
            .write(&[
                (
                    "DELETE FROM users WHERE name = ?1 AND (?2 OR role <> 'admin' OR disabled <> 0
                        OR EXISTS (SELECT 1 FROM users AS u
                            WHERE u.role = 'admin' AND u.disabled = 0 AND u.name <> ?1))",
                    &[Arg::Text(name), any],
                ),
                gone(
                    "DELETE FROM sessions WHERE user NOT IN (SELECT name FROM users) AND user = ?",
                ),
                gone("DELETE FROM tokens WHERE user NOT IN (SELECT name FROM users) AND user = ?"),
                gone(
                    "DELETE FROM known_addresses
                    WHERE user NOT IN (SELECT name FROM users) AND user = ?",
                ),
            ])
            .await?;
        match touched.first() {
            Some(1..) => Ok(()),
            _ if self.account(name).await?.is_some() => Err(last_admin()),
            _ => Err(no_user(name)),
        }
    }

    /// The sessions of the account end with its password, and what was known of where it is used
    /// from: it may have been somebody else.
    async fn set_password(
        &self,
        name: &str,
        new: &Secret,
        must_change: bool,
    ) -> Result<(), ManageError> {
        let hash = self.desk.lanes.hash(new).await?;
        let of = [Arg::Text(name)];
        let touched = self
            .database
            .write(&[
                (
                    "UPDATE users SET password = ?2, must_change = ?3 WHERE name = ?1",
                    &[Arg::Text(name), Arg::Text(&hash), Arg::Int(must_change.into())],
                ),
                ("DELETE FROM sessions WHERE user = ?", &of),
                ("DELETE FROM known_addresses WHERE user = ?", &of),
            ])
            .await?;
        if touched.first() == Some(&1) { Ok(()) } else { Err(no_user(name)) }
    }
}

pub(super) fn no_user(name: &str) -> ManageError {
    ManageError::NotFound { what: "user", name: name.to_owned() }
}

fn last_admin() -> ManageError {
    ManageError::Conflict("nobody would be left to manage: make another admin first".to_owned())
}
