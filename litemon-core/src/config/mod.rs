//! From the configuration file to a plan that can run.
//!
//! [`load`] finds, reads and merges files and environment into a [`Loaded`]; [`Loaded::plan`] makes
//! the [`Plan`] of it or says everything that is wrong at once ([`Mistakes`]). What was written
//! ([`Config`]) and what can run ([`Plan`]) are different types; only planning sees both.
//!
//! Planning is pure: secrets come through the trait [`Secrets`], the rest through
//! [`Surroundings`]. Kinds of checks and notifiers stand in [`Kinds`], to which an embedder adds
//! its own.

mod action;
mod duration;
mod env;
mod file;
mod find;
mod job;
mod key;
mod kind;
mod kinds;
mod load;
mod managed;
mod mistake;
mod origin;
mod plan;
mod planning;
mod read;
mod schema;
mod secrets;
mod show;
mod split;
#[cfg(test)]
#[cfg(all(feature = "sms", feature = "exec", feature = "stomp"))]
mod tests;
mod values;
mod worst_case;

pub use action::{Action, ActionParam, ActionPlace, RoleWord};
pub use duration::{TimeSpan, TimeSpanError};
pub use file::{
    CheckEntry, CheckKeys, Config, DeviceWord, EventWord, Group, Heartbeat, HeartbeatMethod, Hooks,
    HostKeyWord, LanguageWord, Manage, ManagePing, NotifierEntry, Profile, Server, SmsHook, Ssh,
    Store, StoreRetention, StoreTls, TextTemplates, Web, WebTls,
};
pub use find::{FindError, Inputs};
pub use job::{PlannedJob, TellWord};
pub use key::KeyPath;
pub use kind::{
    KindContext, Kinds, NotifierKind, PlannedNotifier, ProbeKind, SettingError, SettingsMap,
    read_settings, read_settings_partly,
};
pub use load::{LoadError, Loaded, load, load_texts, load_texts_with, load_with};
#[cfg(feature = "simulate")]
pub(crate) use load::{Written, merge, syntax};
pub use managed::Managed;
#[cfg(feature = "simulate")]
pub(crate) use mistake::Draft;
pub use mistake::{Mistake, Mistakes, Place};
pub use origin::Origins;
pub use plan::{
    ActionPlan, CheckPlan, JobPlan, JobTimes, JobWhat, ManagePlan, MySqlPlan, NotifierPlan,
    PingPlan, Plan, ServerPlan, SmsHookPlan, StorePlan, TlsPlan, WebPlan, WebTlsPlan,
};
#[cfg(feature = "manage")]
pub(crate) use planning::built_in_actions;
pub use planning::{Surroundings, plan};
#[cfg(feature = "simulate")]
pub(crate) use read::read as read_table;
pub use schema::schema;
pub use secrets::{MachineSecrets, SecretError, Secrets};
pub use show::short_url;
pub use values::{CommandWords, Labels, OneOrMany, SecretSource, Settings, SwitchOrPath, Text};
pub use worst_case::{ALLOWANCE, worst_case};
