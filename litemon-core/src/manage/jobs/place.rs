//! One server's turn in a job.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    away, conduct, detached, dialogue,
    handle::{Shared, blocking},
    lease::Lease,
    live::Live,
    model::{Outcome, Stage},
    output::OutputFile,
    proof, rolling, streamed,
};
use crate::{
    config::ServerPlan,
    exec::{self, Address, Exec, SshSettings},
    manage::actions::{Proof, Runnable},
    model::{Name, Timestamp},
};

/// How long a connection that no job uses is kept.
const IDLE: Duration = Duration::from_secs(120);
/// The most connections that are kept without being used: each takes about 100 KB.
const MOST_IDLE: usize = 200;
/// The longest that is waited for a connection.
pub(super) const CONNECT: Duration = Duration::from_secs(15);

/// One server's turn.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) shared: Arc<Shared>,
    pub(super) live: Arc<Live>,
    pub(super) place: usize,
    pub(super) server: ServerPlan,
    pub(super) cancel: CancellationToken,
}

impl Place {
    pub(super) const fn new(
        shared: Arc<Shared>,
        live: Arc<Live>,
        place: usize,
        server: ServerPlan,
        cancel: CancellationToken,
    ) -> Self {
        Self { shared, live, place, server, cancel }
    }

    /// Takes the turn to its end. It always ends with an outcome, unless what is detached goes on
    /// while litemon stops.
    pub(super) async fn run(&self) {
        let order = &self.live.stored.head.order;
        let how = match conduct::runnable(&self.shared, order, &self.server).await {
            Ok(how) => how,
            Err(error) => {
                self.done(Outcome::Unknown(error.to_string())).await;
                return;
            }
        };
        let until = away::until(&self.live);
        if let Some(until) = until.filter(|until| self.now() >= *until) {
            self.done(away::not_back(until)).await;
            return;
        }
        let lease = match self.lease(&how).await {
            Ok(lease) => lease,
            Err(Outcome::Cancelled) if away::stays(&self.shared, &self.live) => return,
            Err(outcome) => {
                self.done(outcome).await;
                return;
            }
        };
        let Some(outcome) = self.act(&how).await else { return };
        if !outcome.is_ok() {
            // The next job asks anew, whatever is remembered of this connection.
            self.shared.connections.forget(&self.server.name);
        }
        if let Some(until) = until.filter(|_| matches!(outcome, Outcome::Unreachable(_))) {
            // Nothing began there, so that it can have its turn later.
            self.stage(Stage::Away { since: self.now(), until });
            if let Some(lease) = lease {
                lease.release(&self.shared).await;
            }
            return;
        }
        let may_run = outcome == Outcome::TimedOut { ended: false };
        let version = self.done(outcome).await;
        if !may_run {
            self.tidy(&how, version).await;
        }
        if let Some(lease) = lease {
            lease.release(&self.shared).await;
        }
    }

    /// Runs it and, where the job is a rolling one, waits until the server is well again.
    async fn act(&self, how: &Runnable) -> Option<Outcome> {
        let stage = self.live.record(self.place).map(|record| record.result.stage);
        if matches!(stage, Some(Stage::Settling(_))) {
            return Some(rolling::settle(self, how).await);
        }
        if stage.is_some_and(|stage| matches!(stage, Stage::Waiting(_))) {
            rolling::note(self);
        }
        if !self.begin().await {
            let why = "it could not be written down, so it was not run";
            return Some(Outcome::Unknown(why.to_owned()));
        }
        match self.carry_out(how).await? {
            Outcome::Ok => Some(rolling::settle(self, how).await),
            other => Some(other),
        }
    }

    /// Removes what a detached run left on the server, now that its outcome is written. What cannot
    /// be removed now is looked for again, by the mark that stays in the record.
    async fn tidy(&self, how: &Runnable, version: u64) {
        let mark = self.live.record(self.place).and_then(|record| record.mark);
        let Some(mark) = mark else { return };
        if self.live.written(version).await && detached::tidy(&self.exec(how), &mark).await {
            self.live.set(self.place, |record| record.mark = None);
        }
    }

