//! Actions: named things that operators run on servers.
//!
//! A [`Catalog`] knows them all, says who may run which where, and makes a [`Runnable`] of an order.
//! [`concerns`] says what speaks against an order; [`boot`] proves that a server was restarted.

mod announce;
pub mod boot;
mod built_in;
mod busy;
mod catalog;
mod concern;
#[cfg(test)]
mod concern_tests;
mod definition;
mod device;
mod hosts;
mod model;
mod own;
mod param;
mod place;
mod runnable;
#[cfg(test)]
mod tests;

pub use self::{
    announce::Announcement,
    busy::packages_in_use,
    catalog::{ASKS, CHANGES, Catalog},
    concern::{Around, Concern, Doubt, concerns},
    hosts::{own_hosts, turn},
    model::Action,
    own::OwnAction,
    runnable::{Proof, Runnable},
};
pub(super) use self::{announce::TABLES as ANNOUNCED, own::TABLES};
pub use crate::model::{Param, ParamKind};
