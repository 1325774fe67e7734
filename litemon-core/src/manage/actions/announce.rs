//! What jobs tell the monitor: which servers are about to go away, which are back, and which jobs
//! ended whose end is to be told.
//!
//! It goes through the database, since a job may run in another process than the monitor.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    hold::Planned,
    manage::{Manage, ManageError, jobs::Told},
    model::{Name, Timestamp},
    monitor::{MonitorHandle, Stopped},
    store::sql::Arg,
};

/// See [`Database`](crate::manage::database::Database).
pub(in crate::manage) const TABLES: &str = "\
    CREATE TABLE announced (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
        server TEXT NOT NULL, body TEXT NOT NULL);";

/// How often the monitor looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a job waits for the monitor, which may not be running.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);
/// How often a job looks whether it was taken.
const POLL: Duration = Duration::from_millis(100);
/// What nobody took for so long is not news any more.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many are taken at once.
const TAKEN: i64 = 1000;

/// What the monitor is told of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Announcement {
    /// It is about to be restarted or shut down.
    Hold(Planned),
    /// It was seen to have started anew.
    Back,
    /// Nothing is planned for it any more.
    Release,
}

impl Manage {
    /// Tells the monitor of a server. For a hold it waits until the monitor took it, 3 s at most,
    /// since no monitor may be running.
    ///
    /// # Errors
    /// [`ManageError::Database`]: then the monitor does not know, and what was planned is not to be
    /// done.
    ///
    /// Cancel safety: a dropped future may or may not have told it.
    pub async fn announce(
        &self,
        server: &Name,
        announcement: &Announcement,
    ) -> Result<(), ManageError> {
        let (database, clock) = (&self.office.database, &self.office.clock);
        let now = clock.now();
        let body = serde_json::to_string(announcement).unwrap_or_default();
        let old = [Arg::Int(now.minus(KEPT).as_millis())];
        database.write(&[("DELETE FROM announced WHERE at < ?", &old)]).await?;
        let sql = "INSERT INTO announced (at, server, body) VALUES (?, ?, ?) RETURNING id";
        let args = [Arg::Int(now.as_millis()), Arg::Text(server.as_str()), Arg::Text(&body)];
        let rows = database.rows(sql, &args).await?;
        let id = rows.first().map_or(Ok(0), |row| row.int(0));
        let id = id.map_err(|cause| database.unreadable(cause))?;
        if matches!(announcement, Announcement::Hold(_)) {
            self.wait_until_taken(id).await?;
        }
        Ok(())
    }

    async fn wait_until_taken(&self, id: i64) -> Result<(), ManageError> {
        let (database, clock) = (&self.office.database, &self.office.clock);
        let deadline = clock.instant() + TAKEN_WITHIN;
        while clock.instant() < deadline {
            let sql = "SELECT id FROM announced WHERE id = ?";
            if database.rows(sql, &[Arg::Int(id)]).await?.is_empty() {
                break;
            }
            clock.sleep_until(clock.instant() + POLL).await;
        }
        Ok(())
    }

    /// Brings what jobs announce to a monitor, until `end` or until it has stopped.
    ///
    /// Cancel safety: what was read and not yet told is read again.
    pub async fn tell_monitor(&self, monitor: MonitorHandle, end: CancellationToken) {
        let clock = &self.office.clock;
        let mut next: Instant = clock.instant();
        let mut told = Told::default();
        loop {
            tokio::select! {
                () = end.cancelled() => return,
                () = clock.sleep_until(next) => {}
            }
            for looked in [self.tell_once(&monitor).await, self.ends(&monitor, &mut told).await] {
                match looked {
                    Ok(Ok(())) => {}
                    Ok(Err(Stopped)) => return,
                    Err(error) => tracing::warn!("what jobs announce cannot be read: {error}"),
                }
            }
            next = clock.instant() + LOOK_EVERY;
        }
    }

    async fn ends(
        &self,
        monitor: &MonitorHandle,
        told: &mut Told,
    ) -> Result<Result<(), Stopped>, ManageError> {
        let now = self.office.clock.now();
        told.go_on(self, monitor, |at| now.since(at) < KEPT).await
    }

    async fn tell_once(&self, monitor: &MonitorHandle) -> Result<Result<(), Stopped>, ManageError> {
        let database = &self.office.database;
        let sql = "SELECT id, at, server, body FROM announced ORDER BY id LIMIT ?";
        for row in database.rows(sql, &[Arg::Int(TAKEN)]).await? {
            let unreadable = |cause| database.unreadable(cause);
            let id = row.int(0).map_err(unreadable)?;
            let at = Timestamp::from_millis(row.int(1).map_err(unreadable)?);
            let server = row.text(2).map_err(unreadable)?;
            let body = row.text(3).map_err(unreadable)?;
            let fresh = self.office.clock.now().since(at) < KEPT;
            let read = Name::new(&server).ok().zip(serde_json::from_str(&body).ok());
            if let Some((server, announcement)) = read.filter(|_| fresh)
                && tell(monitor, &server, announcement, at).await.is_err()
            {
                return Ok(Err(Stopped));
            }
            database.write(&[("DELETE FROM announced WHERE id = ?", &[Arg::Int(id)])]).await?;
        }
        Ok(Ok(()))
    }
}

async fn tell(
    monitor: &MonitorHandle,
    server: &Name,
    announcement: Announcement,
    at: Timestamp,
) -> Result<(), Stopped> {
    // A server that is not watched needs none of it.
    match announcement {
        Announcement::Hold(planned) => monitor.hold(server, planned.since(at)).await.map(drop),
        Announcement::Back => monitor.came_back(server).await.map(drop),
        Announcement::Release => monitor.release(server).await.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        clock::SystemClock,
        manage::KeyFiles,
        monitor::{Monitor, Server},
    };

    #[tokio::test]
    async fn a_monitor_is_told_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let manage = Manage::open(folder.path(), &KeyFiles::default(), clock).await.unwrap();
        let web = Name::new("web-1").unwrap();
        let monitor =
            Monitor::builder().server(Server::new(web.clone(), "192.0.2.1")).start().await.unwrap();
        let (handle, end) = (monitor.handle(), CancellationToken::new());
        let mut snapshots = handle.watch();
        let follower = {
            let (manage, end) = (manage.clone(), end.clone());
            tokio::spawn(async move { manage.tell_monitor(handle, end).await })
        };
        let within = Duration::from_secs(600);
        let planned = Announcement::Hold(Planned::shutdown("ann", within));
        manage.announce(&web, &planned).await.unwrap();
        let shows = |planned: bool| {
            move |snapshot: &Arc<crate::monitor::Snapshot>| {
                snapshot.server("web-1").unwrap().planned.is_some() == planned
            }
        };
        let limit = Duration::from_secs(60);
        let seen = tokio::time::timeout(limit, snapshots.wait_for(shows(true))).await;
        drop(seen.unwrap().unwrap());
        manage.announce(&web, &Announcement::Release).await.unwrap();
        let seen = tokio::time::timeout(limit, snapshots.wait_for(shows(false))).await;
        drop(seen.unwrap().unwrap());
        end.cancel();
        follower.await.unwrap();
        let left = manage.office.database.rows("SELECT id FROM announced", &[]).await.unwrap();
        assert!(left.is_empty());
    }
}
