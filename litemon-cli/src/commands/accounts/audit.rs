use std::process::ExitCode;

use litemon_core::{
    manage::{
        Manage, Via,
        audit::{AuditFilter, Entry},
    },
    model::Zone,
};
use serde_json::Value;

use super::opened;
use crate::{
    args::{AuditArgs, AuditCommand},
    commands::printed,
    context::Context,
    error::{CliError, Result},
    management::{principal, refused},
    terminal,
};

pub async fn run(context: &Context, command: &AuditCommand) -> Result<ExitCode> {
    let (manage, plan) = opened(context).await?;
    match command {
        AuditCommand::List(args) => list(&manage, &plan.zone, args).await,
        AuditCommand::Verify => verify(&manage).await,
        AuditCommand::Export => export(&manage).await,
    }
}

async fn list(manage: &Manage, zone: &Zone, args: &AuditArgs) -> Result<ExitCode> {
    let mut filter = AuditFilter::default();
    filter.by.clone_from(&args.by);
    filter.doing.clone_from(&args.doing);
    filter.about.clone_from(&args.about);
    let entries = manage.audit_entries(&principal(), args.before, args.most, &filter).await;
    let entries = entries.map_err(refused)?;
    if args.json {
        let text = serde_json::to_string_pretty(&entries)
            .map_err(|error| CliError::failed("this cannot be printed").because(error))?;
        return printed(terminal::print(&format!("{text}\n")));
    }
    if entries.is_empty() {
        return printed(terminal::print("There is no such entry.\n"));
    }
    let rows: Vec<_> = entries.iter().map(|entry| row(entry, zone)).collect();
    let head = ["#", "TIME", "WHO", "FROM", "WHAT", "ABOUT", "MORE"];
    let width = terminal::width(&std::io::stdout());
    printed(terminal::print(&terminal::table_within(&head, &rows, width)))
}

fn row(entry: &Entry, zone: &Zone) -> Vec<String> {
    let about = match entry.begun {
        Some(begun) => format!("#{begun}"),
        None => entry.about.clone(),
    };
    let cells = [
        entry.id.to_string(),
        zone.date_time(entry.at),
        entry.by.name.clone(),
        from(entry),
        entry.doing.clone(),
        about,
        more(entry),
    ];
    cells.iter().map(|cell| terminal::clean_line(cell)).collect()
}

/// By which way, or from which address, somebody came.
fn from(entry: &Entry) -> String {
    let way = match &entry.by.via {
        Via::Session => "login".to_owned(),
        Via::Token(name) => format!("token {name}"),
        Via::System => "this machine".to_owned(),
        Via::Host => "application".to_owned(),
        Via::Sms => "SMS".to_owned(),
        _ => "litemon".to_owned(),
    };
    entry.by.from.map_or(way, |address| address.to_string())
}

/// How it ended, or what was asked for.
fn more(entry: &Entry) -> String {
    match (&entry.outcome, &entry.detail) {
        (Some(outcome), _) => outcome.clone(),
        (None, Value::Null) => String::new(),
        (None, Value::Object(fields)) if fields.is_empty() => String::new(),
        (None, detail) => detail.to_string(),
    }
}

async fn verify(manage: &Manage) -> Result<ExitCode> {
    let verified = manage.audit_verify(&principal()).await.map_err(refused)?;
    let good = match verified.entries {
        1 => "1 entry is as it was written".to_owned(),
        n => format!("{n} entries are as they were written"),
    };
    match verified.fault {
        None => printed(terminal::print(&format!("{good}, from the first to the last.\n"))),
        Some(fault) => {
            printed(terminal::print(&format!("{good}.\n")))?;
            Err(CliError::failed(format!("the audit trail was tampered with or damaged: {fault}")))
        }
    }
}

async fn export(manage: &Manage) -> Result<ExitCode> {
    let mut export = manage.audit_export(&principal()).await.map_err(refused)?;
    while let Some(lines) = export.next().await.map_err(refused)? {
        printed(terminal::print(&lines))?;
    }
    Ok(ExitCode::SUCCESS)
}
