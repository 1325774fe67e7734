//! What INI and YAML inventories have in common: groups of groups, and variables of both.

use std::collections::{BTreeMap, BTreeSet};

use super::{ImportError, MOST, address, name};
use crate::{
    manage::inventory::{Change, ServerDraft},
    secret::Secret,
};

pub(super) type Vars = BTreeMap<String, String>;

/// An inventory as it was read.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// Hosts in the order of the file.
    order: Vec<String>,
    hosts: BTreeMap<String, Host>,
    pub(super) groups: BTreeMap<String, Group>,
}

#[derive(Debug, Default)]
struct Host {
    line: Option<usize>,
    vars: Vars,
}

#[derive(Debug, Default)]
pub(super) struct Group {
    hosts: BTreeSet<String>,
    pub(super) vars: Vars,
    pub(super) children: BTreeSet<String>,
}

impl Inventory {
    /// A host stands in a group; its variables are added to those it has.
    pub(super) fn host(
        &mut self,
        line: Option<usize>,
        host: &str,
        vars: Vars,
        group: &str,
    ) -> Result<(), ImportError> {
        if !self.hosts.contains_key(host) {
            self.order.push(host.to_owned());
        }
        if self.order.len() > MOST {
            return Err(ImportError::too_many());
        }
        let known = self.hosts.entry(host.to_owned()).or_default();
        known.line = known.line.or(line);
        known.vars.extend(vars);
        self.groups.entry(group.to_owned()).or_default().hosts.insert(host.to_owned());
        Ok(())
    }

    /// The servers.
    pub(super) fn servers(&self) -> Result<Vec<ServerDraft>, ImportError> {
        let draft = |host: &String| {
            let line = self.hosts.get(host).and_then(|host| host.line);
            self.server(host).map_err(|message| ImportError { line, message })
        };
        self.order.iter().map(draft).collect()
    }

    fn server(&self, host: &str) -> Result<ServerDraft, String> {
        let groups = self.groups_of(host);
        let mut vars = Vars::new();
        // From the outermost group to the host itself: the nearest counts.
        for group in groups.iter().rev().filter_map(|group| self.groups.get(group)) {
            vars.extend(group.vars.clone());
        }
        vars.extend(self.hosts.get(host).map(|host| host.vars.clone()).unwrap_or_default());
        let get = |keys: &[&str]| -> Result<Option<String>, String> {
            let Some((key, text)) = keys.iter().find_map(|key| Some((key, vars.get(*key)?))) else {
                return Ok(None);
            };
            if text.contains("{{") || text.starts_with("$ANSIBLE_VAULT") {
                return Err(format!("{host}: {key} is a template or a vault; expected plain text"));
            }
            Ok(Some(text.clone()))
        };
        if vars.get("ansible_connection").is_some_and(|way| way == "local") {
            return Err(format!("{host} is local; that can stand in the configuration file only"));
        }
        let at = get(&["ansible_host", "ansible_ssh_host"])?.unwrap_or_else(|| host.to_owned());
        let port = get(&["ansible_port", "ansible_ssh_port"])?;
        let mut draft = ServerDraft::new(name(host)?, address(&at, port.as_deref()));
        draft.user = get(&["ansible_user", "ansible_ssh_user"])?;
        draft.identity = get(&["ansible_ssh_private_key_file", "ansible_private_key_file"])?;
        let secret =
            |text: Option<String>| text.map_or(Change::Keep, |text| Change::Set(Secret::new(text)));
        draft.password = secret(get(&["ansible_password", "ansible_ssh_pass"])?);
        draft.sudo_password = secret(get(&["ansible_become_password", "ansible_become_pass"])?);
        let named = groups.iter().filter(|group| !matches!(group.as_str(), "all" | "ungrouped"));
        draft.groups = named.map(|group| name(group)).collect::<Result<_, _>>()?;
        Ok(draft)
    }

    /// The groups a host stands in and those around them, nearest first; `all` is around everything.
    fn groups_of(&self, host: &str) -> Vec<String> {
        let direct = self.groups.iter().filter(|(_, group)| group.hosts.contains(host));
        let mut found: Vec<String> = direct.map(|(name, _)| name.clone()).collect();
        let mut at = 0;
        while let Some(inner) = found.get(at).cloned() {
            let around = self.groups.iter().filter(|(_, group)| group.children.contains(&inner));
            for (name, _) in around {
                if !found.contains(name) {
                    found.push(name.clone());
                }
            }
            at += 1;
        }
        found.retain(|group| group != "all");
        found.push("all".to_owned());
        found
    }
}
