//! `enroll`: a server's host key is trusted, and litemon's key opens it.

use std::process::ExitCode;

use litemon_core::{
    exec::{HostKey, KeyTrust},
    manage::{Manage, ManageError, Principal, inventory::KeyInstalled},
    secret::Secret,
};

use super::printed;
use crate::{
    args::EnrollArgs,
    ask,
    context::Context,
    error::{CliError, Result},
    inventory,
    management::{principal, refused},
    terminal,
};

pub async fn run(context: &Context, args: &EnrollArgs) -> Result<ExitCode> {
    let manage = inventory::open_for(context).await?;
    let by = principal();
    let mut password = args.password_stdin.then(ask::password_line).transpose()?;
    for server in &args.servers {
        trust(&manage, &by, server, &args.yes_fingerprint).await?;
        install(&manage, &by, server, &mut password).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows the fingerprint, and pins the key once somebody said that it is the right one.
async fn trust(manage: &Manage, by: &Principal, server: &str, known: &[String]) -> Result<()> {
    let key = manage.host_key(by, server).await.map_err(refused)?;
    say(&format!("{server}: {} {} ({})\n", key.algorithm, key.fingerprint, key.trust))?;
    if key.trust == KeyTrust::Trusted {
        return Ok(());
    }
    if !known.contains(&key.fingerprint) && !is_right(server, &key)? {
        return Err(CliError::failed(format!(
            "the host key of {server} is not trusted; compare it with what the server's own \
             console says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add: \
             --yes-fingerprint {}",
            key.fingerprint
        )));
    }
    manage.pin_host_key(by, server, &key.fingerprint).await.map_err(refused)
}

fn is_right(server: &str, key: &HostKey) -> Result<bool> {
    let changed = key.trust == KeyTrust::Changed;
    let warning =
        "Another key was known: the server was set up anew, or somebody stands in its place.";
    if changed {
        say(&format!("{server}: {warning}\n"))?;
    }
    ask::yes("Is this the fingerprint of the server?")
}

/// Puts the key on the server. The password is asked for once, for all servers.
async fn install(
    manage: &Manage,
    by: &Principal,
    server: &str,
    password: &mut Option<Secret>,
) -> Result<()> {
    let mut done = manage.install_key(by, server, password.clone()).await;
    if let Err(ManageError::Invalid { field: "password", .. }) = &done
        && password.is_none()
    {
        let prompt = format!("Password to log in to {server} with: ");
        let given = ask::password(false, &prompt)?;
        done = manage.install_key(by, server, Some(given.clone())).await;
        *password = Some(given);
    }
    say(&match done.map_err(refused)? {
        KeyInstalled::AlreadyThere => format!("{server}: the key opens it already.\n"),
        _ => format!("{server}: the key is installed, and opens it.\n"),
    })
}

fn say(text: &str) -> Result<()> {
    printed(terminal::print(text)).map(drop)
}
