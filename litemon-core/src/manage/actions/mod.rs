//! Actions: named things that operators run on servers.

mod model;
mod runnable;

pub use self::{
    model::{Action, Param, ParamKind},
    runnable::{Proof, Runnable},
};
