//! Servers that stand in no file: a layer behind the files, planned and checked with them.

use std::{collections::BTreeMap, fmt};

use figment::value::{Dict, Value};

use crate::model::Name;

/// Servers that were added while litemon runs, as `[servers.NAME]` tables.
///
/// They hold passwords: `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Managed(BTreeMap<Name, Dict>);

impl fmt::Debug for Managed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Managed {
    /// Puts a server in, in the place of one of that name.
    #[cfg_attr(not(feature = "manage"), allow(dead_code, reason = "only management makes them"))]
    pub(crate) fn insert(&mut self, name: Name, table: Dict) {
        self.0.insert(name, table);
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.0.keys()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those whose name is not taken by a server of the files, as the layer; and the names that are.
    pub(crate) fn apart_from(&self, tree: &Dict) -> (Dict, Vec<Name>) {
        let written = tree.get("servers").and_then(Value::as_dict);
        let taken =
            |name: &Name| written.is_some_and(|servers| servers.contains_key(name.as_str()));
        let (twice, new): (Vec<_>, Vec<_>) = self.0.iter().partition(|(name, _)| taken(name));
        let servers: Dict = new
            .iter()
            .map(|(name, table)| (name.to_string(), Value::from((*table).clone())))
            .collect();
        let layer = if servers.is_empty() {
            Dict::new()
        } else {
            Dict::from([("servers".to_owned(), Value::from(servers))])
        };
        (layer, twice.into_iter().map(|(name, _)| name.clone()).collect())
    }
}
