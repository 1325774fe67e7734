use std::{collections::HashMap, sync::Arc};

use super::{
    entry::Entry,
    setup::{Check, Server},
    snapshot::{CheckView, ServerView},
};
use crate::{
    hold::PlannedView,
    model::{CheckId, Name},
};

/// What is shown, in which order. A server is drawn again only when one of its checks has changed:
/// snapshots are made ten times a second, and most of what they hold stays as it was.
#[derive(Debug, Default)]
pub(super) struct Display {
    servers: Vec<Server>,
    /// The checks of each server.
    of_server: HashMap<Name, Vec<CheckId>>,
    /// The checks of no server.
    others: Vec<CheckId>,
    /// Servers as they were drawn last, without those that have changed since.
    drawn: HashMap<Name, Arc<ServerView>>,
    /// What was planned for servers.
    planned: HashMap<Name, PlannedView>,
}

impl Display {
    pub(super) fn new(servers: Vec<Server>, checks: &[Check]) -> Self {
        let mut display = Self { servers, ..Self::default() };
        for check in checks {
            match &check.server {
                Some(server) => display.of_server.entry(server.clone()).or_default(),
                None => &mut display.others,
            }
            .push(check.id.clone());
        }
        display
    }

    /// Whether there is such a server.
    pub(super) fn has(&self, server: &Name) -> bool {
        self.servers.iter().any(|known| known.name == *server)
    }

    /// What is planned for a server now.
    pub(super) fn plan(&mut self, server: &Name, planned: Option<PlannedView>) {
        match planned {
            Some(planned) => self.planned.insert(server.clone(), planned),
            None => self.planned.remove(server),
        };
        self.touch(Some(server));
    }

    /// The checks of a server.
    pub(super) fn checks_of(&self, server: &Name) -> &[CheckId] {
        self.of_server.get(server).map_or(&[], Vec::as_slice)
    }

    /// The groups of a server.
    pub(super) fn groups_of(&self, server: &Name) -> &[Name] {
        let of_name = |known: &&Server| known.name == *server;
        self.servers.iter().find(of_name).map(|known| known.groups.as_slice()).unwrap_or_default()
    }

    /// A check of this server has changed.
    pub(super) fn touch(&mut self, server: Option<&Name>) {
        if let Some(server) = server {
            self.drawn.remove(server);
        }
    }

    /// The servers.
    pub(super) fn servers(
        &mut self,
        entries: &mut HashMap<CheckId, Entry>,
    ) -> Vec<Arc<ServerView>> {
        let Self { servers, of_server, drawn, planned, .. } = self;
        let one = |server: &Server| {
            if let Some(view) = drawn.get(&server.name) {
                return Arc::clone(view);
            }
            let checks = of_server.get(&server.name).map_or(&[][..], Vec::as_slice);
            let view = Arc::new(ServerView {
                name: server.name.clone(),
                address: server.address.clone(),
                groups: server.groups.clone(),
                labels: server.labels.clone(),
                checks: views(checks, entries),
                planned: planned.get(&server.name).cloned(),
            });
            drawn.insert(server.name.clone(), Arc::clone(&view));
            view
        };
        servers.iter().map(one).collect()
    }

    /// The checks of no server.
    pub(super) fn others(&self, entries: &mut HashMap<CheckId, Entry>) -> Vec<Arc<CheckView>> {
        views(&self.others, entries)
    }
}

fn views(ids: &[CheckId], entries: &mut HashMap<CheckId, Entry>) -> Vec<Arc<CheckView>> {
    ids.iter().filter_map(|id| entries.get_mut(id).map(Entry::view)).collect()
}
