//! The configuration as it is written: one struct for each table.
//!
//! Nothing is required here: what has to be there is asked for by planning, which can then name
//! every gap at once.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    KeyPath,
    action::Action,
    job::PlannedJob,
    schema::{
        checks_schema, messaging_schema, notifiers_schema, resources_schema, services_schema,
        stats_schema,
    },
    values::{Labels, OneOrMany, SecretSource, Settings, SwitchOrPath, Text},
};
use crate::{config::TimeSpan, model::Name};

/// A table that, beside keys of its own, has those that every check may override.
macro_rules! with_check_keys {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// From one start of a check to the next (10s).
            pub interval: Option<TimeSpan>,
            /// The longest one run may take, connecting included (5s).
            pub timeout: Option<TimeSpan>,
            /// Not-OK results in a row before it is a problem (2); 1 = at once.
            pub attempts: Option<u32>,
            /// Between those attempts (4s).
            pub retry_interval: Option<TimeSpan>,
            /// OK results in a row before a problem is over (1).
            pub recover_attempts: Option<u32>,
            /// Names of the notifiers that are told (none).
            pub notify: Option<OneOrMany<String>>,
            /// The longest time from the fault to the gateway's acceptance (30s).
            pub time_to_notify: Option<TimeSpan>,
            /// Servers (`SERVER`: its login) and checks (`SERVER/CHECK`) that have to be well for
            /// it to be well (none): while one of them is a problem, it is not told.
            pub depends_on: Option<OneOrMany<String>>,
            /// The time from what was last told of a problem that nobody acknowledged to each
            /// reminder; the last one goes on (1h, 4h, 12h, 1d). []: none.
            pub reminders: Option<OneOrMany<TimeSpan>>,
            /// When it counts as coming and going, in percent of the last 20 results that differ
            /// from the one before ({ high = 25, low = 10 }); then that is told, and nothing more
            /// until it settles. false: never.
            pub flapping: Option<Flapping>,
            /// Who else is told of a problem that nobody acknowledged (nobody).
            pub escalate: Option<Vec<Escalate>>,
        }

        impl $name {
            /// The keys that every check may override.
            #[must_use]
            pub fn check_keys(&self) -> CheckKeys {
                CheckKeys {
                    interval: self.interval,
                    timeout: self.timeout,
                    attempts: self.attempts,
                    retry_interval: self.retry_interval,
                    recover_attempts: self.recover_attempts,
                    notify: self.notify.clone(),
                    time_to_notify: self.time_to_notify,
                    depends_on: self.depends_on.clone(),
                    reminders: self.reminders.clone(),
                    flapping: self.flapping,
                    escalate: self.escalate.clone(),
                }
            }
        }
    };
}

with_check_keys! {
    /// `[defaults]`: what every check inherits.
    pub struct CheckKeys {}
}

/// The names of [`CheckKeys`]' keys.
pub(crate) const CHECK_KEYS: [&str; 11] = [
    "interval",
    "timeout",
    "attempts",
    "retry_interval",
    "recover_attempts",
    "notify",
    "time_to_notify",
    "depends_on",
    "reminders",
    "flapping",
    "escalate",
];

/// The other keys of a check that do not belong to its kind.
pub(crate) const ENTRY_KEYS: [&str; 6] = ["enabled", "kind", "threshold", "warn", "clear", "for"];

