use std::{sync::Arc, time::Duration};

use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    Monitor, MonitorHandle, Working,
    canaries::Canaries,
    core::Core,
    drift::Drift,
    effects::Effects,
    inboxes::Inboxes,
    ledger::{Ledger, Writer},
    pulse::Pulse,
    runner::{Inputs, Runner},
    setup::{Check, NotifierSetup, Server, Setup},
    slots::Slots,
};
use crate::{
    canary::Canary,
    clock::{Clock, SystemClock},
    journal::{Image, Journal, JournalError, MemoryJournal},
    measures::Measures,
    model::{IncidentNumber, NoticeId},
    notify::delivery::{Delivery, Limits},
    store::{Feeder, FeederSettings, MemoryStore, Retention, Store, Upkeep, UpkeepSettings},
};

/// Changes that a slow listener may be behind by before it misses some.
const CHANGES: usize = 1024;

/// How long a store may take to say which numbers it has seen.
const NUMBERS_WITHIN: Duration = Duration::from_secs(3);

/// Puts a monitor together; see [`Monitor::builder`].
#[derive(Debug)]
pub struct MonitorBuilder {
    setup: Setup,
    clock: Arc<dyn Clock>,
    journal: Arc<dyn Journal>,
    store: Arc<dyn Store>,
    retention: Retention,
    measures: Arc<Measures>,
}

impl Default for MonitorBuilder {
    fn default() -> Self {
        Self {
            setup: Setup::default(),
            clock: Arc::new(SystemClock),
            journal: Arc::new(MemoryJournal::default()),
            store: Arc::new(MemoryStore::default()),
            retention: Retention::default(),
            measures: Arc::default(),
        }
    }
}

/// A monitor could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The journal cannot be read. Without it, what was told is not known.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Two checks have the same name.
    #[error("two checks are called {0}")]
    DuplicateCheck(crate::model::CheckId),
    /// A check names a notifier that is not there.
    #[error("check {check} names the notifier {notifier}, which there is not")]
    UnknownNotifier {
        /// The check.
        check: crate::model::CheckId,
        /// What it names.
        notifier: crate::model::Name,
    },
}

impl MonitorBuilder {
    /// Watches all of this, besides what was added before.
    #[must_use]
    pub fn setup(mut self, setup: Setup) -> Self {
        // By name, so that none is forgotten.
        let Setup { servers, checks, notifiers, maintenance, rotas, canaries } = setup;
        self.setup.servers.extend(servers);
        self.setup.checks.extend(checks);
        self.setup.notifiers.extend(notifiers);
        self.setup.maintenance.extend(maintenance);
        self.setup.rotas.extend(rotas);
        self.setup.canaries.extend(canaries);
        self
    }

    /// Adds a server.
    #[must_use]
    pub fn server(mut self, server: Server) -> Self {
        self.setup.servers.push(server);
        self
    }

