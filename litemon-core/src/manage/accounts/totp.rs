//! Codes of an authenticator app (RFC 6238: SHA-1, 6 digits, each 30 s), which such apps agree on.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::Sha1;

use super::{LoginRefused, TotpSetup, rows::Account, users::no_user};
use crate::{
    manage::{Manage, ManageError, Office, Principal, Role},
    model::Timestamp,
    secret::Secret,
    store::sql::Arg,
};

/// A code is for this long.
const STEP_MS: i64 = 30_000;
/// Codes before and after the present one that count: clocks differ, and typing takes time.
const SLACK: i64 = 1;
const DIGITS: usize = 6;

impl Manage {
    /// Begins to ask oneself for codes: gives the secret that an authenticator app is set up with.
    /// Nothing is asked for before [`confirm_totp`](Self::confirm_totp).
    ///
    /// # Errors
    /// [`ManageError::Invalid`] for a wrong password; [`ManageError::Forbidden`] without a login.
    pub async fn enroll_totp(
        &self,
        by: &Principal,
        password: &str,
    ) -> Result<TotpSetup, ManageError> {
        let office = &self.office;
        let account = office.confirm(by, "password", password).await?;
        let bits: [u8; 20] = rand::random();
        let secret = Secret::new(BASE32_NOPAD.encode(&bits));
        let sealed = office.vault.seal(&context(account.id), &secret)?;
        let args = [Arg::Text(&by.name), Arg::Text(&sealed)];
        let keep = "UPDATE users SET totp_new = ?2 WHERE name = ?1";
        office.database.write(&[(keep, &args)]).await?;
        let uri = Secret::new(format!(
            "otpauth://totp/litemon:{}?secret={}&issuer=litemon",
            by.name,
            secret.expose()
        ));
        Ok(TotpSetup { secret, uri })
    }

    /// Proves that the app is set up; from now on each login takes a code.
    ///
    /// # Errors
    /// [`ManageError::Invalid`] for a wrong code; [`ManageError::Conflict`] when nothing was begun.
    pub async fn confirm_totp(&self, by: &Principal, code: &str) -> Result<(), ManageError> {
        let office = &self.office;
        let work = office.take_totp(by, code);
        office.audited(by, "user.totp", &by.name, &json!({ "on": true }), work).await
    }

    /// Asks an account for codes no more: one's own with the password, or, as an admin, that of
    /// somebody who lost the app.
    ///
    /// # Errors
    /// [`ManageError::Invalid`] for a wrong password; [`ManageError::Forbidden`],
    /// [`ManageError::NotFound`].
    pub async fn remove_totp(
        &self,
        by: &Principal,
        name: &str,
        password: Option<&str>,
    ) -> Result<(), ManageError> {
        let office = &self.office;
        if office.is_own(by, name) {
            office.confirm(by, "password", password.unwrap_or_default()).await?;
        } else {
            by.require(Role::Admin, "change the logins of others")?;
        }
        let work = async {
            let none = "UPDATE users SET totp = NULL, totp_new = NULL WHERE name = ?";
            match office.database.write(&[(none, &[Arg::Text(name)])]).await?.first() {
                Some(1..) => Ok(()),
                _ => Err(no_user(name)),
            }
        };
        office.audited(by, "user.totp", name, &json!({ "on": false }), work).await
    }
}

impl Office {
    /// Whether a login may go on: the account asks for no code, or this is one, used once.
    pub(super) async fn code_is_right(
        &self,
        account: &Account,
        code: Option<&str>,
    ) -> Result<(), LoginRefused> {
        let name = account.user.name.as_str();
        let Some(sealed) = &account.totp else { return Ok(()) };
        let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
            return Err(LoginRefused::CodeNeeded);
        };
        let secret = self.vault.unseal(&context(account.id), sealed).map_err(ManageError::from)?;
        let Some(step) = step_of(&secret, code, self.clock.now()) else {
            return Err(LoginRefused::Wrong);
        };
        // Whoever looked over a shoulder is later than this, or in the same moment: one gets it.
        let once = "UPDATE users SET totp_step = ?2 WHERE name = ?1 AND totp_step < ?2";
        let args = [Arg::Text(name), Arg::Int(step)];
        let used = self.database.write(&[(once, &args)]).await?;
        if used.first() == Some(&1) { Ok(()) } else { Err(LoginRefused::Wrong) }
    }

    async fn take_totp(&self, by: &Principal, code: &str) -> Result<(), ManageError> {
        if !self.is_own(by, &by.name) {
            return Err(ManageError::Forbidden("do that without an account".to_owned()));
        }
        let sql = "SELECT totp_new, id FROM users WHERE name = ? AND totp_new IS NOT NULL";
        let rows = self.database.rows(sql, &[Arg::Text(&by.name)]).await?;
        let begun = "begin anew: no authenticator is being set up";
        let row = rows.first().ok_or_else(|| ManageError::Conflict(begun.to_owned()))?;
        let (sealed, id) = row
            .text(0)
            .and_then(|sealed| Ok((sealed, row.int(1)?)))
            .map_err(|cause| self.database.unreadable(cause))?;
        let secret = self.vault.unseal(&context(id), &sealed)?;
        let wrong = "is not the code that the app shows now; is the clock of this machine right?";
        let step = step_of(&secret, code, self.clock.now())
            .ok_or_else(|| ManageError::invalid("code", wrong))?;
        let args = [Arg::Text(&by.name), Arg::Text(&sealed), Arg::Int(step)];
        let take = "UPDATE users SET totp = totp_new, totp_new = NULL, totp_step = ?3
            WHERE name = ?1 AND totp_new = ?2";
        self.database.write(&[(take, &args)]).await.map(drop)
    }
}

/// What the secret of an account is sealed for.
pub(super) fn context(id: i64) -> String {
    format!("user/{id}/totp")
}

/// The step that a code is of, if it is one of the present ones.
fn step_of(secret: &Secret, code: &str, now: Timestamp) -> Option<i64> {
    let key = BASE32_NOPAD.decode(secret.expose().as_bytes()).ok()?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let present = now.as_millis() / STEP_MS;
    (present - SLACK..=present + SLACK).find(|step| code_of(&key, *step).as_ref() == Some(&code))
}

fn code_of(key: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest.last()? & 0xf);
    let four: [u8; 4] = digest.get(at..at + 4)?.try_into().ok()?;
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    Some(format!("{:0DIGITS$}", number % 10_u32.pow(DIGITS as u32)))
}

/// What an app would show now.
#[cfg(test)]
pub(super) fn present_code(secret: &Secret, now: Timestamp) -> String {
    let key = BASE32_NOPAD.decode(secret.expose().as_bytes()).unwrap();
    code_of(&key, now.as_millis() / STEP_MS).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, its last six digits.
        let secret = Secret::new(BASE32_NOPAD.encode(b"12345678901234567890"));
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
            let step = step_of(&secret, code, at(seconds));
            assert_eq!(step, Some(seconds / 30), "{seconds}");
            assert!(step_of(&secret, code, at(seconds + 30)).is_some());
            assert_eq!(step_of(&secret, code, at(seconds + 90)), None);
            assert_eq!(step_of(&secret, "12 34", at(seconds)), None);
        }
        assert!(step_of(&secret, " 287 082 ", Timestamp::from_millis(59_000)).is_some());
    }
}
