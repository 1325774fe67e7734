//! `exec` and `job`.

mod action;
mod begin;
mod choose;
mod follow;
mod lines;
mod planned;
mod report;
mod vouch;
mod words;

pub use action::action;

use std::process::ExitCode;

use litemon_core::{
    config::Plan,
    manage::{
        Principal,
        jobs::{Jobs, Order, What},
    },
};

use crate::{
    args::{ExecArgs, JobCommand},
    context::Context,
    error::Result,
    management::{self, Works, refused},
    terminal,
};

/// What a command about jobs needs.
pub struct Desk {
    pub plan: Plan,
    pub works: Works,
    pub by: Principal,
}

impl Desk {
    pub async fn open(context: &Context) -> Result<Self> {
        let plan = context.plan().await?;
        let manage = management::open(context, &plan).await?;
        let works = management::works(&manage, &plan)?;
        Ok(Self { plan, works, by: management::principal() })
    }

    const fn jobs(&self) -> &Jobs {
        &self.works.jobs
    }
}

/// `exec`
pub async fn exec(context: &Context, args: &ExecArgs) -> Result<ExitCode> {
    let desk = Desk::open(context).await?;
    let servers = choose::servers(&desk.plan, &args.selection)?;
    let mut order = Order::new(What::Command(args.command.join(" ")), servers);
    order.sudo = args.sudo;
    order.pty = args.pty;
    order.limit = args.limit;
    order.at_once = args.at_once.map(Into::into);
    args.telling.put(&mut order);
    order.when_back = args.waiting.when_back;
    order.rolling = args.rolling.wanted(args.at_once);
    follow::to_the_end(&desk, args.json, async || begin::order(context, &desk, order).await).await
}

/// `job`
pub async fn job(context: &Context, command: &JobCommand) -> Result<ExitCode> {
    if let JobCommand::Token { name } = command {
        return planned::token(name);
    }
    let desk = Desk::open(context).await?;
    let (jobs, by) = (desk.jobs(), &desk.by);
    match command {
        JobCommand::List { most, before, json } => {
            let page = jobs.list(by, *before, *most).await.map_err(refused)?;
            let text =
                if *json { report::list_json(&page) } else { report::list(&page, &desk.plan.zone) };
            super::printed(terminal::print(&text))
        }
        JobCommand::Show { number, server: Some(server), .. } => {
            let text = report::output(jobs, by, *number, server).await?;
            super::printed(terminal::print(&text))
        }
        JobCommand::Show { number, json, .. } => {
            let job = jobs.job(by, *number).await.map_err(refused)?;
            let text = if *json {
                report::job_json(jobs, by, &job).await?
            } else {
                let folds = jobs.folded(by, *number).await.map_err(refused)?;
                report::job(&job, &folds, &desk.plan.zone)
            };
            super::printed(terminal::print(&text))
        }
        JobCommand::Planned { json } => planned::list(&desk, *json).await,
        JobCommand::Start(args) => planned::start(context, &desk, args).await,
        JobCommand::Token { name } => planned::token(name),
        JobCommand::Cancel { number, server, json } => {
            jobs.cancel(by, *number, server.as_ref()).await.map_err(refused)?;
            let line = format!("job {number} was asked to end; see `litemon job show {number}`");
            steered(*number, "cancelling", &line, *json)
        }
        JobCommand::Pause { number, json } => {
            jobs.pause(by, *number).await.map_err(refused)?;
            let line =
                format!("job {number} begins nothing more until `litemon job continue {number}`");
            steered(*number, "pausing", &line, *json)
        }
        JobCommand::Continue { number, json } => {
            jobs.go_on(by, *number).await.map_err(refused)?;
            let line = format!("job {number} goes on; see `litemon job show {number}`");
            steered(*number, "going", &line, *json)
        }
        JobCommand::Retry { number, vouching, json } => {
            let job = jobs.job(by, *number).await.map_err(refused)?;
            let mut order = job.order.clone();
            order.servers = job.failed().cloned().collect();
            vouch::vouched(&desk, &order, vouching).await?;
            follow::to_the_end(&desk, *json, async || begin::again(context, &desk, &job).await)
                .await
        }
    }
}

/// Says what was asked of a job.
fn steered(number: i64, what: &str, line: &str, json: bool) -> Result<ExitCode> {
    let text = if json {
        format!("{:#}\n", serde_json::json!({ "job": number, what: true }))
    } else {
        format!("{line}\n")
    };
    super::printed(terminal::print(&text))
}
