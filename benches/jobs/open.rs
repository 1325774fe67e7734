//! A job of a monitor whose connections are open.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use litemon_core::{
    clock::SystemClock,
    config::{self, Inputs, Kinds, MachineSecrets, Plan, Surroundings},
    manage::{
        KeyFiles, Manage, Principal, Role, Via,
        actions::Catalog,
        jobs::{Fleet, Job, Jobs, Order, What},
    },
    model::Zone,
};
use tokio::{sync::watch, time::timeout};

use crate::{LINE, proc};

/// Runs the job twice, and tells how much longer the second one took than its slowest server.
pub async fn measure(config: &Path) {
    let plan = plan(config);
    let state = config.with_file_name("state-open");
    std::fs::create_dir(&state).unwrap();
    let keys = KeyFiles::default();
    let manage = Manage::open(&state, &keys, Arc::new(SystemClock)).await.unwrap();
    let catalog = Catalog::new(&manage, &plan);
    let (_fleet, fleet) = watch::channel(Fleet::new(plan.servers.clone()));
    let jobs = Jobs::open(&manage, fleet, catalog).unwrap();
    let by = Principal::new("bench", Role::Operator, Via::System);
    let servers: Vec<_> = plan.servers.iter().map(|server| server.name.clone()).collect();
    let order = Order::new(What::Command(LINE.to_owned()), servers);
    run(&jobs, &by, &order).await;
    let before = proc::cpu(std::process::id());
    let job = run(&jobs, &by, &order).await;
    let cpu = proc::cpu(std::process::id()).saturating_sub(before);
    let whole = job.ended.unwrap().since(job.created);
    let each = job.results.iter().map(|one| one.ended.unwrap().since(one.started.unwrap()));
    let slowest = each.max().unwrap();
    let more = (whole.div_duration_f64(slowest) - 1.0) * 100.0;
    println!(
        "a job with open connections: {:.3} s, its slowest server {:.3} s: {more:.1} % more (goal: 10); {:.2} s of CPU",
        whole.as_secs_f64(),
        slowest.as_secs_f64(),
        cpu.as_secs_f64()
    );
    jobs.shutdown(Duration::from_secs(5)).await;
}

async fn run(jobs: &Jobs, by: &Principal, order: &Order) -> Job {
    let mut changes = jobs.watch();
    let id = jobs.submit(by, order.clone()).await.unwrap().id;
    let over = async {
        loop {
            let job = jobs.job(by, id).await.unwrap();
            if job.ended.is_some() {
                return job;
            }
            let _ = changes.recv().await;
        }
    };
    let job = timeout(Duration::from_secs(120), over).await.expect("the job ends");
    assert!(job.all_ok(), "{job:#?}");
    job
}

fn plan(config: &Path) -> Plan {
    let folder = config.parent().unwrap();
    let environment = BTreeMap::new();
    let inputs = Inputs::new(vec![config.to_owned()], environment.clone(), folder.to_owned());
    let secrets = MachineSecrets::new(environment.clone());
    let kinds = Kinds::builtin();
    let around = Surroundings::of(&environment, Zone::utc(), &secrets, &kinds);
    config::load(&inputs).unwrap().plan(&around).unwrap()
}