impl CheckKeys {
    /// Puts the keys of a table that stands at `path` on top, and remembers where each is from.
    pub(crate) fn overlay(
        &mut self,
        over: &Self,
        path: &KeyPath,
        from: &mut BTreeMap<String, KeyPath>,
    ) {
        macro_rules! put {
            ($($field:ident)*) => {$(
                if over.$field.is_some() {
                    self.$field = over.$field.clone();
                    from.insert(stringify!($field).to_owned(), path.child(stringify!($field)));
                }
            )*};
        }
        put!(interval timeout attempts retry_interval recover_attempts notify time_to_notify);
        put!(depends_on reminders flapping escalate);
    }
}

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "litemon.toml")]
#[non_exhaustive]
pub struct Config {
    /// IANA name of the zone in which people read times; this machine's when absent.
    pub timezone: Option<String>,
    /// Language of pages and messages.
    pub language: Option<LanguageWord>,
    /// Folder of the local durable state (litemon-data).
    pub state_dir: Option<PathBuf>,
    /// Where history goes.
    pub store: Store,
    /// The dashboard.
    pub web: Web,
    /// Accounts, servers, actions and jobs.
    pub manage: Manage,
    /// A sign of life to a service elsewhere.
    pub heartbeat: Option<Heartbeat>,
    /// What others may call.
    pub hooks: Hooks,
    /// How litemon finds out that its own network is away.
    pub isolation: Isolation,
    /// How to log in to servers.
    pub ssh: Ssh,
    /// What every check inherits.
    pub defaults: CheckKeys,
    /// Groups of servers, by name.
    pub groups: BTreeMap<Name, Group>,
    /// Servers, by name.
    pub servers: BTreeMap<Name, Server>,
    /// Reusable sets of checks, by name. `linux` is built in.
    pub profiles: BTreeMap<Name, Profile>,
    /// STOMP round trips, by name.
    #[schemars(schema_with = "messaging_schema")]
    pub messaging: BTreeMap<Name, CheckEntry>,
    /// Numbers fetched over HTTP, by name.
    #[schemars(schema_with = "stats_schema")]
    pub stats: BTreeMap<Name, CheckEntry>,
    /// Checks of any kind that belong to no server, by name.
    #[schemars(schema_with = "checks_schema")]
    pub checks: BTreeMap<Name, CheckEntry>,
    /// Notifiers: by kind, then by name.
    #[schemars(schema_with = "notifiers_schema")]
    pub notifiers: BTreeMap<String, BTreeMap<Name, NotifierEntry>>,
    /// People who take turns, by name: `rota:NAME` stands for them among the recipients of a notifier.
    pub rotas: BTreeMap<Name, RotaTable>,
    /// What notices read like.
    pub templates: TextTemplates,
    /// What an operator can run on many servers at once, by name.
    pub actions: BTreeMap<Name, Action>,
    /// Jobs that run at times, or when they are called, by name.
    pub jobs: BTreeMap<Name, PlannedJob>,
    /// Times that come again and again in which problems are not told, by name.
    pub maintenance: BTreeMap<Name, Maintenance>,
}

/// `flapping`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected true, false or { high = 25, low = 10 }")]
#[non_exhaustive]
pub enum Flapping {
    /// As usual, or never.
    Switch(bool),
    /// With marks of its own.
    #[serde(rename_all = "snake_case")]
    Marks {
        /// It begins with this many.
        high: u32,
        /// It is over with this many.
        low: u32,
    },
}

/// One step of `escalate`: who else is told, and when.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Escalate {
    /// So long after the problem was first told, if nobody acknowledged it.
    pub after: Option<TimeSpan>,
    /// Names of the notifiers that are told then.
    pub notify: Option<OneOrMany<String>>,
}

/// `[rotas.NAME]`: people who take turns.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct RotaTable {
    /// Who there is, by name: each a recipient as the notifier takes them.
    pub people: BTreeMap<Name, Text>,
    /// Names of `people`, one after the other, round and round.
    pub turns: Option<OneOrMany<String>>,
    /// When the first turn begins, as "2026-11-02T09:00".
    pub from: Option<String>,
    /// How long a turn is, in weeks or days ("1w").
    pub turn: Option<String>,
    /// IANA name of the zone that its times are meant in; `timezone` when absent.
    pub timezone: Option<String>,
    /// Hours at which others are on duty; of several that overlap the first one counts.
    pub hours: Vec<RotaHours>,
}

/// `rotas.NAME.hours`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct RotaHours {
    /// From then on, as "22:00".
    pub from: Option<String>,
    /// Until then, as "06:00"; over midnight, too.
    pub to: Option<String>,
    /// Days on which they begin: mon, tue, wed, thu, fri, sat, sun (all).
    pub days: Option<OneOrMany<String>>,
    /// Names of `people`.
    pub who: Option<OneOrMany<String>>,
}

/// `[maintenance.NAME]`: a time that comes again and again.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Maintenance {
    /// When it begins: minute, hour, day of the month, month, day of the week ("30 2 * * SUN").
    pub cron: Option<String>,
    /// For how long, 7 days at most.
    pub lasts: Option<TimeSpan>,
    /// IANA name of the zone that `cron` is meant in; `timezone` when absent.
    pub timezone: Option<String>,
    /// `SERVER`, `@GROUP`, `SERVER/CHECK` or `all`.
    pub targets: Option<OneOrMany<String>>,
}

/// `language`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[non_exhaustive]
pub enum LanguageWord {
    /// English
    #[serde(rename = "en")]
    English,
    /// Bahasa Indonesia
    #[serde(rename = "id")]
    Indonesian,
}

