//! `server`: the servers of the file and those that were added.

mod fields;
mod show;

use std::{path::Path, process::ExitCode};

use litemon_core::{
    manage::{
        Manage, Principal,
        inventory::{ServerDraft, import},
    },
    model::Name,
};
use serde_json::json;

use super::printed;
use crate::{
    args::{ImportFormat, ServerCommand},
    context::Context,
    error::{CliError, Result},
    inventory,
    management::{principal, refused},
    terminal,
};

/// The longest file of servers that is read, in bytes.
const LONGEST: u64 = 4 * 1024 * 1024;

pub async fn run(context: &Context, command: ServerCommand) -> Result<ExitCode> {
    let manage = inventory::open_for(context).await?;
    let by = principal();
    match command {
        ServerCommand::List { json } => show::list(&manage, &by, json).await,
        ServerCommand::Show { name, ask, json } => {
            let now = context.clock().now();
            show::one(&manage, &by, (&name, now), ask, json).await
        }
        ServerCommand::Test { name, json } => show::test(&manage, &by, &name, json).await,
        ServerCommand::Add { name, address, fields } => {
            let mut draft = ServerDraft::new(name, address);
            fields::apply(&mut draft, *fields)?;
            let name = draft.name.clone();
            manage.add_server(&by, draft).await.map_err(refused)?;
            say(&format!("{name} is added. Try it: litemon server test {name}\n"))
        }
        ServerCommand::Edit { name, address, fields, clear } => {
            let mut draft = editable(&manage, &by, name.as_str()).await?;
            fields::clear(&mut draft, &clear);
            draft.address = address.unwrap_or(draft.address);
            fields::apply(&mut draft, *fields)?;
            manage.edit_server(&by, name.as_str(), draft).await.map_err(refused)?;
            say(&format!("{name} is changed.\n"))
        }
        ServerCommand::Remove { name } => {
            manage.remove_server(&by, &name).await.map_err(refused)?;
            say(&format!("{name} is removed.\n"))
        }
        ServerCommand::Import { file, format, no_groups, groups, dry_run } => {
            let mut drafts = read(&file, format)?;
            if no_groups {
                drafts.iter_mut().for_each(|draft| draft.groups.clear());
            }
            add_all(&manage, &by, drafts, groups, dry_run).await
        }
        ServerCommand::Rekey => {
            let count = manage.rekey(&by).await.map_err(refused)?;
            let what = if count == 1 { "secret is" } else { "secrets are" };
            say(&format!("{count} {what} sealed with a new key.\n"))
        }
    }
}

fn say(text: &str) -> Result<ExitCode> {
    printed(terminal::print(text))
}

async fn editable(manage: &Manage, by: &Principal, name: &str) -> Result<ServerDraft> {
    let entry = manage.server(by, name).await.map_err(refused)?;
    entry.draft.ok_or_else(|| {
        CliError::usage(format!("{name} stands in the configuration file; change it there"))
    })
}

/// The servers of a file.
fn read(file: &Path, format: Option<ImportFormat>) -> Result<Vec<ServerDraft>> {
    let shown = file.display();
    let unreadable = |error| CliError::usage(format!("{shown} cannot be read")).because(error);
    if std::fs::metadata(file).map_err(unreadable)?.len() > LONGEST {
        return Err(CliError::usage(format!("{shown} is longer than 4 MiB")));
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let read = match format.unwrap_or_else(|| usual(file)) {
        ImportFormat::Ssh => import::ssh_config(&text),
        ImportFormat::AnsibleIni => import::ansible_ini(&text),
        ImportFormat::AnsibleYaml => import::ansible_yaml(&text),
        ImportFormat::Csv => import::csv(&text),
    };
    read.map_err(|error| CliError::usage(format!("{shown}:{error}")))
}

/// What a file is, by its name.
fn usual(file: &Path) -> ImportFormat {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => ImportFormat::Csv,
        Some("yml" | "yaml") => ImportFormat::AnsibleYaml,
        Some("ini") => ImportFormat::AnsibleIni,
        _ if name.contains("hosts") || name.contains("inventory") => ImportFormat::AnsibleIni,
        _ => ImportFormat::Ssh,
    }
}

async fn add_all(
    manage: &Manage,
    by: &Principal,
    mut drafts: Vec<ServerDraft>,
    groups: Vec<Name>,
    dry: bool,
) -> Result<ExitCode> {
    for draft in &mut drafts {
        let new = groups.iter().filter(|group| !draft.groups.contains(group)).cloned();
        draft.groups = draft.groups.iter().cloned().chain(new).collect();
    }
    let table = show::drafts(&drafts);
    let count = drafts.len();
    manage.import_servers(by, drafts, dry).await.map_err(refused)?;
    let verdict = match (count, dry) {
        (0, _) => "There is no server in it.",
        (_, true) => "Nothing was added; all of these could be.",
        (_, false) => "These are added. Try one: litemon server test NAME",
    };
    say(&format!("{table}{verdict}\n"))
}

/// Groups, or `-`.
fn words(list: &[Name]) -> String {
    let words: Vec<&str> = list.iter().map(Name::as_str).collect();
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

/// JSON, for people to read too.
fn say_json(value: &serde_json::Value) -> Result<ExitCode> {
    say(&format!("{value:#}\n"))
}

/// What stands for nothing in JSON.
fn or_null(text: Option<&str>) -> serde_json::Value {
    json!(text)
}
