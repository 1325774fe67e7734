//! Jobs against real servers: what each end is called, that what is ended really ends, and that what
//! is detached goes on.

mod browser;
mod canaries;
mod detached;
mod ends;
mod exec;
mod killed;
mod outcomes;

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use litemon_core::{
    clock::SystemClock,
    config::{self, Inputs, Kinds, MachineSecrets, Plan, Surroundings},
    manage::{
        KeyFiles, Manage, Principal, Role, Via,
        actions::Catalog,
        jobs::{Fleet, Job, JobId, Jobs, Order, Outcome, What},
    },
    model::{Name, Zone},
};
use tokio::sync::watch;

use crate::support::eventually;

/// How long anything here may take on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(90);

/// A process that runs jobs, as far as others on its state folder can see.
struct Desk {
    jobs: Jobs,
    by: Principal,
    _fleet: watch::Sender<Fleet>,
}

impl Desk {
    /// One on this folder, with the servers of a configuration.
    async fn open(folder: &Path, configuration: &str) -> Self {
        let plan = plan(folder, configuration);
        let state = folder.join("state");
        let keys = KeyFiles::default();
        let manage = Manage::open(&state, &keys, Arc::new(SystemClock)).await.unwrap();
        let (fleet, now) = watch::channel(Fleet::new(plan.servers.iter().cloned()));
        let jobs = Jobs::open(&manage, now, Catalog::new(&manage, &plan)).unwrap();
        let by = Principal::new("ann", Role::Operator, Via::System);
        Self { jobs, by, _fleet: fleet }
    }

    async fn submit(&self, order: Order) -> Job {
        self.jobs.submit(&self.by, order).await.unwrap()
    }

    async fn job(&self, id: JobId) -> Job {
        self.jobs.job(&self.by, id).await.unwrap()
    }

    /// Waits for a job's end.
    async fn ended(&self, id: JobId) -> Job {
        eventually("the job's end", PATIENCE, async || {
            Some(self.job(id).await).filter(|job| job.ended.is_some())
        })
        .await
    }

    /// Runs a command to its end.
    async fn run(&self, line: &str, servers: &[&str]) -> Job {
        let job = self.submit(command(line, servers)).await;
        self.ended(job.id).await
    }

    /// All that is kept of what a server put out.
    async fn output(&self, id: JobId, server: &str) -> String {
        let (server, mut bytes, mut at) = (name(server), Vec::new(), 0);
        loop {
            let part = self.jobs.output(&self.by, id, &server, at).await.unwrap();
            at = part.next();
            bytes.extend(&part.bytes);
            if part.bytes.is_empty() {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
        }
    }

    /// Waits until a server put this out, and gives all of it.
    async fn says(&self, id: JobId, server: &str, what: &str) -> String {
        eventually(what, PATIENCE, async || {
            Some(self.output(id, server).await).filter(|said| said.contains(what))
        })
        .await
    }

    /// The process that a command names as `pid NUMBER` in a line.
    async fn pid(&self, id: JobId, server: &str) -> u32 {
        eventually("a pid", PATIENCE, async || {
            let said = self.output(id, server).await;
            let line = said.lines().find_map(|line| line.strip_prefix("pid "))?;
            line.trim().parse().ok()
        })
        .await
    }
}

fn plan(folder: &Path, configuration: &str) -> Plan {
    let environment = BTreeMap::from([
        ("HOME".to_owned(), folder.display().to_string()),
        ("USER".to_owned(), "tester".to_owned()),
    ]);
    let inputs = Inputs::new(Vec::new(), environment.clone(), folder.to_owned());
    let texts = vec![(folder.join("litemon.toml"), configuration.to_owned())];
    let secrets = MachineSecrets::new(environment.clone());
    let kinds = Kinds::builtin();
    let around = Surroundings::of(&environment, Zone::utc(), &secrets, &kinds);
    let loaded = config::load_texts(texts, &inputs).unwrap();
    loaded.plan(&around).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn command(line: &str, servers: &[&str]) -> Order {
    let servers = servers.iter().map(|server| name(server)).collect();
    Order::new(What::Command(line.to_owned()), servers)
}

fn outcome<'a>(job: &'a Job, server: &str) -> &'a Outcome {
    let (_, result) = job.result(&name(server)).unwrap();
    result.outcome().unwrap_or_else(|| panic!("{result:?}"))
}

/// Whether a process is there, and more than the remains of one.
fn lives(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => files.extend(files_below(&entry.path())),
            false => files.push(entry.path()),
        }
    }
    files
}
