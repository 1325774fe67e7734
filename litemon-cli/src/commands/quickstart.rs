//! `quickstart`: from nothing to a running monitor of this machine.

use std::{
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::ExitCode,
};

use litemon_core::{config::Plan, model::Name};
use tokio::net::TcpListener;

use super::run as monitor;
use crate::{
    context::Context,
    error::{CliError, Result},
    terminal,
};

/// The file that is written when there is none.
const FILE: &str = "litemon.toml";

pub async fn run(context: &Context) -> Result<ExitCode> {
    let written = if context.has_configuration() { None } else { Some(write(Path::new(FILE))?) };
    let plan = context.plan()?;
    let listener = listen(plan.web.listen).await?;
    let address = listener.local_addr().unwrap_or(plan.web.listen);
    terminal::print(&welcome(&plan, address, written.as_deref()))
        .map_err(|error| CliError::failed("standard output cannot be written").because(error))?;
    monitor::monitor(context, plan, Some(listener)).await
}

/// The configured port, or a free one beside it when it is taken.
async fn listen(address: SocketAddr) -> Result<TcpListener> {
    match monitor::listen(address).await {
        Err(_) if address.ip().is_loopback() => {
            monitor::listen(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0)).await
        }
        done => done,
    }
}

/// Writes a configuration that watches this machine, and gives the name it watches it under.
fn write(path: &Path) -> Result<String> {
    use std::io::Write;
    let name = host_name();
    let text = format!(
        r#"# What litemon watches. `litemon config check` proves it good; a running litemon takes
# changes on SIGHUP. All keys: docs/CONFIGURATION.md

[servers.{name}]
address = "local"                  # this machine, without SSH
profiles = ["linux"]               # cpu, mem and hdd

[servers.{name}.resources.hdd]
threshold = 90                     # percent; above it is a problem

# A service is On when its command succeeds:
# [servers.{name}.services.nginx]
# command = "systemctl is-active --quiet nginx"

# A server over SSH, with the keys of ~/.ssh:
# [servers.web-1]
# address = "web-1.example.com"
# profiles = ["linux"]

# Who is told, and how:
# [defaults]
# notify = ["oncall"]
# [notifiers.sms.oncall]
# url = "http://127.0.0.1:13013/cgi-bin/sendsms"
# query = {{ username = "litemon", password = {{ env = "SMS_KEY" }}, to = "{{{{ to }}}}", text = "{{{{ text }}}}" }}
# success = "^0: "
# recipients = ["+628123456789"]
"#
    );
    let wrong = |error| CliError::failed(format!("{FILE} cannot be written")).because(error);
    let mut file = std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(wrong)?;
    file.write_all(text.as_bytes()).map_err(wrong)?;
    Ok(name)
}

/// This machine's name as the name of a server.
fn host_name() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let reserved = ["messaging", "stats", "checks"].contains(&host.as_str());
    match Name::new(&host) {
        // A name with dots would have to be quoted in the file.
        Ok(name) if !reserved && !host.contains('.') => name.to_string(),
        _ => host
            .split('.')
            .next()
            .and_then(|first| Name::new(first).ok())
            .map_or_else(|| "this-machine".to_owned(), |name| name.to_string()),
    }
}

fn welcome(plan: &Plan, address: SocketAddr, written: Option<&str>) -> String {
    let names: Vec<&str> = plan.checks.iter().map(|check| check.id.as_str()).collect();
    let file = match written {
        Some(name) => format!("Wrote {FILE}: it watches {name}, this machine.\n"),
        None => "Found a configuration; nothing was written.\n".to_owned(),
    };
    let more =
        if names.len() > 8 { format!(" and {} more", names.len() - 8) } else { String::new() };
    format!(
        "{file}\n  Dashboard  http://{address}/\n  Watching   {}{more}\n\n\
         Next: add servers and an SMS gateway to {FILE}, see that `litemon config check` is content,\n\
         and send this process SIGHUP (kill -HUP {}). Ctrl-C stops it.\n\n",
        names.iter().take(8).copied().collect::<Vec<_>>().join(", "),
        std::process::id(),
    )
}
