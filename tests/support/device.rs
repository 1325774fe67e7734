//! Network devices as a script: a prompt over SSH that echoes, pages, refuses, asks and restarts as
//! IOS and `RouterOS` do.

mod script;
mod terminal;

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use russh::{
    Preferred, cipher, kex,
    keys::{Algorithm, PrivateKey},
    mac,
    server::Config,
};
use tokio::{net::TcpListener, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::sshd::keygen;

/// What everybody logs in with.
pub const PASSWORD: &str = "hunter2-login";
/// What `enable` asks for.
pub const ENABLE: &str = "hunter2-enable";
/// How long a restart takes.
const AWAY: Duration = Duration::from_millis(1500);

/// What kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ios,
    RouterOs,
}

/// What is special about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// It has only algorithms of old.
    Legacy,
    /// It never shows a prompt.
    Mute,
    /// Its banner has no end.
    Babble,
    /// It has changes that were not saved.
    Unsaved,
}

/// A device. Dropping it ends it.
pub struct Device {
    address: SocketAddr,
    known: String,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

/// What its connections have in common.
#[derive(Debug)]
struct Shared {
    kind: Kind,
    traits: Vec<Trait>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    typed: Vec<String>,
    users: Vec<String>,
    connections: usize,
    restarts: usize,
    /// What it had run for at `since`.
    ran: Duration,
    since: Instant,
    away_until: Option<Instant>,
    off: bool,
    up: CancellationToken,
}

impl Shared {
    fn has(&self, what: Trait) -> bool {
        self.traits.contains(&what)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Seconds since its start.
    fn uptime(&self) -> u64 {
        let state = self.state();
        (state.ran + state.since.elapsed()).as_secs()
    }

    fn restart(&self, comes_back: bool) {
        let mut state = self.state();
        state.restarts += 1;
        (state.ran, state.since) = (Duration::ZERO, Instant::now());
        state.away_until = Some(Instant::now() + AWAY);
        state.off = !comes_back;
        std::mem::take(&mut state.up).cancel();
    }
}

impl Device {
    /// Starts one on 127.0.0.1.
    pub async fn start(kind: Kind, traits: &[Trait]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let legacy = traits.contains(&Trait::Legacy);
        let key = host_key(legacy);
        let public = key.public_key().to_openssh().unwrap();
        let state = State {
            typed: Vec::new(),
            users: Vec::new(),
            connections: 0,
            restarts: 0,
            ran: Duration::from_secs(2 * 7 * 86_400 + 3 * 86_400 + 4 * 3600),
            since: Instant::now(),
            away_until: None,
            off: false,
            up: CancellationToken::new(),
        };
        let shared = Arc::new(Shared { kind, traits: traits.to_vec(), state: Mutex::new(state) });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::new(config(key, legacy)), Arc::clone(&shared)));
        let known = format!("[127.0.0.1]:{} {}\n", address.port(), public.trim_end());
        Self { address, known, shared, _tasks: tasks }
    }

    /// Its line for `known_hosts`.
    pub fn known_hosts(&self) -> &str {
        &self.known
    }

    /// Where it is.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// What was typed at its prompt, line by line; passwords too.
    pub fn typed(&self) -> Vec<String> {
        self.shared.state().typed.clone()
    }

    /// Who logged in.
    pub fn users(&self) -> Vec<String> {
        self.shared.state().users.clone()
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// How often it was restarted or shut down.
    pub fn restarts(&self) -> usize {
        self.shared.state().restarts
    }

    /// `[servers.NAME]`, with its login.
    pub fn configuration(&self, name: &str, known_hosts: &Path) -> String {
        let kind = match self.shared.kind {
            Kind::Ios => "ios",
            Kind::RouterOs => "routeros",
        };
        format!(
            "[servers.{name}]\naddress = \"{}\"\ndevice = \"{kind}\"\nprofiles = [\"{kind}\"]\n\
             [servers.{name}.ssh]\nuser = \"admin\"\npassword = \"{PASSWORD}\"\nagent = false\n\
             identity = []\nknown_hosts = {known_hosts:?}\n",
            self.address()
        )
    }
}

fn host_key(legacy: bool) -> PrivateKey {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    keygen(&path, if legacy { &["-t", "rsa", "-b", "2048"] } else { &["-t", "ed25519"] });
    russh::keys::load_secret_key(&path, None).unwrap()
}

fn config(key: PrivateKey, legacy: bool) -> Config {
    let mut config = Config {
        keys: vec![key],
        auth_rejection_time: Duration::from_millis(10),
        auth_rejection_time_initial: Some(Duration::ZERO),
        nodelay: true,
        ..Config::default()
    };
    if legacy {
        config.preferred = Preferred {
            kex: vec![kex::DH_G14_SHA1].into(),
            cipher: vec![cipher::AES_128_CBC].into(),
            mac: vec![mac::HMAC_SHA1].into(),
            key: vec![Algorithm::Rsa { hash: None }].into(),
            ..Preferred::DEFAULT
        };
    }
    config
}

async fn accept(listener: TcpListener, config: Arc<Config>, shared: Arc<Shared>) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = sessions.join_next() => {}
            Ok((stream, _)) = listener.accept() => {
                let up = {
                    let state = shared.state();
                    let away = state.away_until.is_some_and(|until| Instant::now() < until);
                    if away || state.off {
                        continue;
                    }
                    state.up.clone()
                };
                let (config, shared) = (Arc::clone(&config), Arc::clone(&shared));
                sessions.spawn(terminal::session(stream, config, shared, up));
            }
        }
    }
}
