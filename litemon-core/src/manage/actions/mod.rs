//! Actions: named things that operators run on servers.
//!
//! A [`Catalog`] knows them all, says who may run which where, and makes a [`Runnable`] of an order.
//! [`concerns`] says what speaks against an order; [`boot`] proves that a server was restarted.

pub mod boot;
mod built_in;
mod catalog;
mod concern;
mod definition;
mod hosts;
mod model;
mod own;
mod param;
mod place;
mod runnable;

pub(super) use self::own::TABLES;
pub use self::{
    catalog::{ASKS, CHANGES, Catalog},
    concern::{Around, Concern, Doubt, concerns},
    hosts::{own_hosts, turn},
    model::{Action, Param, ParamKind},
    own::OwnAction,
    runnable::{Proof, Runnable},
};