/// `[store]`: where history goes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Store {
    /// `sqlite:FILE` (in `state_dir`; sqlite:litemon.db when absent) or `mysql://USER@HOST:PORT/DATABASE`.
    pub url: Option<SecretSource>,
    /// The password of the MySQL user.
    pub password: Option<SecretSource>,
    /// Protection of the connection to MySQL: "verify" (the default on anything but loopback) or
    /// "off".
    pub tls: Option<StoreTls>,
    /// A PEM file with the root certificate that signed the MySQL server's.
    pub tls_roots: Option<PathBuf>,
    /// How long history is kept.
    pub retention: Option<StoreRetention>,
}

/// `store.retention`: what is older is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct StoreRetention {
    /// Every measured value ("3d").
    pub raw: Option<TimeSpan>,
    /// Lowest, mean and highest value of each minute ("30d").
    pub minute: Option<TimeSpan>,
    /// The same of each hour; and status changes and closed incidents with what was sent ("2y").
    pub hour: Option<TimeSpan>,
}

/// `store.tls`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StoreTls {
    /// Verified TLS on anything but loopback.
    Verify,
    /// No TLS.
    Off,
}

/// `[web]`: the dashboard.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Web {
    /// ADDRESS:PORT (127.0.0.1:8080).
    pub listen: Option<String>,
    /// Whether names, states, values and times may be read without a login (false).
    pub public: Option<bool>,
    /// The URL that people reach it by.
    pub external_url: Option<String>,
    /// Further host names that it answers to.
    pub hosts: Option<OneOrMany<String>>,
    /// Certificate and key to serve HTTPS with.
    pub tls: Option<WebTls>,
    /// Addresses or networks of reverse proxies that are believed.
    pub trusted_proxies: Option<OneOrMany<String>>,
}

/// `web.tls`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct WebTls {
    /// PEM file of the certificate chain.
    pub cert: Option<PathBuf>,
    /// PEM file of the private key.
    pub key: Option<PathBuf>,
}

/// `[heartbeat]`: a sign of life, given only while litemon works, to a service that raises the alarm
/// when none comes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Heartbeat {
    /// What is asked, http or https.
    pub url: Option<SecretSource>,
    /// How it is asked ("get").
    pub method: Option<HeartbeatMethod>,
    /// From one sign to the next (60s).
    pub interval: Option<TimeSpan>,
    /// How long one may take (10s).
    pub timeout: Option<TimeSpan>,
    /// None is given while checks are later than this (30s).
    pub max_lag: Option<TimeSpan>,
    /// None is given while a notice has waited for longer than this (5m).
    pub max_outbox_age: Option<TimeSpan>,
}

/// `heartbeat.method`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum HeartbeatMethod {
    /// GET
    Get,
    /// POST
    Post,
}

/// `[hooks]`: what others may call.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Hooks {
    /// The URL by which gateways reach this litemon to report what arrived (web.external_url).
    pub report_url: Option<String>,
    /// Answers to SMS, handed over by the gateway (off).
    pub sms: Option<SmsHook>,
}

/// `[hooks.sms]`: a gateway hands over what recipients of SMS answer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SmsHook {
    /// What the gateway proves itself with: at least 22 letters, digits, - and _.
    pub secret: Option<SecretSource>,
    /// In place of the secret its SHA-256 in hexadecimal digits.
    pub secret_sha256: Option<String>,
    /// What those who answer are called, by name: their number, as +628123456789.
    pub people: BTreeMap<Name, Text>,
}

/// `[isolation]`: how litemon finds out that its own network is away, so that it is not the servers
/// that are told as unreachable.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Isolation {
    /// Whether it is looked for (true).
    pub enabled: Option<bool>,
    /// What answers as long as the network works: "gateway", "resolver", "ADDRESS:PORT" (["gateway",
    /// "resolver"]).
    pub canaries: Option<OneOrMany<String>>,
}

/// `[manage]`: accounts, servers, actions and jobs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Manage {
    /// Whether there is any of it (true): false leaves a monitor that nobody logs in to and that
    /// changes nothing.
    pub enabled: Option<bool>,
    /// File of the key that stored credentials are encrypted with; without it, the systemd
    /// credential `litemon-manage.key`, else `manage.key` in `state_dir`, which is made.
    pub key: Option<PathBuf>,
    /// File of the key that seals the audit trail; without it, the systemd credential
    /// `litemon-audit.key`, else `audit.key` in `state_dir`, which is made.
    pub audit_key: Option<PathBuf>,
    /// How long a restarted server may take to be back; its alerts wait that long ("10m").
    pub back_within: Option<TimeSpan>,
    /// Where pings go.
    pub ping: ManagePing,
}

