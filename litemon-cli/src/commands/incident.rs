//! `incident list` and `incident show`.

use std::process::ExitCode;

use litemon_core::model::{Status, Zone};
use litemon_web::api::types::{Incident, IncidentPage, IncidentReport, Notice, Time};

use super::status::{observed, pretty, zone};
use crate::{
    args::{IncidentCommand, Reach},
    client::{Client, understood},
    context::Context,
    error::Result,
    terminal,
};

/// How many of those that are over are listed.
const LISTED: usize = 50;

pub async fn run(context: &Context, command: &IncidentCommand) -> Result<ExitCode> {
    match command {
        IncidentCommand::List { reach, all, json } => list(context, reach, *all, *json).await,
        IncidentCommand::Ack(args) => super::silence::ack(context, args).await,
        IncidentCommand::Show { reach, number, json } => show(context, reach, *number, *json).await,
    }
}

async fn list(context: &Context, reach: &Reach, all: bool, json: bool) -> Result<ExitCode> {
    let client = Client::new(context, reach)?;
    let state = if all { "all" } else { "open" };
    let text = client.text(&format!("incidents?state={state}&limit={LISTED}")).await?;
    if json {
        return super::printed(terminal::print(&pretty(&text)?));
    }
    let page: IncidentPage = understood(&text)?;
    super::printed(terminal::print(&as_table(page, all)))
}

async fn show(context: &Context, reach: &Reach, number: i64, json: bool) -> Result<ExitCode> {
    let client = Client::new(context, reach)?;
    let text = client.text(&format!("incidents/{number}")).await?;
    if json {
        return super::printed(terminal::print(&pretty(&text)?));
    }
    let report: IncidentReport = understood(&text)?;
    super::printed(terminal::print(&as_timeline(&report, &zone(report.timezone.as_deref()))))
}

fn as_table(mut page: IncidentPage, all: bool) -> String {
    let stdout = std::io::stdout();
    let (colour, width) = (terminal::colour(&stdout), terminal::width(&stdout));
    let zone = zone(page.timezone.as_deref());
    page.incidents.sort_by_key(|incident| !incident.open);
    let open = page.incidents.iter().filter(|incident| incident.open).count();
    let mut text = match (open, page.next) {
        (0, _) => "No incident is open.\n".to_owned(),
        (1, None) => "1 incident is open.\n".to_owned(),
        (n, None) => format!("{n} incidents are open.\n"),
        (n, Some(_)) => format!("{n} incidents are open among the latest {LISTED}.\n"),
    };
    if page.incidents.is_empty() {
        return text;
    }
    let rows: Vec<_> = page.incidents.iter().map(|incident| row(incident, &zone, colour)).collect();
    let head = ["#", "CHECK", "STATE", "SINCE", "UNTIL", "SEEN"];
    text.push('\n');
    text.push_str(&terminal::table_within(&head, &rows, width));
    if all && page.next.is_some() {
        text.push_str(&format!(
            "\nThese are the latest {LISTED}; /api/v1/incidents has the rest.\n"
        ));
    }
    text
}

fn row(incident: &Incident, zone: &Zone, colour: bool) -> Vec<String> {
    let status = if incident.open { incident.status } else { Status::Ok };
    vec![
        incident.number.to_string(),
        terminal::clean_line(&incident.check),
        terminal::painted(&state(incident), status, colour),
        zone.date_time(incident.since.0),
        incident.closed.map_or_else(String::new, |at| zone.date_time(at.0)),
        terminal::clean_line(&observed(&incident.seen, incident.limit)),
    ]
}

/// What it is now, or how it ended.
fn state(incident: &Incident) -> String {
    match incident.close_reason {
        Some(reason) => reason.as_str().to_owned(),
        None => terminal::clean_line(&incident.state),
    }
}

/// What happened, as lines with their times.
fn as_timeline(report: &IncidentReport, zone: &Zone) -> String {
    let incident = &report.incident;
    let colour = terminal::colour(&std::io::stdout());
    let status = if incident.open { incident.status } else { Status::Ok };
    let mut text = format!(
        "#{} {}  {}\n{}\n",
        incident.number,
        terminal::clean_line(&incident.check),
        terminal::painted(&state(incident), status, colour),
        lasting(incident, zone),
    );
    if let Some(taken) = &incident.acknowledged {
        let until =
            taken.until.map_or_else(String::new, |at| format!(" until {}", zone.date_time(at.0)));
        let note = if taken.note.is_empty() { String::new() } else { format!(": {}", taken.note) };
        let line = format!("taken by {}{until}{note}", taken.by);
        text.push_str(&format!("{}\n", terminal::clean_line(&line)));
    }
    if let Some(why) = &incident.silence {
        text.push_str(&format!("not told: {}\n", terminal::clean_line(why)));
    }
    for remedy in &incident.remedies {
        let why = remedy.why.as_deref().map_or_else(String::new, |why| format!(": {why}"));
        let line = format!("remedy {}: run {}x, {}{why}", remedy.name, remedy.runs, remedy.stage);
        text.push_str(&format!("{}\n", terminal::clean_line(&line)));
    }
    let seen = terminal::clean_line(&observed(&incident.seen, incident.limit));
    if !seen.is_empty() {
        text.push_str(&format!("{seen}\n"));
    }
    text.push('\n');
    let mut events = events(report);
    events.sort_by_key(|(at, _)| *at);
    for (at, line) in events {
        text.push_str(&format!("{}  {}\n", zone.date_time(at.0), terminal::clean_line(&line)));
    }
    if !report.complete {
        text.push_str("\nHistory cannot be read now: changes and attempts are missing.\n");
    }
    text
}

fn lasting(incident: &Incident, zone: &Zone) -> String {
    let since = zone.date_time(incident.since.0);
    match incident.closed {
        None => format!("since {since}"),
        Some(at) => {
            let lasted = terminal::age(at.0.since(incident.since.0));
            format!("from {since} to {} ({lasted})", zone.date_time(at.0))
        }
    }
}

fn events(report: &IncidentReport) -> Vec<(Time, String)> {
    let incident = &report.incident;
    let mut events = vec![(incident.since, "the first result that was not OK".to_owned())];
    for change in &report.changes {
        let why = change.detail.as_deref().map_or_else(String::new, |why| format!(": {why}"));
        events.push((change.at, format!("status {}{why}", change.status)));
    }
    events.extend(report.notices.iter().flat_map(told));
    if let (Some(at), Some(reason)) = (incident.closed, incident.close_reason) {
        events.push((at, format!("over: {}", reason.as_str())));
    }
    events
}

/// A notice, its attempts, and how it ended.
fn told(notice: &Notice) -> Vec<(Time, String)> {
    let whom = notice.recipient.as_deref().map_or_else(String::new, |whom| format!(" to {whom}"));
    let what = format!("{}{whom} ({})", notice.notifier, notice.reason.as_str());
    let attempt = |attempt: &litemon_web::api::types::Attempt| {
        let detail = attempt.detail.as_deref().map_or_else(String::new, |why| format!(": {why}"));
        let result = attempt.result.as_str();
        let line = format!(
            "{what}, attempt {}: {result} after {} ms{detail}",
            attempt.attempt, attempt.took_ms
        );
        (attempt.at, line)
    };
    let mut lines: Vec<_> = notice.attempts.iter().map(attempt).collect();
    if let Some(at) = notice.at {
        lines.insert(0, (at, format!("{what}: to be told")));
    }
    lines.push((notice.state_at, format!("{what}: {}", notice.state.as_str())));
    lines
}