    /// Adds a check.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.setup.checks.push(check);
        self
    }

    /// Adds a notifier.
    #[must_use]
    pub fn notifier(mut self, notifier: NotifierSetup) -> Self {
        self.setup.notifiers.push(notifier);
        self
    }

    /// Asks this whether the monitor's own network works.
    #[must_use]
    pub fn canary(mut self, canary: Arc<dyn Canary>) -> Self {
        self.setup.canaries.push(canary);
        self
    }

    /// Uses another clock than the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Stands on this journal; in memory otherwise, which forgets with the process.
    #[must_use]
    pub fn journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = journal;
        self
    }

    /// Keeps history here; in memory otherwise.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = store;
        self
    }

    /// Keeps it so long.
    #[must_use]
    pub const fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Counts here what it does; an [`Assembler`](super::Assembler) counts connections at the same
    /// place.
    #[must_use]
    pub fn measures(mut self, measures: Arc<Measures>) -> Self {
        self.measures = measures;
        self
    }

    /// Starts it, on the runtime that this is called on.
    ///
    /// # Errors
    /// [`StartError`] when the parts do not fit together or the journal cannot be read. The store
    /// is not asked: the monitor works without it until it is there.
    pub async fn start(self) -> Result<Monitor, StartError> {
        self.setup.validate()?;
        let image = self.remembered().await?;
        let (feeder, upkeep) = (self.feeder(), self.upkeep());
        let mut effects = Effects::default();
        let notifiers = self.setup.by_name();
        let canaries = Canaries::new(self.setup.canaries.clone(), self.clock.instant());
        let (mut core, pending) = Core::open(self.setup, image, self.clock.now(), &mut effects);

        let (delivery, deliveries) =
            Delivery::start(notifiers, Arc::clone(&self.clock), Limits::default(), pending);
        let delivery = Arc::new(delivery);
        let ledger = Ledger::default();
        let (fault, journal_fault) = watch::channel(None);
        let end = CancellationToken::new();
        let end_writer = CancellationToken::new();
        let writer = Writer {
            ledger: ledger.clone(),
            journal: self.journal,
            clock: Arc::clone(&self.clock),
            out: Arc::clone(&delivery),
            fault,
            slow: 0,
        };
        let writer = AbortOnDropHandle::new(tokio::spawn(writer.run(end_writer.clone())));

        let (snapshots, snapshot) = watch::channel(Arc::new(core.snapshot(self.clock.now())));
        let (changes, _) = broadcast::channel(CHANGES);
        let (ask, requests) = mpsc::channel(16);
        let inboxes = Inboxes::of(core.checks(), &Inboxes::default());
        let (inboxes, of_tokens) = watch::channel(Arc::new(inboxes));
        let clock = Arc::clone(&self.clock);
        let drift = Drift::new(self.clock.now(), self.clock.instant());
        let mut slots = Slots::default();
        slots.replace(core.checks(), self.clock.instant());
        let (pulse, pulsed) = watch::channel(Pulse::first(self.clock.instant()));
        let working = Working {
            delivery: delivery.status(),
            feed: feeder.status(),
            journal_fault: journal_fault.clone(),
            pulse: pulsed,
            measures: Arc::clone(&self.measures),
        };
        let inputs = Inputs { requests, deliveries, journal_fault, store: feeder.status() };
        let mut runner = Runner {
            core,
            clock: self.clock,
            drift,
            slots,
            canaries,
            running: tokio::task::JoinSet::new(),
            ledger,
            delivery,
            history: feeder.handle(),
            feeder,
            inputs,
            snapshots,
            changes: changes.clone(),
            inboxes,
            measures: Arc::clone(&self.measures),
            pulse,
        };
        runner.dispatch(effects);
        let runner = AbortOnDropHandle::new(tokio::spawn(runner.run(end.clone())));
        let inboxes = of_tokens;
        let handle =
            MonitorHandle { snapshot, changes, ask, inboxes, clock, store: self.store, working };
        Ok(Monitor { handle, end, end_writer, runner, writer, upkeep })
    }

    /// What the journal holds; a new one counts on from what the store has seen.
    async fn remembered(&self) -> Result<Image, JournalError> {
        let mut image = self.journal.load().await?;
        if image.is_new() {
            (image.next_incident, image.next_notice) = next_numbers(&*self.store).await;
        }
        Ok(image)
    }

    fn feeder(&self) -> Feeder {
        let (store, journal) = (Arc::clone(&self.store), Arc::clone(&self.journal));
        Feeder::start(store, journal, FeederSettings::default())
    }

    fn upkeep(&self) -> Upkeep {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        Upkeep::start(store, clock, self.retention, UpkeepSettings::default())
    }
}

/// Where a new journal begins to count: behind what the store holds, if that can be had now.
async fn next_numbers(store: &dyn Store) -> (IncidentNumber, NoticeId) {
    let asked = tokio::time::timeout(NUMBERS_WITHIN, store.last_numbers()).await;
    let (incident, notice) = match asked {
        Ok(Ok(last)) => last,
        // A store that is away or empty is no reason to wait.
        Ok(Err(_)) | Err(_) => (0, 0),
    };
    (incident.saturating_add(1), notice.saturating_add(1))
}

impl Setup {
    /// Whether its parts fit together.
    pub(super) fn validate(&self) -> Result<(), StartError> {
        let mut seen = std::collections::HashSet::new();
        for check in &self.checks {
            if !seen.insert(&check.id) {
                return Err(StartError::DuplicateCheck(check.id.clone()));
            }
            let known =
                |name: &crate::model::Name| self.notifiers.iter().any(|setup| setup.name == *name);
            let further = check.reminding.escalation.iter().flat_map(|step| &step.notify);
            if let Some(notifier) = check.notify.iter().chain(further).find(|name| !known(name)) {
                let (check, notifier) = (check.id.clone(), notifier.clone());
                return Err(StartError::UnknownNotifier { check, notifier });
            }
        }
        Ok(())
    }
}
