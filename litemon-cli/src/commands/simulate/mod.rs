//! `simulate`: plays a timeline.

mod random;
mod table;

use std::process::ExitCode;

use litemon_core::{
    model::Zone,
    simulate::{self, ReadError, Report},
};
use serde_json::json;

use crate::{
    args::SimulateArgs,
    context::{Context, unloaded},
    error::{CliError, FAILED, Result},
    terminal,
};

pub fn run(context: &Context, args: &SimulateArgs) -> Result<ExitCode> {
    let Some(file) = &args.file else { return random::run(context, args) };
    let timeline = simulate::read(file, context.inputs(), &Zone::system()).map_err(unread)?;
    let report = simulate::play(&timeline)
        .map_err(|error| CliError::failed("the timeline cannot be played").because(error))?;
    let text = if args.json { as_json(&report) } else { table::text(&report) };
    super::printed(terminal::print(&text))?;
    Ok(if report.failed().next().is_none() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn unread(error: ReadError) -> CliError {
    match error {
        ReadError::Mistakes(mistakes) => CliError::mistakes(&mistakes),
        ReadError::Load(error) => unloaded(error),
        error => CliError::usage("the timeline cannot be read").because(error),
    }
}

fn as_json(report: &Report) -> String {
    let value = json!({
        "about": report.about,
        "timezone": report.zone.name(),
        "start": report.start.to_string(),
        "lasts_s": report.lasts.as_secs(),
        "holds": report.failed().next().is_none(),
        "messages": report.arrived().count(),
        "expected": report.held,
        "rows": report.rows,
    });
    format!("{value:#}\n")
}
