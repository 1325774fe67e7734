use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{Backend, CALL_LIMIT, Cause, Sql};

/// How often a transaction that met another one is tried.
const TRIES: u32 = 5;

/// Something to do on a connection. It may be done again after it failed.
#[async_trait]
pub(crate) trait Work: Send + Sync {
    type Out: Send;

    /// Whether it is to be done in a transaction that writes.
    const WRITES: bool;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause>;
}

/// A few connections, opened when needed. Unlike sqlx's pool it says why it could not connect, and
/// says so at once.
#[derive(Debug)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
    permits: Arc<Semaphore>,
}

#[derive(Debug)]
struct Shared {
    backend: Arc<dyn Backend>,
    /// Held for a push or a pop only.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    sql: Box<dyn Sql>,
    /// A call on it was given up; a transaction may be open.
    dirty: bool,
}

impl std::fmt::Debug for Idle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idle").field("dirty", &self.dirty).finish_non_exhaustive()
    }
}

impl Pool {
    pub(crate) fn new(backend: Arc<dyn Backend>, most: usize) -> Self {
        let shared = Arc::new(Shared { backend, idle: Mutex::default() });
        Self { shared, permits: Arc::new(Semaphore::new(most)) }
    }

    pub(crate) fn place(&self) -> String {
        self.shared.backend.place()
    }

    /// Does it within [`CALL_LIMIT`].
    ///
    /// Cancel safety: what writes may or may not have happened.
    pub(crate) async fn run<W: Work>(&self, work: &W) -> Result<W::Out, Cause> {
        self.run_within(CALL_LIMIT, work).await
    }

    pub(crate) async fn run_within<W: Work>(
        &self,
        limit: Duration,
        work: &W,
    ) -> Result<W::Out, Cause> {
        timeout(limit, self.persist(work)).await.unwrap_or(Err(Cause::Hanging(limit)))
    }

    async fn persist<W: Work>(&self, work: &W) -> Result<W::Out, Cause> {
        let mut tries = 0;
        loop {
            let (result, fresh) = self.once(work).await;
            tries += 1;
            match result {
                // A kept connection may have ended while nobody used it: the others as well.
                Err(Cause::Gone(_)) if !fresh && tries < TRIES => self.forget_idle(),
                Err(Cause::Contended(_)) if tries < TRIES => {
                    let pause = rand::random_range(5..=20_u64) << tries;
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                result => return result,
            }
        }
    }

    /// The result, and whether its connection was opened for it.
    async fn once<W: Work>(&self, work: &W) -> (Result<W::Out, Cause>, bool) {
        let mut lease = match self.lease().await {
            Ok(lease) => lease,
            Err(cause) => return (Err(cause), true),
        };
        let begin = W::WRITES.then(|| self.shared.backend.begin());
        let result = in_transaction(&mut *lease, begin, work).await;
        let fresh = lease.fresh;
        lease.give_back(result.as_ref().err());
        (result, fresh)
    }

    async fn lease(&self) -> Result<Lease, Cause> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|closed| Cause::row(closed.to_string()))?;
        let kept = self.shared.idle().pop();
        let fresh = kept.is_none();
        let sql = match kept {
            Some(idle) => idle,
            None => Idle { sql: self.shared.backend.connect().await?, dirty: false },
        };
        let was_dirty = sql.dirty;
        let mut lease =
            Lease { idle: Some(sql), fresh, shared: Arc::clone(&self.shared), _permit: permit };
        if was_dirty {
            // Fails when no transaction is open, which is just as well.
            let _ = lease.run("ROLLBACK").await;
        }
        Ok(lease)
    }

    fn forget_idle(&self) {
        self.shared.idle().clear();
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn in_transaction<W: Work>(
    sql: &mut dyn Sql,
    begin: Option<&'static str>,
    work: &W,
) -> Result<W::Out, Cause> {
    let Some(begin) = begin else { return work.on(sql).await };
    sql.run(begin).await?;
    let result = match work.on(sql).await {
        Ok(out) => sql.run("COMMIT").await.map(|()| out),
        Err(cause) => Err(cause),
    };
    if result.is_err() {
        // The first error is the one to tell; SQLite has rolled back by itself after some.
        let _ = sql.run("ROLLBACK").await;
    }
    result
}

/// A connection in use.
struct Lease {
    idle: Option<Idle>,
    fresh: bool,
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    /// Keeps the connection for the next, unless it is no good.
    fn give_back(mut self, cause: Option<&Cause>) {
        let broken = matches!(cause, Some(Cause::Gone(_) | Cause::Corrupt(_) | Cause::Other(_)));
        if let Some(idle) = self.idle.take().filter(|_| !broken) {
            self.shared.idle().push(Idle { dirty: false, ..idle });
        }
    }
}

/// Only a call that was given up drops a lease that still holds its connection.
impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(idle) = self.idle.take()
            && self.shared.backend.outlives_cancel()
        {
            self.shared.idle().push(Idle { dirty: true, ..idle });
        }
    }
}

#[expect(clippy::expect_used, reason = "the connection leaves with the lease only")]
impl Deref for Lease {
    type Target = dyn Sql;
    fn deref(&self) -> &Self::Target {
        &*self.idle.as_ref().expect("a lease holds its connection").sql
    }
}

#[expect(clippy::expect_used, reason = "the connection leaves with the lease only")]
impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.idle.as_mut().expect("a lease holds its connection").sql
    }
}
