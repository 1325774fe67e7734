use std::{net::IpAddr, time::Duration};

use serde_json::json;

use super::{LoggedIn, LoginRefused, User, rows::Account, throttle::Verdict, users::no_user};
use crate::{
    manage::{Manage, ManageError, Office, Principal, Role, Via},
    secret::Secret,
};

impl Manage {
    /// Whether anybody can log in at all: while there is no account, there is nobody to ask for.
    ///
    /// # Errors
    /// [`ManageError::Database`]
    pub async fn has_users(&self) -> Result<bool, ManageError> {
        let rows = self.office.database.rows("SELECT 1 FROM users LIMIT 1", &[]).await?;
        Ok(!rows.is_empty())
    }

    /// Logs in, with a code where the account asks for one. It takes as long, and answers the same,
    /// for a name that does not exist. Wrong ones make the next wait, up to 15 minutes; one's own
    /// wait, for whoever comes from where they came from before, is 3 s at most.
    ///
    /// Cancel safety: a login that is dropped counts as a wrong one.
    ///
    /// # Errors
    /// [`LoginRefused`]; each text may be shown.
    pub async fn login(
        &self,
        name: &str,
        password: &str,
        code: Option<&str>,
        from: Option<IpAddr>,
    ) -> Result<LoggedIn, LoginRefused> {
        let office = &self.office;
        let account = office.account(name).await?;
        let attempt = Attempt { name, from, known: office.is_known(name, from).await? };
        let wrong = office.let_in(&attempt).await?;
        let password = Secret::new(password.to_owned());
        let right = office.is_right(&attempt, account.as_ref(), &password).await?;
        let Some(account) = account.filter(|account| right && !account.user.disabled) else {
            office.note_wrong(&attempt, wrong).await;
            return Err(LoginRefused::Wrong);
        };
        match office.code_is_right(&account, code).await {
            Err(LoginRefused::Wrong) => {
                office.note_wrong(&attempt, wrong).await;
                return Err(LoginRefused::Wrong);
            }
            answer => {
                office.desk.throttle.was_right(name, from);
                answer?;
            }
        }
        Ok(office.begin_login(&account, from).await?)
    }

    /// Whether this is the password of the one who asks, for what asks for it again. Wrong ones
    /// count as wrong logins.
    ///
    /// # Errors
    /// [`ManageError::Invalid`] when it is not, or too many were wrong; [`ManageError::Forbidden`]
    /// for whoever has no password here.
    pub async fn confirm_password(
        &self,
        by: &Principal,
        password: &str,
    ) -> Result<(), ManageError> {
        self.office.confirm(by, "password", password).await.map(drop)
    }

    /// The same for somebody at the machine itself, who has no password here: the account with this
    /// name, once its password was right. Both is in the audit trail. Wrong ones count as wrong
    /// logins.
    ///
    /// # Errors
    /// [`ManageError::NotFound`] for no such account; [`ManageError::Invalid`] when it is not its
    /// password, or too many were wrong; [`ManageError::Forbidden`] for an account that may not log
    /// in, and for whoever came by another way.
    pub async fn vouch(
        &self,
        by: &Principal,
        name: &str,
        password: &Secret,
    ) -> Result<User, ManageError> {
        if by.via != Via::System {
            return Err(ManageError::Forbidden("let an account vouch for you".to_owned()));
        }
        let account = self.office.account(name).await?.ok_or_else(|| no_user(name))?;
        let confirmed = async {
            let attempt = Attempt { name, from: None, known: true };
            self.office.is_its_password(&attempt, &account, "password", password).await?;
            if account.user.disabled {
                return Err(ManageError::Forbidden(format!("use the account {name}")));
            }
            Ok(account.user.clone())
        };
        self.office.audited(by, "user.vouch", name, &json!({}), confirmed).await
    }
}

