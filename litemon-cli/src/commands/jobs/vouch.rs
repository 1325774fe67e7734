//! Actions that ask for a password: an account has to vouch for whoever sits here, and may do itself
//! what is asked for.

use litemon_core::manage::{
    ManageError, Principal, Via,
    actions::Action,
    jobs::{Order, What},
};

use super::Desk;
use crate::{
    args::Vouching,
    ask,
    error::{CliError, Result},
    management::refused,
};

/// Asks for the password where the order's action wants that.
pub async fn vouched(desk: &Desk, order: &Order, vouching: &Vouching) -> Result<()> {
    let What::Action { name, .. } = &order.what else { return Ok(()) };
    let action = desk.works.catalog.action(name).await.map_err(refused)?;
    if !action.asks_password {
        return Ok(());
    }
    let by = account(desk, &action, vouching).await?;
    let servers: Vec<_> =
        desk.plan.servers.iter().filter(|one| order.servers.contains(&one.name)).collect();
    desk.works.catalog.check(&by, order, &servers).await.map_err(refused)?;
    match servers.iter().find(|server| !by.may_act_on(&server.groups)) {
        None => Ok(()),
        Some(server) => Err(CliError::usage(format!(
            "{} may not act on {}: it is in none of the account's groups",
            by.name, server.name
        ))),
    }
}

/// The account that vouches, as somebody who may do what it may.
async fn account(desk: &Desk, action: &Action, vouching: &Vouching) -> Result<Principal> {
    let manage = &desk.works.manage;
    let name = vouching.account.as_ref().map_or(desk.by.name.as_str(), |name| name.as_str());
    match manage.user(&desk.by, name).await {
        Err(ManageError::NotFound { .. }) => {
            let message = format!(
                "{} asks for the password of an account, and there is none called {name}; name one \
                 with --account",
                action.name
            );
            return Err(CliError::usage(message));
        }
        found => found.map_err(refused)?,
    };
    let prompt = format!("{} asks for the password of {name}: ", action.name);
    let password = ask::password(vouching.password_stdin, &prompt)?;
    let user = manage.vouch(&desk.by, name, &password).await.map_err(refused)?;
    Ok(Principal::new(user.name.as_str(), user.role, Via::System).within(user.groups))
}