/// `[manage.ping]`: where the action `ping` looks to from a server.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ManagePing {
    /// The way out of the network; the server's own default route when absent.
    pub gateway: Option<String>,
    /// A host on the internet ("1.1.1.1").
    pub internet: Option<String>,
    /// The server that the others depend on; left out when absent.
    pub main_server: Option<String>,
}

/// `[ssh]`, `[groups.NAME.ssh]`, `[servers.NAME.ssh]`: how to log in; the last one that says
/// something wins, key by key.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Ssh {
    /// The far user (the one litemon runs as).
    pub user: Option<String>,
    /// Private keys, tried in order (~/.ssh/id_ed25519, id_ecdsa, id_rsa: those that exist). A file
    /// KEY-cert.pub beside one is its certificate.
    pub identity: Option<OneOrMany<PathBuf>>,
    /// A private key itself, as OpenSSH writes it; tried after those of `identity`.
    pub private_key: Option<SecretSource>,
    /// The passphrase of encrypted keys.
    pub passphrase: Option<SecretSource>,
    /// Whether the agent is asked (when SSH_AUTH_SOCK is set), or the path of its socket.
    pub agent: Option<SwitchOrPath>,
    /// Log in by password, tried last.
    pub password: Option<SecretSource>,
    /// The password that sudo asks for; on IOS, that `enable` asks for.
    pub sudo_password: Option<SecretSource>,
    /// Files in OpenSSH's format, read and never written (~/.ssh/known_hosts).
    pub known_hosts: Option<OneOrMany<PathBuf>>,
    /// What to do about a host whose key nothing vouches for ("strict").
    pub host_key_policy: Option<HostKeyWord>,
    /// Of one server or group: whether it may use algorithms that are weak (false), for old devices
    /// that have no others: SHA-1, CBC, small groups.
    pub legacy: Option<bool>,
    /// The host to go through: a server's name, or `[user@]host[:port]`.
    pub jump: Option<String>,
    /// Commands at once on one connection, 1 to 64 (6); below the server's MaxSessions.
    pub max_sessions: Option<u32>,
}

/// `servers.NAME.device`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DeviceWord {
    /// A Linux with a POSIX shell.
    Linux,
    /// FreeBSD.
    FreeBsd,
    /// MikroTik RouterOS, at its prompt.
    RouterOs,
    /// Cisco IOS and IOS XE, at their prompt.
    Ios,
}

/// `ssh.host_key_policy`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HostKeyWord {
    /// Refuse it.
    Strict,
    /// Pin the first key seen and refuse any other from then on.
    AcceptNew,
}

with_check_keys! {
    /// `[profiles.NAME]`: a reusable set of checks.
    pub struct Profile {
        /// Percentages, by name.
        #[schemars(schema_with = "resources_schema")]
        pub resources: BTreeMap<Name, CheckEntry>,
        /// Things that are On or Off, by name.
        #[schemars(schema_with = "services_schema")]
        pub services: BTreeMap<Name, CheckEntry>,
        /// Checks of any kind, by name.
        #[schemars(schema_with = "checks_schema")]
        pub checks: BTreeMap<Name, CheckEntry>,
    }
}

with_check_keys! {
    /// `[groups.NAME]`: what its servers have in common.
    pub struct Group {
        /// Names of profiles.
        pub profiles: Option<OneOrMany<String>>,
        /// How to log in.
        pub ssh: Ssh,
        /// Percentages, by name.
        #[schemars(schema_with = "resources_schema")]
        pub resources: BTreeMap<Name, CheckEntry>,
        /// Things that are On or Off, by name.
        #[schemars(schema_with = "services_schema")]
        pub services: BTreeMap<Name, CheckEntry>,
        /// Checks of any kind, by name.
        #[schemars(schema_with = "checks_schema")]
        pub checks: BTreeMap<Name, CheckEntry>,
    }
}

