//! A server as the `[servers.NAME]` table that a file would hold.

use std::collections::BTreeMap;

use figment::value::{Dict, Value};

use super::store::Row;
use crate::{
    manage::{Vault, VaultError},
    model::Name,
};

impl Row {
    /// The table, secrets opened.
    pub(super) fn layer(&self, vault: &Vault) -> Result<Dict, VaultError> {
        let draft = &self.draft;
        let mut table = Table::default();
        table.put("address", Some(&draft.address));
        table.put("device", Some(draft.device.word()));
        table.list("groups", Some(&draft.groups));
        table.list("profiles", Some(&draft.profiles));
        // An empty list tells nobody; none leaves it to the groups.
        if let Some(notify) = &draft.notify {
            table.0.insert("notify".to_owned(), names(notify));
        }
        let labels = draft.labels.iter().map(|(key, text)| (key.clone(), text.as_str().into()));
        table.table("labels", labels.collect());
        let services = checks(&draft.services, |service, table| {
            table.put("command", Some(&service.command));
            table.put("expect", service.expect.as_deref());
        });
        table.table("services", services);
        let resources = checks(&draft.resources, |resource, table| {
            table.put("command", resource.command.as_deref());
            let threshold = resource.threshold.map(Value::from);
            table.0.extend(threshold.map(|value| ("threshold".to_owned(), value)));
        });
        table.table("resources", resources);
        table.table("ssh", self.ssh(vault)?);
        Ok(table.0)
    }

    fn ssh(&self, vault: &Vault) -> Result<Dict, VaultError> {
        let mut table = Table::default();
        table.put("user", self.draft.user.as_deref());
        table.put("identity", self.draft.identity.as_deref());
        table.put("jump", self.draft.jump.as_deref());
        for (key, sealed) in self.sealed() {
            if let Some(sealed) = sealed {
                let secret = vault.unseal(&self.context(key), sealed)?;
                table.put(key, Some(secret.expose()));
            }
        }
        Ok(table.0)
    }
}

#[derive(Default)]
struct Table(Dict);

impl Table {
    fn put(&mut self, key: &str, text: Option<&str>) {
        self.0.extend(text.map(|text| (key.to_owned(), Value::from(text))));
    }

    fn list(&mut self, key: &str, list: Option<&[Name]>) {
        let list = list.filter(|list| !list.is_empty());
        self.0.extend(list.map(|list| (key.to_owned(), names(list))));
    }

    fn table(&mut self, key: &str, table: Dict) {
        if !table.is_empty() {
            self.0.insert(key.to_owned(), Value::from(table));
        }
    }
}

fn names(list: &[Name]) -> Value {
    Value::from(list.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn checks<T>(checks: &BTreeMap<Name, T>, fill: impl Fn(&T, &mut Table)) -> Dict {
    let one = |(name, check): (&Name, &T)| {
        let mut table = Table::default();
        fill(check, &mut table);
        (name.to_string(), Value::from(table.0))
    };
    checks.iter().map(one).collect()
}
