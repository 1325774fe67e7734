//! Pages with forms: they are made once and stay as they are until they are loaded again.
//!
//! Each module lists its addresses; what they answer passes the gate first.

mod account;
mod actions;
mod audit;
mod codes;
mod fields;
mod login;
mod refusal;
mod reports;
mod servers;
mod sheet;
mod silences;
mod tokens;
mod users;

use crate::gate::Entry;

pub(crate) use audit::trail;
pub(crate) use login::log_in_link;
pub(crate) use sheet::{Sheet, adding, admin_tabs, csrf, manage, notice, whose};

/// The addresses of all of them.
pub(crate) fn entries() -> Vec<Entry> {
    let lists = [
        login::entries(),
        account::entries(),
        codes::entries(),
        tokens::entries(),
        users::entries(),
        servers::entries(),
        actions::entries(),
        audit::entries(),
        silences::entries(),
        reports::entries(),
    ];
    lists.into_iter().flatten().collect()
}
