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
    let meant = plan.servers.iter().filter(|server| {
        selection.all
            || selection.servers.contains(&server.name)
            || server.groups.iter().any(|group| selection.groups.contains(group))
    });
    Ok(meant.map(|server| server.name.clone()).collect())
}
