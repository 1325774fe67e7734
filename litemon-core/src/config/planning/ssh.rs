//! `[ssh]`, `[groups.NAME.ssh]`, `[servers.NAME.ssh]`

use std::path::{Path, PathBuf};

use super::Planner;
use crate::{
    config::{
        KeyPath,
        file::{HostKeyWord, Ssh},
        mistake::Draft,
        show::without_login,
        values::{OneOrMany, SecretSource, SwitchOrPath},
    },
    exec::{Address, HostKeyPolicy, SshSettings, SshTarget},
    model::Name,
    secret::Secret,
};

/// OpenSSH's own default keys, in its order.
const IDENTITIES: [&str; 3] = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];
const KNOWN_HOSTS: &str = "~/.ssh/known_hosts";
/// litemon's own pins, in `state_dir`.
const PINS: &str = "known_hosts";

/// litemon's own key, in `state_dir`.
const OWN_IDENTITY: &str = "id_ed25519";

type Layer<'a> = (KeyPath, &'a Ssh);

impl<'a> Planner<'a> {
    /// `[ssh]`, that of each group, that of the server: later ones win.
    pub(super) fn ssh_layers(&self, name: &Name) -> Vec<Layer<'a>> {
        let config = self.config;
        let mut layers = vec![(KeyPath::new(["ssh"]), &config.ssh)];
        if let Some(server) = config.servers.get(name) {
            for (group, table) in self.groups_of(server) {
                layers.push((KeyPath::new(["groups", group.as_str(), "ssh"]), &table.ssh));
            }
            layers.push((KeyPath::new(["servers", name.as_str(), "ssh"]), &server.ssh));
        }
        layers
    }

    pub(super) fn ssh_settings(&mut self, name: &Name, state_dir: &Path) -> SshSettings {
        self.ssh_through(name, state_dir, &mut Vec::new())
    }

    /// `through`: the servers that are being logged in to by way of this one.
    fn ssh_through(
        &mut self,
        name: &Name,
        state_dir: &Path,
        through: &mut Vec<Name>,
    ) -> SshSettings {
        let layers = self.ssh_layers(name);
        let mut settings = self.own_settings(&layers, state_dir);
        let Some((at, jump)) = self.jump_of(name, &layers) else { return settings };
        through.push(name.clone());
        settings.jump = self.jump(at, jump, state_dir, through).map(Box::new);
        through.pop();
        settings
    }

    /// The jump host of a server. One that a group or `[ssh]` names does not go through itself.
    fn jump_of(&self, name: &Name, layers: &[Layer<'a>]) -> Option<(KeyPath, &'a str)> {
        let (at, jump) =
            layers.iter().rev().find_map(|(at, ssh)| Some((at, ssh.jump.as_deref()?)))?;
        let own = at.words().first().is_some_and(|word| word == "servers");
        (own || jump != name.as_str())
            .then(|| (at.child("jump"), jump))
            .filter(|_| !jump.is_empty())
    }

    fn jump(
        &mut self,
        at: KeyPath,
        jump: &str,
        state_dir: &Path,
        through: &mut Vec<Name>,
    ) -> Option<SshTarget> {
        let config = self.config;
        let Some((name, server)) = config.servers.get_key_value(jump) else {
            return self.jump_to_address(at, jump, state_dir);
        };
        if through.contains(name) {
            let way: Vec<&str> = through.iter().map(Name::as_str).chain([name.as_str()]).collect();
            self.wrong(at, format!("goes in a circle: {}", way.join(" -> ")));
            return None;
        }
        match self.address(name, server, false)? {
            Address::Local => {
                self.wrong(at, format!("{name} is local; expected a host to go through"));
                None
            }
            Address::Host { host, port } => {
                Some(SshTarget { host, port, settings: self.ssh_through(name, state_dir, through) })
            }
        }
    }

    /// An address that is no server: logged in to as `[ssh]` says.
    fn jump_to_address(&mut self, at: KeyPath, jump: &str, state_dir: &Path) -> Option<SshTarget> {
        let (user, address) = match jump.rsplit_once('@') {
            Some((user, address)) if !user.is_empty() => (Some(user), address),
            _ => (None, jump),
        };
        match address.parse() {
            Ok(Address::Host { host, port }) => {
                let config = self.config;
                let global = (KeyPath::new(["ssh"]), &config.ssh);
                let mut settings = self.own_settings(&[global], state_dir);
                if let Some(user) = user {
                    user.clone_into(&mut settings.user);
                }
                Some(SshTarget { host, port, settings })
            }
            _ => {
                let valid: Vec<&str> = self.config.servers.keys().map(Name::as_str).collect();
                let draft = Draft::unknown_word(at, "server", &without_login(jump), &valid);
                let message = format!("{}, or [user@]host[:port]", draft.message);
                self.drafts.push(Draft { message, ..draft });
                None
            }
        }
    }

    fn own_settings(&mut self, layers: &[Layer<'a>], state_dir: &Path) -> SshSettings {
        let mut settings = SshSettings::new(self.user(layers));
        let written = last(layers, "identity", |ssh| ssh.identity.as_ref());
        settings.skip_missing_identities = written.is_none();
        settings.identities = self.paths(written, &IDENTITIES);
        settings.known_hosts =
            self.paths(last(layers, "known_hosts", |ssh| ssh.known_hosts.as_ref()), &[KNOWN_HOSTS]);
        settings.pins = Some(state_dir.join(PINS));
        settings.own_identity = Some(state_dir.join(OWN_IDENTITY));
        let key = self.last_secret(layers, "private_key", |ssh| ssh.private_key.as_ref());
        settings.keys.extend(key);
        settings.agent = self.agent(layers);
        settings.passphrase = self.last_secret(layers, "passphrase", |ssh| ssh.passphrase.as_ref());
        settings.password = self.last_secret(layers, "password", |ssh| ssh.password.as_ref());
        settings.sudo_password =
            self.last_secret(layers, "sudo_password", |ssh| ssh.sudo_password.as_ref());
        let policy = last(layers, "host_key_policy", |ssh| ssh.host_key_policy.as_ref());
        if let Some((_, HostKeyWord::AcceptNew)) = policy {
            settings.host_key_policy = HostKeyPolicy::AcceptNew;
        }
        settings.legacy = self.legacy(layers);
        if let Some((at, most)) = last(layers, "max_sessions", |ssh| ssh.max_sessions.as_ref()) {
            match usize::try_from(*most) {
                Ok(most @ 1..=64) => settings.max_sessions = most,
                _ => self.wrong(at, "expected 1 to 64"),
            }
        }
        settings
    }

    fn user(&mut self, layers: &[Layer<'a>]) -> String {
        let written = last(layers, "user", |ssh| ssh.user.as_ref());
        match (written, self.around.user.as_ref()) {
            (Some((_, user)), _) if !user.trim().is_empty() => user.clone(),
            (Some((at, _)), _) => {
                self.wrong(at, "is empty; expected the far user's name");
                String::new()
            }
            (None, Some(user)) => user.clone(),
            (None, None) => {
                let at = KeyPath::new(["ssh", "user"]);
                self.drafts.push(Draft::missing(at, "the user to log in as"));
                String::new()
            }
        }
    }

    /// Weak algorithms are never for all servers.
    fn legacy(&mut self, layers: &[Layer<'a>]) -> bool {
        let written = last(layers, "legacy", |ssh| ssh.legacy.as_ref());
        match written {
            Some((at, true)) if at.words().first().is_some_and(|word| word == "ssh") => {
                let why =
                    "is for single servers and groups; no other server is to use what is weak";
                self.wrong(at, why);
                false
            }
            Some((_, legacy)) => *legacy,
            None => false,
        }
    }

    fn agent(&self, layers: &[Layer<'a>]) -> Option<PathBuf> {
        match last(layers, "agent", |ssh| ssh.agent.as_ref()) {
            Some((_, SwitchOrPath::Switch(false))) => None,
            Some((at, SwitchOrPath::Path(path))) => Some(self.resolve(&at, path)),
            Some((_, SwitchOrPath::Switch(true))) | None => self.around.agent.clone(),
        }
    }

    fn paths(
        &self,
        written: Option<(KeyPath, &OneOrMany<PathBuf>)>,
        usual: &[&str],
    ) -> Vec<PathBuf> {
        match written {
            Some((at, many)) => many.0.iter().map(|path| self.resolve(&at, path)).collect(),
            // Without a home there are no usual places.
            None if self.around.home.is_none() => Vec::new(),
            None => {
                let root = KeyPath::default();
                usual.iter().map(|path| self.resolve(&root, Path::new(path))).collect()
            }
        }
    }

    fn last_secret(
        &mut self,
        layers: &[Layer<'a>],
        key: &str,
        get: impl Fn(&'a Ssh) -> Option<&'a SecretSource>,
    ) -> Option<Secret> {
        let (at, source) = last(layers, key, get)?;
        self.secret(&at, source)
    }
}

fn last<'a, T>(
    layers: &[Layer<'a>],
    key: &str,
    get: impl Fn(&'a Ssh) -> Option<&'a T>,
) -> Option<(KeyPath, &'a T)> {
    layers.iter().rev().find_map(|(at, ssh)| Some((at.child(key), get(ssh)?)))
}
