//! Giving litemon a key to a server.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde_json::json;
use tokio::time::Instant;

use super::test::conflict;
use crate::{
    exec::{self, Command, Exec, SshExec, SshTarget},
    manage::{Manage, ManageError, Principal, Role},
    model::{Failure, FailureKind},
    secret::Secret,
};

/// The longest each login and the writing of the key may take.
const STEP: Duration = Duration::from_secs(20);

/// Puts the line in `$KEY` into the far user's authorized_keys, unless it stands there.
const INSTALL: &str = "umask 077; d=$HOME/.ssh; f=$d/authorized_keys; \
    mkdir -p \"$d\" && touch \"$f\" && { grep -qxF -e \"$KEY\" \"$f\" || { \
    { [ -z \"$(tail -c 1 \"$f\")\" ] || echo >>\"$f\"; } && printf '%s\\n' \"$KEY\" >>\"$f\"; }; }";

/// What was done about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyInstalled {
    /// It opened the server before.
    AlreadyThere,
    /// It opens the server from now on.
    Now,
}

impl Manage {
    /// Makes sure that a key opens a server: the one that was named for it, else litemon's own, which
    /// is made in the state folder if there is none. Its public half is put into the far user's
    /// `authorized_keys`, by way of any login that works. It can be called again.
    ///
    /// # Errors
    /// [`ManageError::Invalid`] of the field `password` when a password is needed, or was wrong;
    /// [`ManageError::Conflict`] with what else keeps it from being done.
    pub async fn install_key(
        &self,
        by: &Principal,
        name: &str,
        password: Option<Secret>,
    ) -> Result<KeyInstalled, ManageError> {
        by.require(Role::Admin, "enroll servers")?;
        let target = self.target(name).await?;
        let key = key_for(&target).await?;
        let by_key = self.with_key_only(&target, &key.path);
        match by_key.reach(Instant::now() + STEP).await {
            Ok(()) => return Ok(KeyInstalled::AlreadyThere),
            Err(failure) if failure.kind == FailureKind::Auth => {}
            Err(failure) => return Err(conflict(failure)),
        }
        let detail = json!({ "key": key.line, "user": target.settings.user });
        let work = async {
            self.put_key(target, &key, password).await?;
            by_key.retry_now().await;
            by_key.reach(Instant::now() + STEP).await.map_err(|failure| {
                ManageError::Conflict(format!(
                    "the key stands in authorized_keys, and still: {failure}"
                ))
            })?;
            Ok(KeyInstalled::Now)
        };
        self.office.audited(by, "server.enroll", name, &detail, work).await
    }

    async fn put_key(
        &self,
        mut target: SshTarget,
        key: &Key,
        password: Option<Secret>,
    ) -> Result<(), ManageError> {
        if target.settings.device.is_network() {
            let device = target.settings.device;
            let why = format!("a key cannot be put on {device} devices from here: {}", key.line);
            return Err(ManageError::Conflict(why));
        }
        let given = password.is_some();
        target.settings.password = password.or(target.settings.password);
        let place = SshExec::new(target, Arc::clone(&self.office.clock));
        let mut command = Command::shell(INSTALL);
        command.env.push(("KEY".to_owned(), key.line.clone()));
        let done = place.run(&command, Instant::now() + STEP).await;
        let output = done.map_err(|failure| refused(failure, given))?;
        if output.success() { Ok(()) } else { Err(conflict(output.failure())) }
    }

    /// The server, opened by nothing but one key.
    fn with_key_only(&self, target: &SshTarget, path: &std::path::Path) -> SshExec {
        let mut target = target.clone();
        let settings = &mut target.settings;
        settings.identities = vec![path.to_owned()];
        settings.skip_missing_identities = false;
        settings.own_identity = None;
        settings.keys.clear();
        settings.agent = None;
        settings.password = None;
        SshExec::new(target, Arc::clone(&self.office.clock))
    }
}

fn refused(failure: Failure, given: bool) -> ManageError {
    match (failure.kind, given) {
        (FailureKind::Auth, true) => ManageError::invalid("password", failure.message),
        (FailureKind::Auth, false) => {
            ManageError::invalid("password", "is needed once, to install the key")
        }
        _ => conflict(failure),
    }
}

struct Key {
    path: PathBuf,
    line: String,
}

/// The key that was named for the server, else litemon's own.
async fn key_for(target: &SshTarget) -> Result<Key, ManageError> {
    let settings = &target.settings;
    let named = settings.identities.first().filter(|_| !settings.skip_missing_identities).cloned();
    let own = settings.own_identity.clone();
    let read = move || match (named, own) {
        (Some(path), _) => exec::public_line(&path).map(|line| Key { path, line }),
        (None, Some(path)) => exec::own_key(&path).map(|line| Key { path, line }),
        (None, None) => Err("there is no place for litemon's own key".to_owned()),
    };
    let read = tokio::task::spawn_blocking(read).await;
    let read = read.map_err(|error| ManageError::Conflict(error.to_string()))?;
    read.map_err(ManageError::Conflict)
}
