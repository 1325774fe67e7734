//! `job planned`, `job start` and `job token`: jobs of the configuration.

use std::{fmt::Write as _, process::ExitCode};

use litemon_core::{
    manage::jobs::{Planned, What},
    model::{Name, Zone},
    probe::push::Token,
};
use serde_json::{Value, json};

use super::{
    Desk,
    action::{Thought, named, tell},
    begin::Begun,
    follow, vouch, words,
};
use crate::{
    args::StartArgs,
    commands::{nearest::unknown, printed},
    context::Context,
    error::{CliError, Result},
    management::refused,
    terminal,
};

/// When each runs next, and how it last ended.
pub async fn list(desk: &Desk, json: bool) -> Result<ExitCode> {
    let planned = desk.jobs().planned(&desk.by).await.map_err(refused)?;
    let text = if json {
        let jobs: Vec<Value> = planned.iter().map(about).collect();
        format!("{:#}\n", json!({ "jobs": jobs }))
    } else if planned.is_empty() {
        "The configuration plans no jobs.\n".to_owned()
    } else {
        let rows: Vec<Vec<String>> = planned.iter().map(|job| row(job, &desk.plan.zone)).collect();
        let head = ["JOB", "WHEN", "NEXT", "LAST", "WHERE", "WHAT"];
        terminal::table_within(&head, &rows, terminal::width(&std::io::stdout()))
    };
    printed(terminal::print(&text))
}

fn row(job: &Planned, zone: &Zone) -> Vec<String> {
    let mut when: Vec<String> = job.cron.iter().map(|(text, of)| format!("{text} {of}")).collect();
    when.extend(job.callable.then(|| "when called".to_owned()));
    let next = match (job.running, job.next, job.enabled) {
        (Some(number), ..) => format!("runs as job {number}"),
        (None, _, false) => "switched off".to_owned(),
        (None, Some(at), true) => zone.date_time(at),
        (None, None, true) => String::new(),
    };
    vec![
        job.name.to_string(),
        terminal::clean_line(&when.join(", ")),
        next,
        terminal::clean_line(&last(job, zone)),
        words::servers(job.order.servers.len()),
        terminal::clean_line(&job.order.what.line()),
    ]
}

/// `9 ok, 1 failed, job 12, 2026-11-30 03:00:41`, and what came of times since then.
fn last(job: &Planned, zone: &Zone) -> String {
    let mut text = String::new();
    if let Some((at, end)) = &job.last {
        let failed =
            if end.not_ok > 0 { format!(", {} failed", end.not_ok) } else { String::new() };
        let _ = write!(text, "{} ok{failed}, job {}, {}", end.ok, end.number, zone.date_time(*at));
    }
    if let Some((at, why)) = &job.skipped {
        let sep = if text.is_empty() { "" } else { "; " };
        let _ = write!(text, "{sep}not at {}: {why}", zone.date_time(*at));
    }
    text
}

fn about(job: &Planned) -> Value {
    json!({
        "name": job.name,
        "what": job.order.what,
        "servers": job.order.servers,
        "cron": job.cron.as_ref().map(|(text, _)| text),
        "timezone": job.cron.as_ref().map(|(_, zone)| zone),
        "callable": job.callable,
        "may_set": job.may_set,
        "enabled": job.enabled,
        "notify": job.order.notify,
        "notify_on": job.notify_on(),
        "next": job.next.map(|at| at.to_string()),
        "running": job.running,
        "last": job.last.as_ref().map(|(at, end)| json!({
            "job": end.number, "ended": at.to_string(), "ok": end.ok, "not_ok": end.not_ok,
            "failed": end.failed,
        })),
        "skipped": job.skipped.as_ref().map(|(at, why)| json!({
            "at": at.to_string(), "why": why.to_string(),
        })),
    })
}

/// Runs one now, here.
pub async fn start(context: &Context, desk: &Desk, args: &StartArgs) -> Result<ExitCode> {
    let planned = desk.jobs().planned(&desk.by).await.map_err(refused)?;
    let names: Vec<&str> = planned.iter().map(|job| job.name.as_str()).collect();
    let wrong = CliError::usage(unknown("job in the configuration", args.name.as_str(), &names));
    let order = planned.into_iter().find(|job| job.name == args.name).ok_or(wrong)?.order;
    let would = desk.jobs().would(&desk.by, &order, None).await.map_err(refused)?;
    match &order.what {
        What::Action { name, .. } => {
            let action = named(desk, name).await?;
            let thought = Thought::of(context, desk, &action, &order.servers).await;
            if args.dry_run {
                return printed(terminal::print(&thought.shown(&action, &order, args.json)));
            }
            if action.dangerous && !args.yes {
                thought.ask(&action)?;
            } else {
                tell(&thought.warnings());
            }
            vouch::vouched(desk, &order, &args.vouching).await?;
        }
        _ if args.dry_run => {
            let servers: Vec<&str> = would.servers.iter().map(Name::as_str).collect();
            let text = if args.json {
                format!("{:#}\n", json!({ "what": order.what, "servers": servers }))
            } else {
                let on = words::servers(servers.len());
                format!("{} would run on {on}: {}\n", order.what.line(), servers.join(", "))
            };
            return printed(terminal::print(&text));
        }
        _ => {}
    }
    let name = &args.name;
    let begin = async || Begun::here(desk.jobs().run_planned(&desk.by, name).await);
    follow::to_the_end(desk, args.json, begin).await
}

/// Makes a token, and says where it and its hash go.
pub fn token(name: &Name) -> Result<ExitCode> {
    let token = Token::random();
    let (text, hash) = (token.expose(), token.hash().to_hex());
    let bare = !name.as_str().contains('.');
    let key = if bare { name.to_string() } else { format!("\"{name}\"") };
    printed(terminal::print(&format!(
        "The token of the job {name}, shown only now:\n\n    {text}\n\n\
         Whoever has it run calls with it:\n\n    \
         curl -fsS -X POST http://127.0.0.1:8080/hooks/job/{text}\n\n\
         The configuration needs only its hash:\n\n    \
         [jobs.{key}]\n    token_sha256 = \"{hash}\"\n"
    )))
}
