//! Which servers are meant.

use litemon_core::{config::Plan, model::Name};

use crate::{
    args::Selection,
    commands::nearest::unknown,
    error::{CliError, Result},
};

/// The servers of a selection, each once, in the order of the configuration.
pub fn servers(plan: &Plan, selection: &Selection) -> Result<Vec<Name>> {
    let known: Vec<&str> = plan.servers.iter().map(|server| server.name.as_str()).collect();
    if known.is_empty() {
        return Err(CliError::usage("the configuration has no servers; add one to it"));
    }
    if let Some(name) = selection.servers.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(CliError::usage(unknown("server", name.as_str(), &known)));
    }
    let mut groups: Vec<&str> =
        plan.servers.iter().flat_map(|server| &server.groups).map(Name::as_str).collect();
    groups.sort_unstable();
    groups.dedup();
    if let Some(name) = selection.groups.iter().find(|name| !groups.contains(&name.as_str())) {
        return Err(CliError::usage(unknown("group with servers", name.as_str(), &groups)));
    }
    let everybody = selection.servers.is_empty() && selection.groups.is_empty();
    let meant = plan.servers.iter().filter(|server| {
        everybody
            || selection.servers.contains(&server.name)
            || server.groups.iter().any(|group| selection.groups.contains(group))
    });
    let labelled = meant.filter(|server| {
        selection.labels.iter().all(|(key, value)| server.labels.get(key) == Some(value))
    });
    let names: Vec<Name> = labelled.map(|server| server.name.clone()).collect();
    if names.is_empty() {
        return Err(CliError::usage(nobody(plan, selection)));
    }
    Ok(names)
}

/// That no server has the labels; when one of them is nowhere, that one.
fn nobody(plan: &Plan, selection: &Selection) -> String {
    let label = |(key, value): (&String, &String)| format!("{key}={value}");
    let mut known: Vec<String> =
        plan.servers.iter().flat_map(|server| server.labels.iter().map(label)).collect();
    known.sort_unstable();
    known.dedup();
    let mut wanted = selection.labels.iter().map(|(key, value)| label((key, value)));
    match wanted.find(|label| !known.contains(label)) {
        Some(name) => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            unknown("label", &name, &known)
        }
        None => "none of these servers has all these labels".to_owned(),
    }
}
