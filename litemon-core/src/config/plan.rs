use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use super::RoleWord;
use crate::{
    exec::{Address, CommandLine, SshSettings},
    model::{
        CheckId, CheckKind, Criteria, Cron, Device, EventKind, Language, Name, Param, Schedule,
        TellOn, Zone,
    },
    notify::{NotifierRecipe, wording::Wording},
    policy::{Duty, FlapMarks, FlowRules, Quiet, Recurring, Remedy, Reminding, Rota},
    probe::{Recipe, push::TokenHash},
    secret::Secret,
    store::{Retention, RowBytes},
};

/// What is to run: everything resolved, checked against everything else, and nothing started.
#[derive(Debug)]
#[non_exhaustive]
pub struct Plan {
    /// In which people read times.
    pub zone: Zone,
    /// Of pages and messages.
    pub language: Language,
    /// Where the journal, the pins and the lock are.
    pub state_dir: PathBuf,
    /// Where history goes.
    pub store: StorePlan,
    /// How long it is kept.
    pub retention: Retention,
    /// The dashboard.
    pub web: WebPlan,
    /// Accounts, servers, actions and jobs.
    pub manage: ManagePlan,
    /// The URL by which gateways report what arrived.
    pub report_url: Option<url::Url>,
    /// Whether a gateway hands over answers to SMS, and how it proves itself.
    pub sms_hook: Option<SmsHookPlan>,
    /// The sign of life that is given.
    pub heartbeat: Option<crate::heartbeat::HeartbeatPlan>,
    /// What tells whether litemon's own network works; none when it is not to be doubted.
    pub canaries: Vec<crate::canary::CanaryPlan>,
    /// Servers, in the order of the file.
    pub servers: Vec<ServerPlan>,
    /// Checks: those of each server in the order of the servers (`ssh` first), then the others.
    pub checks: Vec<CheckPlan>,
    /// Notifiers, by name.
    pub notifiers: Vec<NotifierPlan>,
    /// People who take turns, in the order of the file.
    pub rotas: Vec<Arc<Rota>>,
    /// Actions, in the order of the file.
    pub actions: Vec<ActionPlan>,
    /// Jobs that nobody has to begin, in the order of the file.
    pub jobs: Vec<JobPlan>,
    /// Names of all groups, also of those without servers.
    pub groups: Vec<Name>,
    /// Names of all profiles, the built-in one among them.
    pub profiles: Vec<Name>,
    /// Times that come again and again in which problems are not told, in the order of the file.
    pub maintenance: Vec<Recurring>,
    /// Keys that are accepted but do nothing in this version.
    pub unused: Vec<String>,
}

impl Plan {
    /// About how many bytes history takes on disk with these checks, once the longest retention is
    /// over.
    #[must_use]
    pub fn history_bytes(&self) -> u64 {
        let each = match self.store {
            StorePlan::Sqlite(_) => RowBytes::SQLITE,
            StorePlan::MySql(_) => RowBytes::MYSQL,
        };
        // What is On or Off gives no number.
        let numbers = self.checks.iter().filter(|check| {
            !matches!(check.kind, CheckKind::Ssh | CheckKind::Service | CheckKind::Own)
        });
        self.retention.bytes(each, numbers.map(|check| check.schedule.interval))
    }
}

/// What an operator can run on many servers at once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionPlan {
    /// Its name.
    pub name: Name,
    /// What it does.
    pub description: Option<String>,
    /// What is run.
    pub command: CommandLine,
    /// What it needs to be told, in the order of the file.
    pub params: Vec<Param>,
    /// As root?
    pub sudo: bool,
    /// Whether it changes the server.
    pub changes: bool,
    /// Whether it is asked for twice.
    pub dangerous: bool,
    /// Whether the password is asked for again.
    pub asks_password: bool,
    /// Whether it runs on one server after the other.
    pub one_by_one: bool,
    /// The longest it may take on one server.
    pub timeout: Duration,
    /// The least role that may run it.
    pub role: RoleWord,
    /// The groups on whose servers it may run; all when empty.
    pub groups: Vec<Name>,
    /// Whether it runs on the monitor's own machine.
    pub on_monitor: bool,
}

/// A job that nobody has to begin.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JobPlan {
    /// Its name.
    pub name: Name,
    /// What is run.
    pub what: JobWhat,
    /// Whether a command becomes root.
    pub sudo: bool,
    /// Where, in the order of the file.
    pub servers: Vec<Name>,
    /// How many servers at once.
    pub at_once: Option<usize>,
    /// The longest it may take on one server.
    pub timeout: Option<Duration>,
    /// When it runs.
    pub times: Option<JobTimes>,
    /// The token by which it is called.
    pub token: Option<TokenHash>,
    /// Parameters that a caller may give.
    pub may_set: Vec<String>,
    /// The notifiers that tell of its end.
    pub notify: Vec<Name>,
    /// When they do.
    pub notify_on: TellOn,
    /// Whether neither time nor call is left out.
    pub enabled: bool,
}

/// What a job runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobWhat {
    /// An action, with values of its parameters.
    Action(Name, BTreeMap<String, String>),
    /// A line for the server's shell.
    Command(String),
}

