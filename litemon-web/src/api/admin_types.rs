//! What administration says and takes, as types. No secret is ever in what it says, but for the text
//! of a token that was just made.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::types::Time;

/// All servers as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    /// By name.
    pub servers: Vec<ManagedServer>,
}

/// A server, be it of a file or added while litemon runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ManagedServer {
    /// Its name.
    pub name: String,
    /// Where it is, as in a file.
    pub address: String,
    /// Its groups.
    pub groups: Vec<String>,
    /// Words to tell it by.
    pub labels: BTreeMap<String, String>,
    /// How it is spoken to: `linux`, `freebsd`, `routeros`, `ios`.
    pub device: String,
    /// The far user; `null` on the monitor itself.
    pub user: Option<String>,
    /// The host it is reached through.
    pub jump: Option<String>,
    /// The names of its checks, `SERVER/ssh` first.
    pub checks: Vec<String>,
    /// Whether it stands in a file, and is changed there only.
    pub locked: bool,
    /// What can be edited; `null` when it is locked.
    pub definition: Option<Definition>,
    /// Which of its secrets are stored.
    pub stored: StoredSecrets,
}

/// What is said of a server that was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Definition {
    /// `host`, `host:port` or `[IPv6]:port`.
    pub address: String,
    /// Names of groups of the configuration.
    pub groups: Vec<String>,
    /// Words to tell it by.
    pub labels: BTreeMap<String, String>,
    /// Names of profiles, on top of those of its groups.
    pub profiles: Vec<String>,
    /// How it is spoken to.
    pub device: String,
    /// Whom its checks tell; `null`: as its groups or the defaults say.
    pub notify: Option<Vec<String>>,
    /// Services of its own.
    pub services: BTreeMap<String, ServiceSpec>,
    /// Percentages of its own.
    pub resources: BTreeMap<String, ResourceSpec>,
    /// The far user; `null`: as the configuration says.
    pub user: Option<String>,
    /// The path of a private key on the monitor.
    pub identity: Option<String>,
    /// The host to go through.
    pub jump: Option<String>,
}

/// Something on a server that is On or Off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceSpec {
    /// Exit status 0 is On.
    pub command: String,
    /// A regular expression that the output has to match as well.
    pub expect: Option<String>,
}

/// A percentage of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceSpec {
    /// Prints a number from 0 to 100; `null` for `cpu`, `mem` and `hdd`.
    pub command: Option<String>,
    /// Above it is critical, in percent.
    pub threshold: Option<u8>,
}

/// A service that is to be checked.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceBody {
    /// Exit status 0 is On.
    pub command: String,
    /// A regular expression that the output has to match as well.
    #[serde(default)]
    pub expect: Option<String>,
}

/// A percentage that is to be checked.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ResourceBody {
    /// Prints a number from 0 to 100; left out for `cpu`, `mem` and `hdd`.
    pub command: Option<String>,
    /// Above it is critical, in percent.
    pub threshold: Option<u8>,
}

/// Which secrets of a server are stored; never what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredSecrets {
    /// The password to log in with.
    pub password: bool,
    /// The password that sudo asks for.
    pub sudo_password: bool,
    /// A private key.
    pub private_key: bool,
}

/// A server that is to be added.
#[derive(Clone, Debug, JsonSchema)]
pub struct NewServer {
    /// Its name, which stays.
    pub name: String,
    /// All else.
    #[schemars(flatten)]
    pub body: ServerBody,
}

impl<'de> Deserialize<'de> for NewServer {
    /// By hand: `flatten` would let unknown fields pass.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut all = serde_json::Map::deserialize(from)?;
        let name = all.remove("name").ok_or_else(|| D::Error::missing_field("name"))?;
        let name = String::deserialize(name).map_err(D::Error::custom)?;
        let body = ServerBody::deserialize(serde_json::Value::Object(all));
        Ok(Self { name, body: body.map_err(D::Error::custom)? })
    }
}

/// What is to be said of a server. What is left out is empty, but for secrets: those stay.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerBody {
    /// `host`, `host:port` or `[IPv6]:port`; never `local`.
    pub address: String,
    /// Names of groups of the configuration.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Words to tell it by.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Names of profiles, on top of those of its groups.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// How it is spoken to: `linux` (when left out), `freebsd`, `routeros`, `ios`.
    #[serde(default)]
    pub device: Option<String>,
    /// Whom its checks tell; left out or `null`: as its groups or the defaults say.
    #[serde(default)]
    pub notify: Option<Vec<String>>,
    /// Services of its own.
    #[serde(default)]
    pub services: BTreeMap<String, ServiceBody>,
    /// Percentages of its own.
    #[serde(default)]
    pub resources: BTreeMap<String, ResourceBody>,
    /// The far user; left out or `null`: as the configuration says.
    #[serde(default)]
    pub user: Option<String>,
    /// The path of a private key on the monitor, from `/` or `~/`.
    #[serde(default)]
    pub identity: Option<String>,
    /// The host to go through: a server's name, or `[user@]host[:port]`.
    #[serde(default)]
    pub jump: Option<String>,
    /// The password to log in with; `null` removes the stored one, left out it stays.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub password: Option<Option<String>>,
    /// The password that sudo asks for; as `password`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub sudo_password: Option<Option<String>>,
    /// A private key itself, as OpenSSH writes it, without passphrase; as `password`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub private_key: Option<Option<String>>,
}

