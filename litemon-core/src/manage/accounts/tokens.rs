use std::{fmt, time::Duration};

use serde_json::json;

use super::{
    ApiToken, NewToken, keys,
    rows::{names, names_in, role_in, token_of},
};
use crate::{
    manage::{Manage, ManageError, Office, Principal, Role, Via},
    model::{Name, Timestamp},
    secret::Secret,
    store::sql::{Arg, Cause, Row},
};

/// People and scanners of published code know it by this.
const PREFIX: &str = "litemon_";
/// How exactly it is known when it was last used.
const USED_EACH: Duration = Duration::from_secs(60);
/// More than that is not kept by hand.
const MOST: i64 = 1000;

/// An API token that was made.
#[derive(Clone)]
#[non_exhaustive]
pub struct MadeToken {
    /// Its text, which nobody can be shown again.
    pub secret: Secret,
    /// What is kept.
    pub token: ApiToken,
}

impl fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeToken").field("token", &self.token).finish_non_exhaustive()
    }
}

impl Manage {
    /// Who an API token stands for; `None` when it is not one, has ended, or its account may not
    /// log in. Its role is at most that of its account.
    ///
    /// # Errors
    /// [`ManageError::Database`]
    pub async fn token_principal(&self, bearer: &str) -> Result<Option<Principal>, ManageError> {
        let Some(hash) = keys::hash(bearer) else { return Ok(None) };
        let now = self.office.clock.now();
        let rows = self
            .office
            .database
            .rows(
                "SELECT t.name, t.user, t.role, t.within, t.used, u.role, u.within
                FROM tokens t LEFT JOIN users u ON u.name = t.user AND u.disabled = 0
                WHERE t.hash = ? AND (t.ends IS NULL OR t.ends > ?)
                    AND (t.user IS NULL OR u.name IS NOT NULL)",
                &[Arg::Text(&hash), Arg::Int(now.as_millis())],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (principal, used) =
            principal_of(row.as_ref()).map_err(|cause| self.office.database.unreadable(cause))?;
        if used.is_none_or(|used| now.since(used) >= USED_EACH) {
            let args = [Arg::Int(now.as_millis()), Arg::Text(&hash)];
            let used = "UPDATE tokens SET used = ? WHERE hash = ?";
            self.office.database.write(&[(used, &args)]).await?;
        }
        Ok(principal)
    }

    /// API tokens by name: one's own, or all for an admin.
    ///
    /// # Errors
    /// [`ManageError::Database`]
    pub async fn tokens(&self, by: &Principal) -> Result<Vec<ApiToken>, ManageError> {
        let mine = self.office.reach(by)?;
        let rows = self
            .office
            .database
            .rows(
                "SELECT name, user, role, within, created, ends, used FROM tokens
                WHERE ?1 IS NULL OR user = ?1 ORDER BY name",
                &[mine.into()],
            )
            .await?;
        let tokens = rows.iter().map(|row| token_of(row.as_ref())).collect::<Result<_, _>>();
        tokens.map_err(|cause| self.office.database.unreadable(cause))
    }

    /// Makes an API token: for oneself with what one may do at most, or, as an admin, any.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`], [`ManageError::Taken`], [`ManageError::NotFound`] for an account
    /// that does not exist.
    pub async fn add_token(&self, by: &Principal, new: NewToken) -> Result<MadeToken, ManageError> {
        may_add(by, &new)?;
        let detail = json!({ "user": new.user, "role": new.role, "groups": new.groups,
            "lasts_s": new.lasts.map(|lasts| lasts.as_secs()) });
        let office = &self.office;
        let name = new.name.as_str();
        office.audited(by, "token.add", name, &detail, office.insert_token(&new)).await
    }

    /// Removes an API token: one's own, or, as an admin, any. It ends at once.
    ///
    /// # Errors
    /// [`ManageError::NotFound`] when there is none that one may remove.
    pub async fn remove_token(&self, by: &Principal, name: &str) -> Result<(), ManageError> {
        let mine = self.office.reach(by)?;
        let args = [Arg::Text(name), mine.into()];
        let gone = async {
            let gone = "DELETE FROM tokens WHERE name = ?1 AND (?2 IS NULL OR user = ?2)";
            match self.office.database.write(&[(gone, &args)]).await?.first() {
                Some(1..) => Ok(()),
                _ => Err(ManageError::NotFound { what: "token", name: name.to_owned() }),
            }
        };
        self.office.audited(by, "token.remove", name, &json!({}), gone).await
    }
}

impl Office {
    async fn insert_token(&self, new: &NewToken) -> Result<MadeToken, ManageError> {
        if let Some(user) = &new.user
            && self.account(user.as_str()).await?.is_none()
        {
            return Err(super::users::no_user(user.as_str()));
        }
        let secret = keys::random(PREFIX);
        let hash = keys::hash(secret.expose()).unwrap_or_default();
        let created = self.clock.now();
        let ends = new.lasts.map(|lasts| created.plus(lasts));
        let added = self
            .database
            .write(&[(
                "INSERT INTO tokens (name, hash, user, role, within, created, ends)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE (SELECT count(*) FROM tokens) < ?8
                ON CONFLICT (name) DO NOTHING",
                &[
                    Arg::Text(new.name.as_str()),
                    Arg::Text(&hash),
                    new.user.as_ref().map(Name::as_str).into(),
                    Arg::Text(new.role.word()),
                    Arg::Text(&names(&new.groups)),
                    Arg::Int(created.as_millis()),
                    ends.map(Timestamp::as_millis).into(),
                    Arg::Int(MOST),
                ],
            )])
            .await?;
        if added.first() != Some(&1) {
            return Err(ManageError::Taken { what: "token", name: new.name.to_string() });
        }
        let NewToken { name, user, role, groups, .. } = new.clone();
        let token = ApiToken { name, user, role, groups, created, ends, used: None };
        Ok(MadeToken { secret, token })
    }
}

/// A token that makes tokens would outlive its own end.
fn may_add(by: &Principal, new: &NewToken) -> Result<(), ManageError> {
    if matches!(by.via, Via::Token(_)) {
        return Err(ManageError::Forbidden("make a token by showing a token".to_owned()));
    }
    let own = by.via == Via::Session
        && new.user.as_ref().is_some_and(|user| user.as_str() == by.name)
        && new.role <= by.role;
    if own { Ok(()) } else { by.require(Role::Admin, "make such a token") }
}

/// Reads `name, user, role, groups, used` of the token and `role, groups` of its account.
fn principal_of(row: &dyn Row) -> Result<(Option<Principal>, Option<Timestamp>), Cause> {
    let token = row.text(0)?;
    let used = row.maybe_int(4)?.map(Timestamp::from_millis);
    let (role, groups) = (role_in(row, 2)?, names_in(row, 3)?);
    let user = row.maybe_text(1)?;
    let (role, groups) = match user {
        None => (role, Some(groups)),
        Some(_) => (role.min(role_in(row, 5)?), both(groups, names_in(row, 6)?)),
    };
    let name = user.unwrap_or_else(|| token.clone());
    let principal = |groups| Principal::new(name, role, Via::Token(token)).within(groups);
    Ok((groups.map(principal), used))
}

/// What lies within both, where an empty list is everything; `None` when that is nothing.
fn both(one: Vec<Name>, other: Vec<Name>) -> Option<Vec<Name>> {
    match (one.is_empty(), other.is_empty()) {
        (_, true) => Some(one),
        (true, _) => Some(other),
        _ => Some(one.into_iter().filter(|name| other.contains(name)).collect::<Vec<_>>())
            .filter(|both| !both.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_acts_within_both() {
        let list = |text: &str| -> Vec<Name> {
            text.split_whitespace().map(|name| Name::new(name).unwrap()).collect()
        };
        for (token, account, expected) in [
            ("", "", Some("")),
            ("a b", "", Some("a b")),
            ("", "a b", Some("a b")),
            ("a b", "b c", Some("b")),
            ("a", "b", None),
        ] {
            assert_eq!(both(list(token), list(account)), expected.map(list), "{token}/{account}");
        }
    }
}