/// When a job runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JobTimes {
    /// The times.
    pub cron: Cron,
    /// How late one of them is made up for.
    pub catch_up: Duration,
}

/// Where history goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorePlan {
    /// A file.
    Sqlite(PathBuf),
    /// A MySQL or MariaDB server.
    MySql(MySqlPlan),
}

/// A MySQL or MariaDB server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MySqlPlan {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The user.
    pub user: String,
    /// Its password.
    pub password: Option<Secret>,
    /// Whether the server's certificate is verified.
    pub tls: TlsPlan,
}

/// How the connection to MySQL is protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsPlan {
    /// Verified TLS on anything but loopback, plain on loopback.
    #[default]
    Default,
    /// Verified TLS, with a root certificate of one's own.
    Roots(PathBuf),
    /// No TLS, said in words in the file.
    Off,
}

/// The dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebPlan {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Whether it may be read without a login.
    pub public: bool,
    /// Host names it answers to besides its own address and `localhost`.
    pub hosts: Vec<String>,
    /// The URL that people reach it by.
    pub external_url: Option<url::Url>,
    /// What it encrypts connections with.
    pub tls: Option<WebTlsPlan>,
    /// Reverse proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<ipnet::IpNet>,
}

/// Certificate and key of the dashboard; the files are looked at when it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebTlsPlan {
    /// PEM file of the certificate chain.
    pub cert: PathBuf,
    /// PEM file of its private key.
    pub key: PathBuf,
}

/// A gateway that hands over answers to SMS.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SmsHookPlan {
    /// What it proves itself with.
    pub secret: TokenHash,
    /// What those who answer are called, by their number.
    pub people: BTreeMap<String, Name>,
}

/// Accounts, servers, actions and jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManagePlan {
    /// Whether there is any of it.
    pub enabled: bool,
    /// The file of the key for stored credentials, where one is named.
    pub key: Option<PathBuf>,
    /// The file of the key that seals the audit trail, where one is named.
    pub audit_key: Option<PathBuf>,
    /// The folder in which a service manager hands over credentials; keys that are not named are
    /// looked for there before `state_dir`.
    pub credentials: Option<PathBuf>,
    /// How long a restarted server may take to be back.
    pub back_within: Duration,
    /// Where pings go.
    pub ping: PingPlan,
}

impl Default for ManagePlan {
    fn default() -> Self {
        Self {
            enabled: true,
            key: None,
            audit_key: None,
            credentials: None,
            back_within: Duration::from_secs(600),
            ping: PingPlan::default(),
        }
    }
}

/// Where the action `ping` looks to from a server: host names or addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PingPlan {
    /// The way out of the network; `None`: the server's own default route.
    pub gateway: Option<String>,
    /// A host on the internet.
    pub internet: String,
    /// The server that the others depend on.
    pub main_server: Option<String>,
}

impl Default for PingPlan {
    fn default() -> Self {
        Self { gateway: None, internet: "1.1.1.1".to_owned(), main_server: None }
    }
}

/// A server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerPlan {
    /// Its name.
    pub name: Name,
    /// Where it is.
    pub address: Address,
    /// Its groups.
    pub groups: Vec<Name>,
    /// Words to tell it by.
    pub labels: BTreeMap<String, String>,
    /// How it is spoken to.
    pub device: Device,
    /// It stands in no file, but was added while litemon ran.
    pub managed: bool,
    /// How to log in.
    pub ssh: SshSettings,
}

/// A check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckPlan {
    /// Its full name.
    pub id: CheckId,
    /// What sort of check.
    pub kind: CheckKind,
    /// The server it belongs to.
    pub server: Option<Name>,
    /// When it runs.
    pub schedule: Schedule,
    /// How it is judged.
    pub criteria: Criteria,
    /// Who is told.
    pub notify: Vec<Name>,
    /// What has to be well for it to be well.
    pub depends_on: Vec<CheckId>,
    /// How people are reminded of its problems.
    pub reminding: Reminding,
    /// When it counts as coming and going; `None` never.
    pub flapping: Option<FlapMarks>,
    /// What it looks at.
    pub recipe: Arc<dyn Recipe>,
    /// What was promised, from the fault to the gateway's acceptance.
    pub time_to_notify: Duration,
    /// What it takes at worst; `None` when nobody is told.
    pub worst_case: Option<Duration>,
}

/// A notifier.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NotifierPlan {
    /// Its name.
    pub name: Name,
    /// Its kind: `sms`, `exec`, …
    pub kind: &'static str,
    /// What it is told of.
    pub events: Vec<EventKind>,
    /// Whether it tells people, rather than doing something.
    pub tells_people: bool,
    /// How much each of its recipients is sent at a time.
    pub flow: FlowRules,
    /// How often it is run, and how it is verified that it helped.
    pub remedy: Option<Remedy>,
    /// Which of its recipients are told when.
    pub duty: Duty,
    /// When it does not tell of what is only a warning.
    pub quiet: Option<Quiet>,
    /// What it sends with.
    pub recipe: Arc<dyn NotifierRecipe>,
    /// What its notices read like, where that is not litemon's own line.
    pub wording: Option<Wording>,
}
