//! `status`: what a running monitor knows.

use std::{cmp::Reverse, process::ExitCode};

use litemon_core::model::{Status, Zone};
use litemon_web::api::types::{
    Check, OnCall, PlannedPhase, PlannedWork, Seen, Server, StatusReport, Time,
};

use crate::{
    args::StatusArgs,
    client::{Client, understood},
    context::Context,
    error::{CliError, Result},
    terminal,
};

pub async fn run(context: &Context, args: &StatusArgs) -> Result<ExitCode> {
    let client = Client::new(context, &args.reach)?;
    let text = client.text("status").await?;
    let report: StatusReport = understood(&text)?;
    let text = if args.json { pretty(&text)? } else { as_table(&report) };
    super::printed(terminal::print(&text))?;
    Ok(ExitCode::from(report.status.exit_code()))
}

/// JSON as people read it, with every field, those that this program does not know as well.
pub fn pretty(text: &str) -> Result<String> {
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| CliError::failed("the monitor does not answer in JSON").because(error))?;
    Ok(format!("{value:#}\n"))
}

fn as_table(report: &StatusReport) -> String {
    let stdout = std::io::stdout();
    as_text(report, terminal::colour(&stdout), terminal::width(&stdout))
}

/// The verdict, what is wrong with the monitor itself, all checks, and who is on call.
pub fn as_text(report: &StatusReport, colour: bool, width: Option<usize>) -> String {
    let rows: Vec<Vec<String>> =
        sorted(report).into_iter().map(|check| row(report, check, colour)).collect();
    let head = ["CHECK", "STATE", "SINCE", "INCIDENT", "SEEN"];
    let mut text = terminal::painted(&verdict(report), report.status, colour) + "\n";
    for line in own_lines(report) {
        text.push_str(&format!("{}\n", terminal::clean_line(&line)));
    }
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&terminal::table_within(&head, &rows, width));
    }
    let on_call = on_call(report);
    if !on_call.is_empty() {
        text.push('\n');
    }
    for line in on_call {
        text.push_str(&format!("{}\n", terminal::clean_line(&line)));
    }
    text
}

/// `on call: ops: ann until Mon 2026-12-07 09:00 WIB, then budi`
fn on_call(report: &StatusReport) -> Vec<String> {
    let zone = zone(report.monitor.timezone.as_deref());
    let line = |turn: &OnCall| {
        let next = turn.until.map_or_else(String::new, |at| {
            let until = zone.format("%a %Y-%m-%d %H:%M %Z", at.0);
            format!(" until {until}, then {}", turn.then.join(", "))
        });
        format!("on call: {}: {}{next}", turn.rota, turn.who.join(", "))
    };
    report.on_call.iter().flatten().map(line).collect()
}

/// The one line that matters.
pub fn verdict(report: &StatusReport) -> String {
    let counts = &report.counts;
    match (report.monitor.health.as_str(), counts.problems, counts.servers) {
        ("stale", ..) => "No results arrive any more".to_owned(),
        ("starting", ..) => "No results yet".to_owned(),
        ("isolated", ..) => "litemon is cut off".to_owned(),
        (_, 1, _) => "1 problem".to_owned(),
        (_, 2.., _) => format!("{} problems", counts.problems),
        _ if report.monitor.faults > 0 => "litemon itself has a problem".to_owned(),
        _ if counts.checks == 0 => "Nothing is watched".to_owned(),
        (_, _, 0) => format!("All {} checks are well", counts.checks),
        (_, _, 1) => "The server runs".to_owned(),
        (_, _, servers) => format!("All {servers} servers run"),
    }
}

/// What is wrong with the monitor itself, and what is on its way.
pub fn own_lines(report: &StatusReport) -> Vec<String> {
    let mut lines: Vec<String> = report.monitor.fault_lines.clone().unwrap_or_default();
    if lines.is_empty() && report.monitor.faults > 0 {
        lines.push(format!("litemon's own faults: {}", report.monitor.faults));
    }
    lines.extend(report.servers.iter().filter_map(planned));
    match report.outbox.pending {
        0 => {}
        1 => lines.push("1 notice is on its way".to_owned()),
        n => lines.push(format!("{n} notices are on their way")),
    }
    lines
}

/// `web-1 is off, planned by ann`
fn planned(server: &Server) -> Option<String> {
    let planned = server.planned.as_ref()?;
    let state = match (planned.phase, planned.kind) {
        (PlannedPhase::Off, _) => "is off",
        (PlannedPhase::Back, _) => "starts",
        (PlannedPhase::Leaving, PlannedWork::Shutdown) => "is being shut down",
        (PlannedPhase::Leaving, PlannedWork::Restart) => "is being restarted",
    };
    let by = planned.by.as_ref().map_or_else(String::new, |who| format!(", planned by {who}"));
    Some(format!("{} {state}{by}", server.name))
}

/// All checks, worst first; of the same concern, in the order of the configuration.
pub fn sorted(report: &StatusReport) -> Vec<&Check> {
    let mut checks: Vec<&Check> =
        report.servers.iter().flat_map(|server| &server.checks).chain(&report.others).collect();
    checks.sort_by_key(|check| Reverse(concern(check)));
    checks
}

/// How much a check needs a person: a problem first, then what follows from one.
pub fn concern(check: &Check) -> (u8, Status) {
    let rank = match check.status {
        Status::Ok => 0,
        _ if check.pending || check.blocked => 1,
        _ if check.state == "unreachable" => 3,
        _ => 2,
    };
    (rank, check.status)
}

fn row(report: &StatusReport, check: &Check, colour: bool) -> Vec<String> {
    vec![
        terminal::clean_line(&check.id),
        terminal::painted(&state(check), check.status, colour),
        check.since.map_or_else(String::new, |since| age(report.monitor.now, since)),
        check.incident.map_or_else(String::new, |number| format!("#{number}")),
        terminal::clean_line(&seen(check)),
    ]
}

/// The state, or why there is none.
pub fn state(check: &Check) -> String {
    match check {
        Check { pending: true, .. } => "waits".to_owned(),
        Check { blocked: true, .. } => "blocked".to_owned(),
        check => terminal::clean_line(&check.state),
    }
}

/// The zone in which the monitor's people read times; this machine's where it does not say, or names
/// one that is not known here.
pub fn zone(name: Option<&str>) -> Zone {
    name.and_then(|name| Zone::named(name).ok()).unwrap_or_else(Zone::system)
}

/// How long ago something was.
pub fn age(now: Time, at: Time) -> String {
    terminal::age(now.0.since(at.0))
}

/// What was last seen, in a few words.
pub fn seen(check: &Check) -> String {
    let Some(last) = &check.last else { return String::new() };
    let mut text =
        observed(&last.seen, check.threshold.filter(|_| check.status == Status::Critical));
    if let Some(soft) = &check.soft {
        text.push_str(&format!("  ({} of {} results say {})", soft.count, soft.of, soft.status));
    }
    if !check.current && !check.blocked {
        text.push_str("  (old)");
    }
    text.trim_start().to_owned()
}

/// What a run saw, with the limit that it passed.
pub fn observed(seen: &Seen, limit: Option<f64>) -> String {
    if let Some(failure) = &seen.failure {
        return failure.message.clone();
    }
    let unit = &seen.unit;
    let value = seen.value.map(|value| format!("{}{unit}", terminal::short(value)));
    let over = limit.filter(|_| seen.value.is_some());
    let over = over.map(|limit| format!("> {}{unit}", terminal::short(limit)));
    let words = [value, over, seen.detail.clone()];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
