//! `simulate --random`: months that are made up.

use std::process::ExitCode;

use litemon_core::{
    model::Zone,
    simulate::{self, ExploreError, Explored, Random},
};
use serde_json::json;

use crate::{
    args::SimulateArgs,
    context::Context,
    error::{CliError, FAILED, Result},
    terminal,
};

pub fn run(context: &Context, args: &SimulateArgs) -> Result<ExitCode> {
    let clock = context.clock();
    let began = clock.now();
    let seed = args.seed.unwrap_or(began.as_millis().unsigned_abs());
    let inputs = context.inputs();
    let files: Vec<_> = inputs.files.iter().map(|file| inputs.working_dir.join(file)).collect();
    let random = Random::new(seed, args.days);
    let random = if files.is_empty() { random } else { random.of(&files) };
    let explored = simulate::explore(&random, inputs, &Zone::system()).map_err(unexplored)?;
    let file = keep(context, seed, &explored)?;
    let took = clock.now().since(began);
    let text = if args.json {
        as_json(args.days, seed, &explored, file.as_deref())
    } else {
        let each = f64::from(args.days) / took.as_secs_f64().max(0.001);
        as_text(args.days, seed, &explored, file.as_deref(), each)
    };
    super::super::printed(terminal::print(&text))?;
    Ok(if explored.broken.is_none() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn unexplored(error: ExploreError) -> CliError {
    match error {
        ExploreError::Read(error) => super::unread(error),
        error => CliError::failed("the story cannot be played").because(error),
    }
}

/// Writes what breaks a promise where it can be played again.
fn keep(context: &Context, seed: u64, explored: &Explored) -> Result<Option<String>> {
    let Some(found) = &explored.broken else { return Ok(None) };
    let name = format!("litemon-simulate-{seed}.toml");
    std::fs::write(context.inputs().working_dir.join(&name), &found.timeline)
        .map_err(|error| CliError::failed(format!("{name} cannot be written")).because(error))?;
    Ok(Some(name))
}

fn as_text(days: u32, seed: u64, explored: &Explored, file: Option<&str>, each: f64) -> String {
    let Explored { events, incidents, messages, broken, .. } = explored;
    let all = format!(
        "{days} days of seed {seed}: {events} events, {incidents} incidents, {messages} messages"
    );
    match (broken, file) {
        (Some(found), Some(file)) => format!(
            "{all}. A PROMISE WAS BROKEN: {}\n\nThe shortest beginning that breaks one has {} events: \
             litemon simulate {file}\nAll of it again: litemon simulate --random --seed {seed} --days {days}\n",
            terminal::clean_line(&found.what),
            found.events,
        ),
        _ => format!("{all}; every promise was kept. {each:.1} days a second.\n"),
    }
}

fn as_json(days: u32, seed: u64, explored: &Explored, file: Option<&str>) -> String {
    let broken = explored.broken.as_ref().map(|found| found.what.clone());
    let value = json!({
        "seed": seed,
        "days": days,
        "events": explored.events,
        "incidents": explored.incidents,
        "messages": explored.messages,
        "broken": broken,
        "timeline": file,
    });
    format!("{value:#}\n")
}
