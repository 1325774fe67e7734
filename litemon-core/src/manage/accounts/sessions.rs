use std::{net::IpAddr, time::Duration};

use serde_json::json;

use super::{
    LoggedIn, Session, SessionOf, keys,
    rows::{name_in, names_in, role_in},
    throttle::network,
};
use crate::{
    manage::{Manage, ManageError, Office, Principal, Role, Via, accounts::User},
    model::Timestamp,
    store::sql::{Arg, Cause, Row},
};

/// A session that is not used for so long is over.
const IDLE: Duration = Duration::from_secs(12 * 3600);
/// However much it is used.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);
/// How exactly it is known when it was last used.
const SEEN_EACH: Duration = Duration::from_secs(60);
/// Sessions of a user, this one with them; the one that was used longest ago makes room.
const MOST: i64 = 20;
/// Addresses that are known of a user.
const MOST_ADDRESSES: i64 = 20;

impl Manage {
    /// The session that a token stands for; `None` when it is over, or its user may not log in any
    /// more. Asked at each request: what changed about the user counts at once.
    ///
    /// The address of the principal is the caller's to add.
    ///
    /// # Errors
    /// [`ManageError::Database`]
    pub async fn session(&self, token: &str) -> Result<Option<SessionOf>, ManageError> {
        let Some(hash) = keys::hash(token) else { return Ok(None) };
        let now = self.office.clock.now();
        let rows = self
            .office
            .database
            .rows(
                "SELECT s.id, u.name, u.role, u.within, u.must_change, s.seen
                FROM sessions s JOIN users u ON u.name = s.user
                WHERE s.hash = ? AND u.disabled = 0 AND s.seen > ? AND s.created > ?",
                &[
                    Arg::Text(&hash),
                    Arg::Int(now.minus(IDLE).as_millis()),
                    Arg::Int(now.minus(LONGEST).as_millis()),
                ],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (session, seen) = session_of(row.as_ref(), token)
            .map_err(|cause| self.office.database.unreadable(cause))?;
        if now.since(seen) >= SEEN_EACH {
            let args = [Arg::Int(now.as_millis()), Arg::Int(session.id)];
            let seen = "UPDATE sessions SET seen = ? WHERE id = ?";
            self.office.database.write(&[(seen, &args)]).await?;
        }
        Ok(Some(session))
    }

    /// Ends the session of a token. One that is over already is no mistake.
    ///
    /// # Errors
    /// [`ManageError::Database`]
    pub async fn logout(&self, by: &Principal, token: &str) -> Result<(), ManageError> {
        let Some(hash) = keys::hash(token) else { return Ok(()) };
        let args = [Arg::Text(&hash)];
        let end = async {
            let gone = "DELETE FROM sessions WHERE hash = ?";
            self.office.database.write(&[(gone, &args)]).await.map(drop)
        };
        self.office.audited(by, "session.end", &by.name, &json!({}), end).await
    }

    /// The sessions of the one who asks; of everybody, for an admin who asks for `all`. Those that
    /// were used last stand first.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`], [`ManageError::Database`]
    pub async fn sessions(&self, by: &Principal, all: bool) -> Result<Vec<Session>, ManageError> {
        if all {
            by.require(Role::Admin, "see the sessions of others")?;
        }
        let mine = (!all).then_some(by.name.as_str());
        let now = self.office.clock.now();
        let rows = self
            .office
            .database
            .rows(
                "SELECT id, user, created, seen, address FROM sessions
                WHERE (?1 IS NULL OR user = ?1) AND seen > ?2 AND created > ?3 ORDER BY seen DESC",
                &[
                    mine.into(),
                    Arg::Int(now.minus(IDLE).as_millis()),
                    Arg::Int(now.minus(LONGEST).as_millis()),
                ],
            )
            .await?;
        let sessions = rows.iter().map(|row| listed(row.as_ref())).collect::<Result<_, _>>();
        sessions.map_err(|cause| self.office.database.unreadable(cause))
    }

    /// Ends a session: one of one's own, or, for an admin, anybody's.
    ///
    /// # Errors
    /// [`ManageError::NotFound`] when there is no such session that one may end.
    pub async fn end_session(&self, by: &Principal, id: i64) -> Result<(), ManageError> {
        let mine = self.office.reach(by)?;
        let args = [Arg::Int(id), mine.into()];
        let end = async {
            let gone = "DELETE FROM sessions WHERE id = ?1 AND (?2 IS NULL OR user = ?2)";
            match self.office.database.write(&[(gone, &args)]).await?.first() {
                Some(1..) => Ok(()),
                _ => Err(ManageError::NotFound { what: "session", name: id.to_string() }),
            }
        };
        self.office.audited(by, "session.end", &id.to_string(), &json!({}), end).await
    }
}

impl Office {
    /// Begins a session.
    pub(super) async fn begin_session(
        &self,
        user: &User,
        from: Option<IpAddr>,
    ) -> Result<LoggedIn, ManageError> {
        let token = keys::random("");
        let hash = keys::hash(token.expose()).unwrap_or_default();
        let now = self.clock.now();
        let (name, at) = (Arg::Text(user.name.as_str()), Arg::Int(now.as_millis()));
        let shown = from.map(|address| address.to_canonical().to_string());
        let known = from.map(|address| network(address).to_string());
        self.database
            .write(&[
                (
                    "DELETE FROM sessions WHERE seen <= ? OR created <= ?",
                    &[
                        Arg::Int(now.minus(IDLE).as_millis()),
                        Arg::Int(now.minus(LONGEST).as_millis()),
                    ],
                ),
                (
                    "DELETE FROM sessions WHERE user = ?1 AND id NOT IN
                        (SELECT id FROM sessions WHERE user = ?1 ORDER BY seen DESC LIMIT ?2)",
                    &[name, Arg::Int(MOST - 1)],
                ),
                (
                    "INSERT INTO sessions (hash, user, created, seen, address)
                        VALUES (?1, ?2, ?3, ?3, ?4)",
                    &[Arg::Text(&hash), name, at, shown.as_deref().into()],
                ),
                ("UPDATE users SET last_login = ?2 WHERE name = ?1", &[name, at]),
                (
                    "INSERT INTO known_addresses (user, address, at) SELECT ?1, ?2, ?3
                        WHERE ?2 IS NOT NULL
                        ON CONFLICT (user, address) DO UPDATE SET at = excluded.at",
                    &[name, known.as_deref().into(), at],
                ),
                (
                    "DELETE FROM known_addresses WHERE user = ?1 AND address NOT IN (SELECT address
                        FROM known_addresses WHERE user = ?1 ORDER BY at DESC LIMIT ?2)",
                    &[name, Arg::Int(MOST_ADDRESSES)],
                ),
            ])
            .await?;
        let principal = Principal::new(user.name.as_str(), user.role, Via::Session)
            .from_address(from)
            .within(user.groups.clone());
        Ok(LoggedIn {
            csrf: keys::csrf(token.expose()),
            token,
            principal,
            must_change: user.must_change,
        })
    }

