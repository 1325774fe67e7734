use std::process::ExitCode;

use litemon_core::{
    manage::{
        Manage,
        accounts::{ApiToken, NewToken},
    },
    model::{Name, Zone},
};

use super::{groups, moment, opened};
use crate::{
    args::TokenCommand,
    commands::printed,
    context::Context,
    error::{CliError, Result},
    management::{principal, refused},
    terminal,
};

pub async fn run(context: &Context, command: &TokenCommand) -> Result<ExitCode> {
    let (manage, plan) = opened(context).await?;
    match command {
        TokenCommand::List { json } => list(&manage, &plan.zone, *json).await,
        TokenCommand::Add { name, role, user, groups, lasts } => {
            let mut new = NewToken::new(name.clone(), *role);
            (new.user, new.groups, new.lasts) = (user.clone(), groups.clone(), *lasts);
            let made = manage.add_token(&principal(), new).await.map_err(refused)?;
            let ends = moment(made.token.ends, &plan.zone, "when it is removed");
            printed(terminal::print(&format!(
                "The token {name}, shown only now; it ends {ends}:\n\n    {}\n\n\
                 A program shows it as `Authorization: Bearer TOKEN`; litemon itself, with --url, \
                 takes it from $LITEMON_TOKEN.\n",
                made.secret.expose()
            )))
        }
        TokenCommand::Remove { name } => {
            manage.remove_token(&principal(), name.as_str()).await.map_err(refused)?;
            printed(terminal::print(&format!("{name} is removed.\n")))
        }
    }
}

async fn list(manage: &Manage, zone: &Zone, json: bool) -> Result<ExitCode> {
    let tokens = manage.tokens(&principal()).await.map_err(refused)?;
    if json {
        let text = serde_json::to_string_pretty(&tokens)
            .map_err(|error| CliError::failed("this cannot be printed").because(error))?;
        return printed(terminal::print(&format!("{text}\n")));
    }
    if tokens.is_empty() {
        return printed(terminal::print("There is no token.\n"));
    }
    let rows: Vec<_> = tokens.iter().map(|token| row(token, zone)).collect();
    let head = ["NAME", "USER", "ROLE", "SERVERS", "ENDS", "LAST USED"];
    let width = terminal::width(&std::io::stdout());
    printed(terminal::print(&terminal::table_within(&head, &rows, width)))
}

fn row(token: &ApiToken, zone: &Zone) -> Vec<String> {
    vec![
        token.name.to_string(),
        token.user.as_ref().map_or_else(|| "-".to_owned(), Name::to_string),
        token.role.to_string(),
        groups(&token.groups),
        moment(token.ends, zone, "when removed"),
        moment(token.used, zone, "never"),
    ]
}
