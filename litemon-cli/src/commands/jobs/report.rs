//! Jobs as text and JSON.

use std::{collections::BTreeMap, fmt::Write as _};

use litemon_core::{
    manage::{
        Principal,
        jobs::{Difference, Fold, Job, JobId, JobResult, Jobs, Outcome, RollState, Stage},
    },
    model::{Name, Zone},
};
use serde_json::{Value, json};

use super::{lines, words};
use crate::{error::Result, management::refused, terminal};

/// How many lines of an output `job show` prints for each group.
const LINES: usize = 40;

/// Jobs as a table.
pub fn list(jobs: &[Job], zone: &Zone) -> String {
    if jobs.is_empty() {
        return "There are no jobs.\n".to_owned();
    }
    let stdout = std::io::stdout();
    let rows: Vec<Vec<String>> = jobs
        .iter()
        .map(|job| {
            vec![
                job.id.to_string(),
                zone.date_time(job.created),
                terminal::clean_line(&job.by.name),
                words::servers(job.results.len()),
                counts(job),
                terminal::clean_line(&job.order.what.line()),
            ]
        })
        .collect();
    let head = ["#", "WHEN", "WHO", "WHERE", "OUTCOME", "WHAT"];
    terminal::table_within(&head, &rows, terminal::width(&stdout))
}

/// `2 ok, 1 failed`
fn counts(job: &Job) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for result in &job.results {
        let word = match &result.stage {
            Stage::Done(outcome) => words::outcome(outcome).0,
            Stage::Waiting(_) | Stage::Away { .. } => "waiting".to_owned(),
            Stage::Settling(_) => "settling".to_owned(),
            other => words::stage(other),
        };
        *counts.entry(word).or_default() += 1;
    }
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// How a job ended: servers that ended alike in one line.
pub fn summary(job: &Job) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for result in &job.results {
        let stage = words::stage(&result.stage);
        let name = result.server.as_str();
        match groups.iter_mut().find(|(of, _)| *of == stage) {
            Some((_, names)) => names.push(name),
            None => groups.push((stage, vec![name])),
        }
    }
    // Those where all is well are not what somebody looks for.
    groups.sort_by_key(|(stage, _)| stage != "ok");
    let mut text = String::from("\n");
    for (stage, names) in groups {
        let _ = writeln!(text, "{} {stage}: {}", words::servers(names.len()), names.join(", "));
    }
    if let Some(line) = halted(job) {
        let _ = writeln!(text, "{line}");
    }
    let took = job.ended.map(|ended| format!(" in {}", took(ended.since(job.created))));
    let _ = writeln!(text, "job {}{}", job.id, took.unwrap_or_default());
    text
}

/// Of a rolling job that does not go on: why, what was done and what was not begun.
fn halted(job: &Job) -> Option<String> {
    let state = &job.rolled.as_ref()?.state;
    if *state == RollState::Going {
        return None;
    }
    let begun = |result: &&JobResult| match &result.stage {
        Stage::Waiting(_) | Stage::Done(Outcome::NotStarted(_)) => false,
        Stage::Done(Outcome::Cancelled) => result.started.is_some(),
        _ => true,
    };
    let done = job.results.iter().filter(|result| result.outcome().is_some_and(Outcome::is_ok));
    let left = job.results.len() - job.results.iter().filter(begun).count();
    let state = terminal::clean_line(&state.to_string());
    Some(format!("{state}; {} done, {left} not begun", done.count()))
}

fn took(duration: std::time::Duration) -> String {
    if duration.as_secs() < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        terminal::age(duration)
    }
}