    /// Whether a login from there is one that the account's owner may make: this machine, or where
    /// a login of theirs came from before.
    pub(super) async fn is_known(
        &self,
        name: &str,
        from: Option<IpAddr>,
    ) -> Result<bool, ManageError> {
        let Some(address) = from.map(network) else { return Ok(false) };
        if from.is_some_and(|from| from.to_canonical().is_loopback()) {
            return Ok(true);
        }
        let sql = "SELECT 1 FROM known_addresses WHERE user = ? AND address = ?";
        let args = [Arg::Text(name), Arg::Text(&address.to_string())];
        Ok(!self.database.rows(sql, &args).await?.is_empty())
    }
}

fn session_of(row: &dyn Row, token: &str) -> Result<(SessionOf, Timestamp), Cause> {
    let principal = Principal::new(row.text(1)?, role_in(row, 2)?, Via::Session);
    let session = SessionOf {
        id: row.int(0)?,
        principal: principal.within(names_in(row, 3)?),
        csrf: keys::csrf(token),
        must_change: row.int(4)? != 0,
    };
    Ok((session, Timestamp::from_millis(row.int(5)?)))
}

fn listed(row: &dyn Row) -> Result<Session, Cause> {
    Ok(Session {
        id: row.int(0)?,
        user: name_in(row, 1)?,
        created: Timestamp::from_millis(row.int(2)?),
        seen: Timestamp::from_millis(row.int(3)?),
        from: row.maybe_text(4)?.and_then(|text| text.parse().ok()),
    })
}
