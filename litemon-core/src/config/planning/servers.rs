//! `[servers.NAME]` and what it refers to.

use std::path::Path;

use super::Planner;
use crate::{
    config::{
        KeyPath, ServerPlan,
        file::{DeviceWord, Group, Server},
        mistake::Draft,
        show::without_login,
        values::OneOrMany,
    },
    exec::{Address, AddressError, SshSettings},
    model::{Device, Name},
};

/// Owners of checks that are no servers.
const RESERVED: [&str; 3] = ["messaging", "stats", "checks"];

/// The profiles that are built in: one for each kind of device that has built-in checks.
pub(super) const BUILT_IN: [Device; 3] = [Device::Linux, Device::RouterOs, Device::Ios];

/// How a server is spoken to.
pub(super) fn device(server: &Server) -> Device {
    match server.device {
        Some(DeviceWord::FreeBsd) => Device::FreeBsd,
        Some(DeviceWord::RouterOs) => Device::RouterOs,
        Some(DeviceWord::Ios) => Device::Ios,
        Some(DeviceWord::Linux) | None => Device::Linux,
    }
}

impl<'a> Planner<'a> {
    /// Servers that are not switched off, in the order of the file.
    pub(super) fn enabled_servers(&self) -> Vec<(&'a Name, &'a Server)> {
        let config = self.config;
        let list = self.ordered(&KeyPath::new(["servers"]), &config.servers);
        list.into_iter().filter(|(_, server)| server.enabled != Some(false)).collect()
    }

    pub(super) fn servers(&mut self, state_dir: &Path) -> Vec<ServerPlan> {
        for (name, group) in &self.config.groups {
            let at = KeyPath::new(["groups", name.as_str(), "profiles"]);
            self.known_profiles(&at, group.profiles.as_ref());
        }
        for (name, server) in &self.config.servers {
            let at = KeyPath::new(["servers", name.as_str()]);
            if RESERVED.contains(&name.as_str()) {
                let message = "is the owner of other checks; expected another name for the server";
                self.drafts.push(Draft::key(at.clone(), message));
            }
            self.known_profiles(&at.child("profiles"), server.profiles.as_ref());
            self.known_groups(&at.child("groups"), server);
            let address = self.address(name, server, true);
            if device(server).is_network() && address == Some(Address::Local) {
                self.wrong(at.child("device"), "is for a device that is reached over SSH");
            }
        }
        let mut plans = Vec::new();
        for (name, server) in self.enabled_servers() {
            let Some(address) = self.address(name, server, false) else { continue };
            let device = device(server);
            let ssh = match address {
                Address::Local => self.local_settings(name),
                Address::Host { .. } => self.ssh_settings(name, state_dir),
            };
            let ssh = SshSettings { device, ..ssh };
            let groups = self.groups_of(server).into_iter().map(|(name, _)| name.clone()).collect();
            let labels = server.labels.iter().map(|(key, text)| (key.clone(), text.0.clone()));
            let labels = labels.collect();
            plans.push(ServerPlan {
                name: name.clone(),
                address,
                groups,
                labels,
                device,
                managed: self.origins.is_managed(name),
                ssh,
            });
        }
        plans
    }

    /// A local server is not logged in to; sudo may still ask.
    fn local_settings(&mut self, name: &Name) -> SshSettings {
        let mut settings = SshSettings::new("");
        let layers = self.ssh_layers(name);
        let source =
            layers.iter().rev().find_map(|(at, ssh)| Some((at, ssh.sudo_password.as_ref()?)));
        if let Some((at, source)) = source {
            settings.sudo_password = self.secret(&at.child("sudo_password"), source);
        }
        settings
    }

    pub(super) fn address(
        &mut self,
        name: &Name,
        server: &Server,
        report: bool,
    ) -> Option<Address> {
        let at = KeyPath::new(["servers", name.as_str(), "address"]);
        let draft = match &server.address {
            Some(text) => match text.parse::<Address>() {
                Ok(address) => return Some(address),
                Err(_) => {
                    let error = AddressError(without_login(text));
                    Draft::value(at, error.to_string())
                }
            },
            None => Draft::missing(at, "host, host:port, [IPv6]:port, or local"),
        };
        if report {
            self.drafts.push(draft);
        }
        None
    }

    /// The groups of a server that exist, in its order.
    pub(super) fn groups_of(&self, server: &Server) -> Vec<(&'a Name, &'a Group)> {
        let names = server.groups.iter().flat_map(|many| &many.0);
        let config = self.config;
        names.filter_map(|name| config.groups.get_key_value(name.as_str())).collect()
    }

    fn known_groups(&mut self, at: &KeyPath, server: &Server) {
        let valid: Vec<&str> = self.config.groups.keys().map(Name::as_str).collect();
        self.known(at, server.groups.as_ref(), "group", &valid);
    }

    fn known_profiles(&mut self, at: &KeyPath, names: Option<&OneOrMany<String>>) {
        let mut valid: Vec<&str> = self.config.profiles.keys().map(Name::as_str).collect();
        valid.extend(BUILT_IN.map(Device::word));
        self.known(at, names, "profile", &valid);
    }

    pub(super) fn known(
        &mut self,
        at: &KeyPath,
        names: Option<&OneOrMany<String>>,
        what: &str,
        valid: &[&str],
    ) {
        for (i, name) in names.iter().flat_map(|many| &many.0).enumerate() {
            if !valid.contains(&name.as_str()) {
                let at = at.child(i.to_string());
                self.drafts.push(Draft::unknown_word(at, what, name, valid));
            }
        }
    }
}
