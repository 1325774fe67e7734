//! A dashboard over a snapshot that the test changes, on a free loopback port.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use litemon_core::{
    clock::{Clock, SystemClock},
    monitor::Snapshot,
    store::{MemoryStore, Store},
    testing::{paper::paper, paper_past},
};
use litemon_web::{Dashboard, Handles, Limits, Settings};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A served dashboard. It ends on drop.
#[derive(Debug)]
pub struct Site {
    /// What it shows.
    pub snapshot: watch::Sender<Arc<Snapshot>>,
    /// What it remembers: the past of the paper's scene.
    pub store: Arc<MemoryStore>,
    /// Where it listens.
    pub address: SocketAddr,
    /// Ends it in order.
    pub shutdown: CancellationToken,
    /// Its accept loop.
    pub task: JoinHandle<()>,
    dashboard: Dashboard,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Site {
    /// The paper's scene, as of now.
    pub async fn paper() -> Self {
        Self::start(paper(SystemClock.now()).unwrap().build(), Limits::default()).await
    }

    /// Any scene.
    pub async fn start(snapshot: Snapshot, limits: Limits) -> Self {
        Self::with(snapshot, limits, |_| {}).await
    }

    /// Any scene with settings of its own.
    pub async fn with(snapshot: Snapshot, limits: Limits, set: impl FnOnce(&mut Settings)) -> Self {
        let store = Arc::new(MemoryStore::new());
        store.append(&paper_past(SystemClock.now()).unwrap()).await.unwrap();
        Self::over(snapshot, store, limits, set).await
    }

    /// Any scene over a history of its own.
    pub async fn over(
        snapshot: Snapshot,
        store: Arc<MemoryStore>,
        limits: Limits,
        set: impl FnOnce(&mut Settings),
    ) -> Self {
        let listener = litemon_web::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, receiver) = watch::channel(Arc::new(snapshot));
        let handles = Handles::new(receiver, store.clone(), Arc::new(SystemClock));
        let mut settings = Settings::new(address);
        set(&mut settings);
        let dashboard = litemon_web::service(handles, settings).unwrap();
        let shutdown = CancellationToken::new();
        let task =
            tokio::spawn(litemon_web::serve(listener, dashboard.clone(), limits, shutdown.clone()));
        Self { snapshot: sender, store, address, shutdown, task, dashboard }
    }

    /// Ends the accept loop at once, as if the program had been killed.
    pub async fn kill(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    /// Listens again at the same address.
    pub async fn revive(&mut self) {
        let listener = super::eventually("the port", Duration::from_secs(20), async || {
            litemon_web::bind(self.address).await.ok()
        })
        .await;
        let serve = litemon_web::serve(
            listener,
            self.dashboard.clone(),
            Limits::default(),
            self.shutdown.clone(),
        );
        self.task = tokio::spawn(serve);
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
