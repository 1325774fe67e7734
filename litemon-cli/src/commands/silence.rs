//! `incident ack`, `mute` and `maintenance`.

use std::{process::ExitCode, time::Duration};

use litemon_core::policy::Scope;
use litemon_web::api::{
    silence_types::{AckOrder, NewSilence, Silence, SilenceKind, SilenceList},
    types::Time,
};
use reqwest::Method;

use super::status::{pretty, zone};
use crate::{
    args::{AckArgs, MaintenanceCommand, Reach, SilenceArgs},
    client::{Client, understood},
    context::Context,
    error::{CliError, Result},
    terminal,
};

pub async fn ack(context: &Context, args: &AckArgs) -> Result<ExitCode> {
    let client = Client::new(context, &args.reach)?;
    let path = format!("incidents/{}/ack", args.number);
    if args.undo {
        client.order(Method::DELETE, &path, None::<&AckOrder>).await?;
        let line = format!("#{}: nobody looks after it any more\n", args.number);
        return super::printed(terminal::print(&line));
    }
    let order = AckOrder { lasts_ms: args.lasts.map(millis), note: args.note.clone() };
    client.order(Method::POST, &path, Some(&order)).await?;
    super::printed(terminal::print(&format!("#{}: you look after it\n", args.number)))
}

pub async fn mute(context: &Context, args: &SilenceArgs) -> Result<ExitCode> {
    add(context, args, SilenceKind::Mute, None).await
}

pub async fn maintenance(context: &Context, command: &MaintenanceCommand) -> Result<ExitCode> {
    match command {
        MaintenanceCommand::Add { silence, from } => {
            let from = from.as_deref().map(moment).transpose()?;
            add(context, silence, SilenceKind::Maintenance, from).await
        }
        MaintenanceCommand::List { reach, json } => list(context, reach, *json).await,
        MaintenanceCommand::End { reach, number } => {
            let client = Client::new(context, reach)?;
            let path = format!("silences/{number}");
            client.order(Method::DELETE, &path, None::<&AckOrder>).await?;
            super::printed(terminal::print(&format!("{number} is over\n")))
        }
    }
}

fn moment(text: &str) -> Result<Time> {
    let quoted = serde_json::Value::String(text.to_owned());
    serde_json::from_value(quoted)
        .map_err(|_| CliError::usage("--from: expected a time as 2026-11-22T02:30:00+07:00"))
}

fn millis(lasts: Duration) -> u64 {
    u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX)
}

async fn add(
    context: &Context,
    args: &SilenceArgs,
    kind: SilenceKind,
    from: Option<Time>,
) -> Result<ExitCode> {
    let client = Client::new(context, &args.reach)?;
    let order = NewSilence {
        kind,
        targets: args.targets.iter().map(Scope::to_string).collect(),
        from,
        lasts_ms: millis(args.lasts),
        note: args.note.clone(),
    };
    let added: Silence = understood(&client.order(Method::POST, "silences", Some(&order)).await?)?;
    let zone = zone(None);
    let line = format!(
        "{}: {} is not told until {}; `litemon maintenance end {}` ends it\n",
        added.number.unwrap_or_default(),
        terminal::clean_line(&added.targets.join(", ")),
        zone.format("%Y-%m-%d %H:%M %Z", added.until.0),
        added.number.unwrap_or_default(),
    );
    super::printed(terminal::print(&line))
}

async fn list(context: &Context, reach: &Reach, json: bool) -> Result<ExitCode> {
    let client = Client::new(context, reach)?;
    let text = client.text("silences").await?;
    if json {
        return super::printed(terminal::print(&pretty(&text)?));
    }
    let list: SilenceList = understood(&text)?;
    if list.silences.is_empty() {
        return super::printed(terminal::print("Everything is told.\n"));
    }
    let zone = zone(list.timezone.as_deref());
    let time = |at: &Time| zone.format("%Y-%m-%d %H:%M", at.0);
    let rows: Vec<Vec<String>> = list
        .silences
        .iter()
        .map(|silence| {
            vec![
                silence.number.map_or_else(|| "-".to_owned(), |number| number.to_string()),
                terminal::clean_line(&silence.targets.join(", ")),
                if silence.kind == SilenceKind::Mute { "muted" } else { "maintenance" }.to_owned(),
                if silence.open { "now" } else { "comes" }.to_owned(),
                time(&silence.from),
                time(&silence.until),
                terminal::clean_line(&silence.by),
                terminal::clean_line(&silence.note),
            ]
        })
        .collect();
    let head = ["#", "WHAT", "WHY", "WHEN", "FROM", "UNTIL", "BY", "NOTE"];
    let width = terminal::width(&std::io::stdout());
    super::printed(terminal::print(&terminal::table_within(&head, &rows, width)))
}
