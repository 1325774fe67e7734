//! From the configuration file to a plan that can run.
//!
//! What was written ([`Config`]) and what can run ([`Plan`]) are different types; only planning
//! sees both.

mod plan;

pub use plan::{CheckPlan, MySqlPlan, NotifierPlan, Plan, ServerPlan, StorePlan, TlsPlan, WebPlan};
