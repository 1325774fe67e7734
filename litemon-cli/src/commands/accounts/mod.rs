//! `user`, `token` and `audit`: on `manage.db` itself, whether or not a monitor runs.

mod audit;
mod token;
mod user;

use litemon_core::{
    config::Plan,
    manage::Manage,
    model::{Timestamp, Zone},
};

pub use self::{audit::run as audit, token::run as token, user::run as user};
use crate::{context::Context, error::Result, management};

/// The management of the configuration, and the zone that people read times in.
async fn opened(context: &Context) -> Result<(Manage, Plan)> {
    let plan = context.plan().await?;
    let manage = management::open(context, &plan).await?;
    Ok((manage, plan))
}

fn names<T: ToString>(names: &[T]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Groups of an account or token.
fn groups<T: ToString>(groups: &[T]) -> String {
    if groups.is_empty() { "all".to_owned() } else { names(groups) }
}

/// A moment, or that there was none.
fn moment(at: Option<Timestamp>, zone: &Zone, none: &str) -> String {
    at.map_or_else(|| none.to_owned(), |at| zone.date_time(at))
}