with_check_keys! {
    /// `[servers.NAME]`: a machine.
    pub struct Server {
        /// `host`, `host:port`, `[IPv6]:port`, or `local`.
        pub address: Option<String>,
        /// Names of groups; later ones win.
        pub groups: Option<OneOrMany<String>>,
        /// Names of profiles, on top of those of its groups.
        pub profiles: Option<OneOrMany<String>>,
        /// Words to tell it by.
        pub labels: Labels,
        /// How it is spoken to ("linux").
        pub device: Option<DeviceWord>,
        /// false leaves it alone (true).
        pub enabled: Option<bool>,
        /// How to log in.
        pub ssh: Ssh,
        /// Percentages, by name.
        #[schemars(schema_with = "resources_schema")]
        pub resources: BTreeMap<Name, CheckEntry>,
        /// Things that are On or Off, by name.
        #[schemars(schema_with = "services_schema")]
        pub services: BTreeMap<Name, CheckEntry>,
        /// Checks of any kind, by name.
        #[schemars(schema_with = "checks_schema")]
        pub checks: BTreeMap<Name, CheckEntry>,
    }
}

with_check_keys! {
    /// A check, at any level.
    pub struct CheckEntry {
        /// false drops an inherited check (true).
        pub enabled: Option<bool>,
        /// Its kind; under `checks` only.
        pub kind: Option<String>,
        /// Above it is critical.
        pub threshold: Option<f64>,
        /// Above it is a warning.
        pub warn: Option<f64>,
        /// Once over a limit, it counts as over until it is at or below this.
        pub clear: Option<f64>,
        /// It has to be over a limit all this time (0s).
        #[serde(rename = "for")]
        pub hold: Option<TimeSpan>,
        /// Everything else: the kind's business.
        #[schemars(skip)]
        pub settings: Settings,
    }
}

/// `[notifiers.KIND.NAME]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct NotifierEntry {
    /// What it is told of.
    pub events: Option<OneOrMany<EventWord>>,
    /// What comes so soon after a message is gathered into one.
    pub gather: Option<GatherKey>,
    /// The most that each recipient is sent.
    pub budget: Option<BudgetKey>,
    /// Hours in which it does not tell of what is only a warning.
    pub quiet: Option<QuietHours>,
    /// What its notices read like, before `[templates]`.
    pub templates: TextTemplates,
    /// Everything else: the kind's business.
    pub settings: Settings,
}

/// The keys of [`NotifierEntry`] that do not belong to the kind.
pub(crate) const NOTIFIER_KEYS: [&str; 5] = ["events", "gather", "budget", "quiet", "templates"];

/// `quiet` of a notifier: what is only a warning then waits for their end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct QuietHours {
    /// From then on, as "22:00".
    pub from: Option<String>,
    /// Until then, as "07:00"; over midnight, too.
    pub to: Option<String>,
    /// Days on which they begin: mon, tue, wed, thu, fri, sat, sun (all).
    pub days: Option<OneOrMany<String>>,
    /// IANA name of the zone that they are meant in; `timezone` when absent.
    pub timezone: Option<String>,
}

/// `gather` of a notifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a duration such as \"10s\", or false")]
#[non_exhaustive]
pub enum GatherKey {
    /// As usual, or not at all.
    Switch(bool),
    /// What comes so soon after a message is gathered.
    Span(TimeSpan),
}

/// `budget` of a notifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected { messages = 5, per = \"5m\", per_day = 100 }, or false"
)]
#[non_exhaustive]
pub enum BudgetKey {
    /// As usual, or none.
    Switch(bool),
    /// Of one's own.
    #[serde(rename_all = "snake_case")]
    Marks {
        /// So many messages to each recipient
        messages: Option<usize>,
        /// in any time of this length,
        per: Option<TimeSpan>,
        /// and so many in any 24 hours.
        per_day: Option<usize>,
    },
}

/// `[templates]`, and `templates` of a notifier: what notices read like. What has no template reads as
/// litemon writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct TextTemplates {
    /// Something is wrong.
    pub problem: Option<String>,
    /// It became worse (as problem).
    pub escalated: Option<String>,
    /// Another notifier could not tell it (as problem).
    pub undelivered: Option<String>,
    /// It goes on, and nobody took it.
    pub reminder: Option<String>,
    /// Nobody took it, so that others are told (as reminder).
    pub unacknowledged: Option<String>,
    /// Somebody took it.
    pub acknowledged: Option<String>,
    /// It comes and goes.
    pub flapping: Option<String>,
    /// A remedy did not help (as reminder).
    pub remedy_failed: Option<String>,
    /// It is over.
    pub recovery: Option<String>,
    /// It was over before it could be told (as recovery).
    pub over: Option<String>,
    /// Several of these are told as one.
    pub digest: Option<String>,
    /// A job ended.
    pub job: Option<String>,
}

/// What a notifier can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EventWord {
    /// Something is wrong, or became worse.
    Problem,
    /// It is over.
    Recovery,
}