/// Somebody who wants to be let in.
struct Attempt<'a> {
    name: &'a str,
    from: Option<IpAddr>,
    known: bool,
}

impl Office {
    /// The account of the one who asks, once the password was right.
    pub(super) async fn confirm(
        &self,
        by: &Principal,
        field: &'static str,
        password: &str,
    ) -> Result<Account, ManageError> {
        let no_password = || ManageError::Forbidden("do that without an account".to_owned());
        if by.via != Via::Session {
            return Err(no_password());
        }
        let account = self.account(&by.name).await?.ok_or_else(no_password)?;
        // Who has a session is known, wherever it is used from.
        let attempt = Attempt { name: &by.name, from: by.from, known: true };
        let password = Secret::new(password.to_owned());
        self.is_its_password(&attempt, &account, field, &password).await?;
        Ok(account)
    }

    async fn is_its_password(
        &self,
        attempt: &Attempt<'_>,
        account: &Account,
        field: &'static str,
        password: &Secret,
    ) -> Result<(), ManageError> {
        let wrong = || ManageError::invalid(field, "is not your password");
        self.let_in(attempt).await.map_err(|_| wrong())?;
        match self.is_right(attempt, Some(account), password).await {
            Ok(true) => {}
            Ok(false) => return Err(wrong()),
            Err(LoginRefused::Failed(error)) => return Err(error),
            Err(other) => return Err(ManageError::invalid(field, other.to_string())),
        }
        self.desk.throttle.was_right(attempt.name, attempt.from);
        Ok(())
    }

    /// How many were wrong for this account lately, with this one.
    async fn let_in(&self, attempt: &Attempt<'_>) -> Result<u32, LoginRefused> {
        let now = self.clock.instant();
        match self.desk.throttle.ask(now, attempt.known, attempt.name, attempt.from) {
            Verdict::Refused(wait) => Err(LoginRefused::TooMany(wait)),
            Verdict::After { wait, wrong } => {
                if wait > Duration::ZERO {
                    self.clock.sleep_until(now + wait).await;
                }
                Ok(wrong)
            }
        }
    }

    async fn is_right(
        &self,
        attempt: &Attempt<'_>,
        account: Option<&Account>,
        password: &Secret,
    ) -> Result<bool, LoginRefused> {
        let hash = account.map(|account| account.password.clone());
        let right = self.desk.lanes.verify(attempt.known, password, hash).await;
        right.map_err(|_| {
            // Nothing was tried.
            self.desk.throttle.was_right(attempt.name, attempt.from);
            LoginRefused::Busy
        })
    }

    async fn begin_login(
        &self,
        account: &Account,
        from: Option<IpAddr>,
    ) -> Result<LoggedIn, ManageError> {
        let user = &account.user;
        let by = Principal::new(user.name.as_str(), user.role, Via::Session).from_address(from);
        let begin = self.begin_session(user, from);
        self.audited(&by, "session.begin", user.name.as_str(), &json!({}), begin).await
    }

    /// Tells of a wrong login. The trail takes the first, second, fourth, eighth … for a name, so that
    /// nobody fills it. A name that is none is not written down, as it may be a password, typed into
    /// the wrong field; the work is the same, so that the time tells nothing.
    async fn note_wrong(&self, attempt: &Attempt<'_>, wrong: u32) {
        let from = attempt.from.map(|from| from.to_string()).unwrap_or_default();
        tracing::info!(from, "a login was refused");
        let exists = matches!(self.account(attempt.name).await, Ok(Some(_)));
        if !wrong.is_power_of_two() {
            return;
        }
        let about = if exists { attempt.name } else { "" };
        let by = Principal::new("", Role::Viewer, Via::Litemon).from_address(attempt.from);
        let detail = json!({ "wrong": wrong, "account": exists });
        if let Err(error) = self.begin(&by, "session.refused", about, &detail).await {
            tracing::warn!("a refused login is not in the audit trail: {error}");
        }
    }
}