/// A job with its outputs, equal ones once.
pub fn job(job: &Job, folds: &[Fold], zone: &Zone) -> String {
    let colour = terminal::colour(&std::io::stdout());
    let mut text = format!(
        "job {}: {}\nby {} at {}",
        job.id,
        terminal::clean_line(&job.order.what.line()),
        terminal::clean_line(&job.by.name),
        zone.date_time(job.created),
    );
    if let Some(of) = job.order.retry_of {
        let _ = write!(text, ", again for those that failed in job {of}");
    }
    text.push('\n');
    if let Some(line) = halted(job) {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    let rows: Vec<Vec<String>> = job.results.iter().map(|result| row(result, colour)).collect();
    let mut head = vec!["SERVER", "OUTCOME", "TOOK", "OUTPUT"];
    if job.order.rolling.is_some() {
        head.push("BATCH");
    }
    text.push_str(&terminal::table(&head, &rows));
    for (nth, fold) in folds.iter().enumerate().filter(|(_, fold)| fold.bytes > 0) {
        let names: Vec<&str> = fold.servers.iter().map(Name::as_str).collect();
        let _ = write!(text, "\n{}: {}\n", words::servers(names.len()), names.join(", "));
        if nth > 0 && !fold.difference.is_empty() && fold.difference.len() < LINES {
            differences(&mut text, &fold.difference);
        } else {
            beginning(&mut text, &fold.output, job.id, names.first().copied().unwrap_or_default());
        }
    }
    text
}

fn row(result: &JobResult, colour: bool) -> Vec<String> {
    let took = match (result.started, result.ended) {
        (Some(started), Some(ended)) => took(ended.since(started)),
        _ => String::new(),
    };
    let stage = words::stage(&result.stage);
    let output = match result.bytes {
        0 => String::new(),
        1 => "1 byte".to_owned(),
        n => format!("{n} bytes{}", if result.truncated { ", in part" } else { "" }),
    };
    let stage = terminal::painted(&stage, words::status(&result.stage), colour);
    let mut row = vec![result.server.to_string(), stage, took, output];
    row.extend(result.batch.map(|batch| batch.to_string()));
    row
}

fn differences(text: &mut String, lines: &[Difference]) {
    text.push_str("  as above, but\n");
    for line in lines {
        let (sign, line) = match line {
            Difference::Missing(line) => ('-', line),
            Difference::Added(line) => ('+', line),
            _ => continue,
        };
        let line = lines::all(line.as_bytes()).concat();
        let _ = writeln!(text, "  {sign} {line}");
    }
}

fn beginning(text: &mut String, output: &[u8], job: JobId, server: &str) {
    let lines = lines::all(output);
    for line in lines.iter().take(LINES) {
        let _ = writeln!(text, "  {line}");
    }
    if lines.len() > LINES {
        let _ = writeln!(text, "  \u{2026} all of it: litemon job show {job} -s {server}");
    }
}

/// All that is kept of what a server put out.
pub async fn output(jobs: &Jobs, by: &Principal, id: JobId, server: &Name) -> Result<String> {
    let mut lines = lines::Lines::default();
    let mut text = String::new();
    loop {
        let part = jobs.output(by, id, server, lines.at).await.map_err(refused)?;
        let over = part.bytes.is_empty();
        let mut whole = lines.take(part.from, &part.bytes);
        if over {
            whole.extend(lines.finish());
        }
        for line in whole {
            text.push_str(&line);
            text.push('\n');
        }
        if over {
            return Ok(text);
        }
    }
}

/// Jobs without their outputs.
pub fn list_json(jobs: &[Job]) -> String {
    let jobs: Vec<Value> = jobs.iter().map(|job| about(job, results(job))).collect();
    format!("{:#}\n", json!({ "jobs": jobs }))
}

/// A job with its outputs.
pub async fn job_json(jobs: &Jobs, by: &Principal, job: &Job) -> Result<String> {
    let mut results = results(job);
    for (value, result) in results.iter_mut().zip(&job.results) {
        let text = output(jobs, by, job.id, &result.server).await?;
        if let Some(value) = value.as_object_mut() {
            value.insert("output".to_owned(), json!(text));
        }
    }
    Ok(format!("{:#}\n", about(job, results)))
}

fn about(job: &Job, results: Vec<Value>) -> Value {
    json!({
        "job": job.id,
        "what": job.order.what,
        "sudo": job.order.sudo,
        "by": job.by.name,
        "created": job.created.to_string(),
        "ended": job.ended.map(|at| at.to_string()),
        "retry_of": job.order.retry_of,
        "rolled": job.rolled.as_ref().map(litemon_web::api::job_types::Rolled::from),
        "results": results,
    })
}

fn results(job: &Job) -> Vec<Value> {
    let one = |result: &JobResult| {
        let (stage, outcome, detail) = match &result.stage {
            Stage::Waiting(why) => ("waiting", None, why.clone()),
            Stage::Away { until, .. } => {
                ("away", None, Some(format!("until it is back, by {until}")))
            }
            Stage::Running => ("running", None, None),
            Stage::Settling(checks) => ("settling", None, Some(checks.clone())),
            Stage::Cancelling => ("cancelling", None, None),
            Stage::Done(outcome) => ("done", Some(outcome.word()), words::outcome(outcome).1),
            _ => ("unknown", None, None),
        };
        let status = match result.outcome() {
            Some(Outcome::Failed(status)) => Some(*status),
            Some(Outcome::Unwell(_)) => Some(0),
            Some(outcome) if outcome.is_ok() => Some(0),
            _ => None,
        };
        json!({
            "server": result.server,
            "stage": stage,
            "outcome": outcome,
            "exit": status,
            "detail": detail,
            "started": result.started.map(|at| at.to_string()),
            "ended": result.ended.map(|at| at.to_string()),
            "bytes": result.bytes,
            "truncated": result.truncated,
            "batch": result.batch,
        })
    };
    job.results.iter().map(one).collect()
}
