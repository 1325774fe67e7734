//! From options to what is said of a server.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use litemon_core::{
    manage::inventory::{Change, ResourceDraft, ServerDraft, ServiceDraft},
    model::Name,
    secret::Secret,
};

use crate::{
    args::{Clear, Fields},
    ask,
    error::{CliError, Result},
};

/// Puts the options that were given in the place of what is there. Secrets are asked for.
pub fn apply(draft: &mut ServerDraft, fields: Fields) -> Result<()> {
    replace(&mut draft.groups, fields.groups);
    replace(&mut draft.profiles, fields.profiles);
    if !fields.notify.is_empty() {
        draft.notify = Some(fields.notify);
    }
    draft.labels.extend(fields.labels);
    let service = |(name, command)| (name, ServiceDraft::new(command));
    draft.services.extend(fields.services.into_iter().map(service));
    for (name, command) in fields.resources {
        resource(draft, name).command = Some(command);
    }
    for (name, percent) in fields.thresholds {
        resource(draft, name).threshold = Some(percent);
    }
    draft.device = fields.device.unwrap_or(draft.device);
    draft.user = fields.user.or(draft.user.take());
    draft.identity = fields.identity.or(draft.identity.take());
    draft.jump = fields.jump.or(draft.jump.take());
    let read = |prompt| ask::password(fields.password_stdin, prompt).map(Change::Set);
    if fields.password || fields.password_stdin && !fields.sudo_password {
        draft.password = read("Password to log in with: ")?;
    }
    if fields.sudo_password {
        draft.sudo_password = read("Password of sudo: ")?;
    }
    if let Some(path) = fields.private_key {
        draft.private_key = Change::Set(private_key(&path)?);
    }
    Ok(())
}

/// Leaves things unsaid.
pub fn clear(draft: &mut ServerDraft, what: &[Clear]) {
    for what in what {
        match what {
            Clear::Groups => draft.groups.clear(),
            Clear::Labels => draft.labels.clear(),
            Clear::Profiles => draft.profiles.clear(),
            Clear::Notify => draft.notify = None,
            Clear::Services => draft.services.clear(),
            Clear::Resources => draft.resources.clear(),
            Clear::User => draft.user = None,
            Clear::Identity => draft.identity = None,
            Clear::Jump => draft.jump = None,
            Clear::Password => draft.password = Change::Remove,
            Clear::SudoPassword => draft.sudo_password = Change::Remove,
            Clear::PrivateKey => draft.private_key = Change::Remove,
        }
    }
}

fn replace(old: &mut Vec<Name>, new: Vec<Name>) {
    if !new.is_empty() {
        *old = new;
    }
}

fn resource(draft: &mut ServerDraft, name: Name) -> &mut ResourceDraft {
    draft.resources.entry(name).or_default()
}

fn private_key(path: &Path) -> Result<Secret> {
    let shown = path.display();
    let unreadable = |error| CliError::usage(format!("{shown} cannot be read")).because(error);
    let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        let line = format!("others can read {shown}; run: chmod 600 {shown}");
        return Err(CliError::usage(line));
    }
    fs::read_to_string(path).map(Secret::new).map_err(unreadable)
}
