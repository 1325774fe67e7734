//! Accounts: who may log in, with which rights, and what stands in for a login.
//!
//! Nothing here is kept in clear that would let somebody in: passwords are argon2id hashes, tokens of
//! sessions and programs SHA-256 hashes of 256 random bits.

mod keys;
mod login;
mod model;
mod password;
mod rows;
mod sessions;
mod throttle;
mod tokens;
mod totp;
mod users;

pub use self::{
    model::{
        ApiToken, LoggedIn, LoginRefused, NewToken, NewUser, Session, SessionOf, TotpSetup, User,
        UserEdit,
    },
    password::one_time_password,
    tokens::MadeToken,
};
use self::{password::Lanes, throttle::Throttle};
use super::vault::Sealed;

/// See [`Database`](super::database::Database).
pub(super) const TABLES: &str = "\
    CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL, within TEXT NOT NULL,
        password TEXT NOT NULL, must_change INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
        created INTEGER NOT NULL, last_login INTEGER, totp TEXT, totp_new TEXT,
        totp_step INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE known_addresses (user TEXT NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (user, address)) WITHOUT ROWID;
    CREATE TABLE sessions (id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE,
        user TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL, address TEXT);
    CREATE INDEX sessions_of_users ON sessions (user);
    CREATE TABLE tokens (name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user TEXT,
        role TEXT NOT NULL, within TEXT NOT NULL, created INTEGER NOT NULL, ends INTEGER,
        used INTEGER) WITHOUT ROWID;";

/// The columns that hold sealed secrets.
pub(super) const SEALED: &[Sealed] = &[
    Sealed {
        read: "SELECT id, totp FROM users WHERE totp IS NOT NULL",
        write: "UPDATE users SET totp = ? WHERE id = ? AND totp = ?",
        context: totp::context,
    },
    Sealed {
        read: "SELECT id, totp_new FROM users WHERE totp_new IS NOT NULL",
        write: "UPDATE users SET totp_new = ? WHERE id = ? AND totp_new = ?",
        context: totp::context,
    },
];

/// What logins need beside the database.
#[derive(Debug, Default)]
pub(super) struct Desk {
    lanes: Lanes,
    throttle: Throttle,
}

#[cfg(test)]
mod tests;