    async fn carry_out(&self, how: &Runnable) -> Option<Outcome> {
        let exec = self.exec(how);
        let known = self.live.record(self.place).and_then(|record| record.mark);
        match (how.proof, how.detached, known) {
            (Proof::Exit, true, known) => detached::run(self, &exec, how, known).await,
            (Proof::Exit, false, _) => Some(self.follow(&exec, how).await),
            _ => Some(proof::run(self, &exec, how).await),
        }
    }

    /// Runs it and follows it to its end, as its server lets it.
    pub(super) async fn follow(&self, exec: &Arc<dyn Exec>, how: &Runnable) -> Outcome {
        if self.server.device.is_network() && !how.on_monitor {
            dialogue::run(self, exec, how).await
        } else {
            streamed::run(self, exec, how).await
        }
    }

    /// Waits until no other job changes the server.
    async fn lease(&self, how: &Runnable) -> Result<Option<Lease>, Outcome> {
        if !how.changes || how.on_monitor {
            return Ok(None);
        }
        let waits = |other| {
            let why = format!("job {other} is at work there");
            let stage = Stage::Waiting(Some(why));
            self.stage(stage);
        };
        tokio::select! {
            lease = Lease::take(&self.shared, &self.server.name, self.live.id(), waits) => {
                lease.map(Some).map_err(|error| Outcome::Unknown(error.to_string()))
            }
            () = self.cancel.cancelled() => {
                Lease::leave(&self.shared, &self.server.name, self.live.id()).await;
                Err(Outcome::Cancelled)
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.shared.manage.clock().now()
    }

    /// Writes that it runs, before it does.
    async fn begin(&self) -> bool {
        let now = self.shared.manage.clock().now();
        let version = self.live.set(self.place, |record| {
            record.result.stage = Stage::Running;
            record.result.started = record.result.started.or(Some(now));
        });
        self.shared.changed(self.live.id(), Some(self.server.name.clone()));
        self.live.written(version).await
    }

    fn exec(&self, how: &Runnable) -> Arc<dyn Exec> {
        if how.on_monitor {
            return exec::connect(&Address::Local, &SshSettings::new(""));
        }
        self.shared.connections.to(&self.server)
    }

    pub(super) fn stage(&self, stage: Stage) {
        self.live.set(self.place, |record| record.result.stage = stage);
        self.shared.changed(self.live.id(), Some(self.server.name.clone()));
    }

    /// More output.
    pub(super) fn push(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.live.push(self.place, bytes);
        }
    }

    /// Tells of new output, and writes what of it belongs to the file.
    pub(super) async fn flush(&self) {
        let bytes = self.live.with_output(self.place, |output| {
            output.as_mut().map(super::output::Output::unwritten)
        });
        self.shared.changed(self.live.id(), Some(self.server.name.clone()));
        append(&self.shared, &self.live, self.place, bytes.flatten().unwrap_or_default()).await;
    }

    async fn done(&self, outcome: Outcome) -> u64 {
        done(&self.shared, &self.live, self.place, outcome).await
    }
}

/// Writes how a server's turn ended; the version of the job that says so.
pub(super) async fn done(shared: &Shared, live: &Live, place: usize, outcome: Outcome) -> u64 {
    let kept = live.with_output(place, |output| {
        output.as_mut().map(|output| (output.digest(), output.tail_length(), output.rest()))
    });
    let (digest, tail) = match kept.flatten() {
        Some((digest, tail, rest)) => {
            append(shared, live, place, rest).await;
            (Some(digest), tail)
        }
        None => (None, 0),
    };
    let now = shared.manage.clock().now();
    let version = live.set(place, |record| {
        record.digest = digest;
        record.tail = tail;
        record.result.stage = Stage::Done(outcome);
        record.result.ended = Some(now);
    });
    live.forget_output(place);
    let name = live.record(place).map(|record| record.result.server);
    shared.changed(live.id(), name);
    version
}

async fn append(shared: &Shared, live: &Live, place: usize, bytes: Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let file = OutputFile::of(&shared.folder, live.id(), place);
    if let Err(error) = blocking(move || file.append(&bytes)).await {
        tracing::warn!(job = live.id(), "{error}");
    }
}

/// The connections of jobs, which are not those of the checks: each is kept for a while.
#[derive(Debug, Default)]
pub(super) struct Connections(Mutex<BTreeMap<Name, Connection>>);

#[derive(Debug)]
struct Connection {
    address: Address,
    settings: SshSettings,
    exec: Arc<dyn Exec>,
    used: Instant,
}

impl Connections {
    pub(super) fn to(&self, server: &ServerPlan) -> Arc<dyn Exec> {
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        connections.retain(|_, connection| connection.is_fresh(now));
        let same = |connection: &&mut Connection| {
            connection.address == server.address && connection.settings == server.ssh
        };
        if let Some(connection) = connections.get_mut(&server.name).filter(same) {
            connection.used = now;
            return Arc::clone(&connection.exec);
        }
        let exec = exec::connect(&server.address, &server.ssh);
        let connection = Connection {
            address: server.address.clone(),
            settings: server.ssh.clone(),
            exec: Arc::clone(&exec),
            used: now,
        };
        connections.insert(server.name.clone(), connection);
        keep_few(&mut connections);
        exec
    }