impl std::fmt::Debug for ServerBody {
    /// Without what it may hold of secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerBody").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What is there, be it `null`.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// What works with a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerTest {
    /// Whether it can be watched.
    pub good: bool,
    /// It answers, and speaks SSH.
    pub reachable: TestStep,
    /// The host key it shows; `null` when it was not seen.
    pub host_key: Option<HostKey>,
    /// The login.
    pub login: TestStep,
    /// Becoming root.
    pub sudo: TestStep,
}

/// How one step of a test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestStep {
    /// `works`, `failed`, or `not_tried`, since a step before it did not work.
    pub result: String,
    /// Why it failed.
    pub why: Option<String>,
}

/// A host key that a server shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostKey {
    /// As `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:…`
    pub fingerprint: String,
    /// `trusted`, `unknown`, `changed` or `revoked`.
    pub trust: String,
}

/// Which host key is to be trusted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PinOrder {
    /// Its fingerprint, compared with the server's own: `SHA256:…`
    pub fingerprint: String,
}

/// Accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserList {
    /// By name.
    pub users: Vec<User>,
}

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The name to log in with.
    pub name: String,
    /// `viewer`, `operator` or `admin`.
    pub role: String,
    /// The groups on whose servers they may act; all servers when empty.
    pub groups: Vec<String>,
    /// Whether they may not log in at present.
    pub disabled: bool,
    /// Whether the next login begins with another password.
    pub must_change: bool,
    /// Whether a login takes a code as well.
    pub totp: bool,
    /// When the account was made.
    pub created: Time,
    /// The last login.
    pub last_login: Option<Time>,
}

/// An account that is to be made.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The name to log in with.
    pub name: String,
    /// `viewer`, `operator` or `admin`.
    pub role: String,
    /// The groups on whose servers they may act; all servers when empty.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The password of the first login, which begins with another one.
    pub password: String,
}

impl std::fmt::Debug for NewUser {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is to be different about an account. What is left out stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UserBody {
    /// `viewer`, `operator` or `admin`.
    pub role: Option<String>,
    /// The groups on whose servers they may act; all servers when empty.
    pub groups: Option<Vec<String>>,
    /// Whether they may not log in.
    pub disabled: Option<bool>,
}

/// API tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenList {
    /// By name.
    pub tokens: Vec<Token>,
}

/// What programs show instead of a login, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// What it is called.
    pub name: String,
    /// The account it acts for, and ends with; `null`: it stands by itself.
    pub user: Option<String>,
    /// The most it may do.
    pub role: String,
    /// The groups on whose servers it may act; all servers when empty.
    pub groups: Vec<String>,
    /// When it was made.
    pub created: Time,
    /// When it ends; `null`: when it is removed.
    pub ends: Option<Time>,
    /// When it was last used, to the minute.
    pub used: Option<Time>,
}

/// A token that is to be made.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is called.
    pub name: String,
    /// The most it may do.
    pub role: String,
    /// The account it acts for; left out: that of the session, or none by way of `control.sock`.
    #[serde(default)]
    pub user: Option<String>,
    /// The groups on whose servers it may act; all servers when empty.
    #[serde(default)]
    pub groups: Vec<String>,
    /// How long it lasts; left out: until it is removed.
    #[serde(default)]
    pub lasts_ms: Option<u64>,
}

/// A token that was made.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct MadeToken {
    /// What it is.
    pub token: Token,
    /// Its text, for `Authorization: Bearer`; told this once.
    pub secret: String,
}

impl std::fmt::Debug for MadeToken {
    /// Without its text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeToken").field("token", &self.token).finish_non_exhaustive()
    }
}

/// Entries of the audit trail, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// What `before` has to be for the page after this; `null` on the last one.
    pub next: Option<i64>,
}

/// Something that somebody did, or how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// Its number, from 1, without gaps.
    pub id: i64,
    /// When it was written.
    pub at: Time,
    /// Who.
    pub by: String,
    /// From which address, where that is known.
    pub from: Option<String>,
    /// What: a fixed word such as `job.start` or `server.add`.
    pub doing: String,
    /// What it was done to.
    pub about: String,
    /// More of it.
    pub detail: serde_json::Value,
    /// The entry that says that it was begun, in one that tells of its end.
    pub begun: Option<i64>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// What was found when the trail was followed from its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditVerdict {
    /// Whether all of it is as it was written, and nothing is missing.
    pub intact: bool,
    /// How many entries are as they were written.
    pub entries: u64,
    /// The first thing that is wrong.
    pub fault: Option<String>,
}
