//! Whether somebody is at work on a server's packages, asked of the server itself.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::{Concern, Doubt};
use crate::{
    exec::{Command, Exec},
    model::{Name, one_line},
};

const SCRIPT: &str = include_str!("scripts/busy.sh");
const LOCKS: &str = "/var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock \
                     /var/cache/apt/archives/lock /var/lib/rpm/.rpm.lock /lib/apk/db/lock";
const PROGRAMS: &str = "dnf yum rpm pkg";
/// How many servers are asked at once.
const AT_ONCE: usize = 50;

/// Asks servers whether their packages are in use now. One that does not answer by the deadline
/// says nothing.
///
/// Cancel safety: dropping the future ends the asking.
pub async fn packages_in_use(
    servers: BTreeMap<Name, Arc<dyn Exec>>,
    deadline: Instant,
) -> Vec<Concern> {
    let asked = stream::iter(servers).map(|(server, exec)| async move {
        let by = in_use(&*exec, LOCKS, deadline).await?;
        Some(Concern { server, why: Doubt::PackagesBusy(by) })
    });
    let mut found: Vec<Concern> =
        asked.buffer_unordered(AT_ONCE).filter_map(|one| async { one }).collect().await;
    found.sort_by(|one, other| one.server.cmp(&other.server));
    found
}

async fn in_use(exec: &dyn Exec, locks: &str, deadline: Instant) -> Option<String> {
    if exec.device().is_network() {
        return None;
    }
    let mut command = Command::shell(SCRIPT);
    command.env.push(("LITEMON_LOCKS".into(), locks.into()));
    command.env.push(("LITEMON_PROGRAMS".into(), PROGRAMS.into()));
    let output = exec.run(&command, deadline).await.ok()?;
    let by = one_line(&String::from_utf8_lossy(&output.stdout), 60);
    (!by.is_empty()).then_some(by)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::fs::{FlockOperation, fcntl_lock};

    use super::*;
    use crate::exec::{Address, SshSettings, connect};

    #[tokio::test]
    async fn who_holds_a_lock_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let file = std::fs::File::create(&path).unwrap();
        let exec = connect(&Address::Local, &SshSettings::new(""));
        let deadline = Instant::now() + Duration::from_secs(30);
        let locks = format!("/nonexistent {}", path.display());
        assert_eq!(in_use(&*exec, &locks, deadline).await, None);
        fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
        assert!(in_use(&*exec, &locks, deadline).await.is_some());
        drop(file);
        assert_eq!(in_use(&*exec, &locks, deadline).await, None);
    }
}
