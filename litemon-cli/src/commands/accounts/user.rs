use std::process::ExitCode;

use litemon_core::{
    manage::{
        Manage,
        accounts::{NewUser, User, UserEdit},
    },
    model::{Name, Zone},
};

use super::{groups, moment, opened};
use crate::{
    args::{PasswordArgs, UserCommand},
    ask,
    commands::printed,
    context::Context,
    error::{CliError, Result},
    management::{principal, refused},
    terminal,
};

pub async fn run(context: &Context, command: &UserCommand) -> Result<ExitCode> {
    let (manage, plan) = opened(context).await?;
    let edit = |name, edit| change(&manage, name, edit);
    match command {
        UserCommand::List { json } => list(&manage, &plan.zone, *json).await,
        UserCommand::Add { name, role, groups, password } => {
            let text = ask::new_password(password.password_stdin, name.as_str())?;
            let mut new = NewUser::new(name.clone(), *role, text);
            (new.groups, new.must_change) = (groups.clone(), !password.own);
            let user = manage.add_user(&principal(), new).await.map_err(refused)?;
            say(&format!("{name} is {} now, and logs in with that password{}", role, then(&user)))
        }
        UserCommand::Passwd { name, password } => set_password(&manage, name, *password).await,
        UserCommand::Role { name, role } => edit(name, UserEdit::default().role(*role)).await,
        UserCommand::Groups { name, groups } => {
            edit(name, UserEdit::default().groups(groups.clone())).await
        }
        UserCommand::Disable { name } => edit(name, UserEdit::default().disabled(true)).await,
        UserCommand::Enable { name } => edit(name, UserEdit::default().disabled(false)).await,
        UserCommand::NoTotp { name } => {
            let by = principal();
            manage.remove_totp(&by, name.as_str(), None).await.map_err(refused)?;
            say(&format!("{name} is asked for no code any more"))
        }
        UserCommand::Remove { name } => {
            manage.remove_user(&principal(), name.as_str()).await.map_err(refused)?;
            say(&format!("{name} is removed"))
        }
    }
}

async fn list(manage: &Manage, zone: &Zone, json: bool) -> Result<ExitCode> {
    let users = manage.users(&principal()).await.map_err(refused)?;
    if json {
        let text = serde_json::to_string_pretty(&users)
            .map_err(|error| CliError::failed("this cannot be printed").because(error))?;
        return printed(terminal::print(&format!("{text}\n")));
    }
    if users.is_empty() {
        return say("There is no account: `litemon user add NAME --role admin` makes the first");
    }
    let rows: Vec<_> = users.iter().map(|user| row(user, zone)).collect();
    let head = ["NAME", "ROLE", "SERVERS", "LOGIN", "LAST LOGIN"];
    let width = terminal::width(&std::io::stdout());
    printed(terminal::print(&terminal::table_within(&head, &rows, width)))
}

fn row(user: &User, zone: &Zone) -> Vec<String> {
    let login = match (user.disabled, user.must_change, user.totp) {
        (true, ..) => "disabled",
        (_, true, _) => "to change the password",
        (.., true) => "with a code",
        _ => "with a password",
    };
    vec![
        user.name.to_string(),
        user.role.to_string(),
        groups(&user.groups),
        login.to_owned(),
        moment(user.last_login, zone, "never"),
    ]
}

async fn set_password(manage: &Manage, name: &Name, args: PasswordArgs) -> Result<ExitCode> {
    // Before anything is typed.
    let by = principal();
    manage.user(&by, name.as_str()).await.map_err(refused)?;
    let text = ask::new_password(args.password_stdin, name.as_str())?;
    let must_change = !args.own;
    let set = manage.reset_password(&by, name.as_str(), text.expose(), must_change).await;
    set.map_err(refused)?;
    let user = manage.user(&by, name.as_str()).await.map_err(refused)?;
    say(&format!("{name} logs in with that password now{}; earlier logins ended", then(&user)))
}

async fn change(manage: &Manage, name: &Name, edit: UserEdit) -> Result<ExitCode> {
    let user = manage.edit_user(&principal(), name.as_str(), &edit).await.map_err(refused)?;
    let state = if user.disabled { "disabled" } else { "enabled" };
    let servers = match user.groups.is_empty() {
        true => "all servers".to_owned(),
        false => format!("the servers of {}", groups(&user.groups)),
    };
    say(&format!("{name} is {} on {servers}, and {state}; earlier logins ended", user.role))
}

fn then(user: &User) -> &'static str {
    if user.must_change { ", once: then a new one is asked for" } else { "" }
}

fn say(text: &str) -> Result<ExitCode> {
    printed(terminal::print(&format!("{text}.\n")))
}