    /// Closes those that no job used for a while.
    pub(super) fn prune(&self) {
        let now = Instant::now();
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connections.retain(|_, connection| connection.is_fresh(now));
        keep_few(&mut connections);
    }

    fn forget(&self, server: &Name) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(server);
    }
}

/// Closes those that were used the longest ago, of those that nobody uses, until few are left.
fn keep_few(connections: &mut BTreeMap<Name, Connection>) {
    let idle = || connections.iter().filter(|(_, connection)| !connection.is_used());
    let more = idle().count().saturating_sub(MOST_IDLE);
    if more == 0 {
        return;
    }
    let mut idle: Vec<_> =
        idle().map(|(name, connection)| (connection.used, name.clone())).collect();
    idle.sort_unstable();
    for (_, name) in idle.iter().take(more) {
        connections.remove(name);
    }
}

impl Connection {
    /// Whoever uses it holds another one.
    fn is_used(&self) -> bool {
        Arc::strong_count(&self.exec) > 1
    }

    fn is_fresh(&self, now: Instant) -> bool {
        self.is_used() || now.duration_since(self.used) < IDLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn few_connections_are_kept_unused_and_those_in_use_are_left_alone() {
        let address = Address::Local;
        let settings = SshSettings::new("");
        let begun = Instant::now();
        let mut connections = BTreeMap::new();
        let mut in_use = Vec::new();
        for number in 0..MOST_IDLE + 10 {
            let exec = exec::connect(&address, &settings);
            // The first five are used, the next ten were used the longest ago.
            if number < 5 {
                in_use.push(Arc::clone(&exec));
            }
            let used = begun + Duration::from_millis(u64::try_from(number).unwrap());
            let (address, settings) = (address.clone(), settings.clone());
            let name = Name::new(&format!("s{number}")).unwrap();
            connections.insert(name, Connection { address, settings, exec, used });
        }
        keep_few(&mut connections);
        let has =
            |number: usize| connections.contains_key(&Name::new(&format!("s{number}")).unwrap());
        assert_eq!(connections.len(), MOST_IDLE + 5);
        assert!((0..5).all(has) && (5..10).all(|number| !has(number)) && has(10));
        drop(in_use);
        keep_few(&mut connections);
        assert_eq!(connections.len(), MOST_IDLE);
    }
}
