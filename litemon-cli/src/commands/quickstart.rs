//! `quickstart`: from nothing to a running monitor of this machine.

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use litemon_core::{config::Plan, model::Name};
use tokio::net::TcpListener;

use super::{
    printed,
    run::{self as monitor, Running},
};
use crate::{
    context::Context,
    error::{CliError, Result},
    management,
    state_dir::StateDir,
    terminal,
};

/// The file that is written when there is none.
const FILE: &str = "litemon.toml";

pub async fn run(context: &Context) -> Result<ExitCode> {
    let written = context.has_no_configuration().then(|| write(Path::new(FILE))).transpose()?;
    let plan = context.plan().await?;
    let place = StateDir::lock(&plan.state_dir)?;
    let listener = listen(plan.web.listen).await?;
    let address = listener.local_addr().unwrap_or(plan.web.listen);
    let login = first_login(context, &plan).await?;
    let text = welcome(&plan, address, &context.files(), written.as_deref(), &login);
    let running = Running::start(context, plan, place, Some(listener)).await?;
    printed(terminal::print(&text))?;
    running.until_stopped(context).await
}

/// Where the first password is kept when there is no terminal to show it on.
const PASSWORD_FILE: &str = "admin-password";

/// Makes the account `admin` if there is none at all; what is said of it, as lines.
async fn first_login(context: &Context, plan: &Plan) -> Result<String> {
    if !plan.manage.enabled {
        return Ok(String::new());
    }
    let manage = management::open(context, plan).await?;
    let made = manage.add_first_admin(&management::principal()).await;
    let Some(password) = made.map_err(management::refused)? else { return Ok(String::new()) };
    if io::stdout().is_terminal() {
        return Ok(format!(
            "  Login      admin, with the password {}\n             \
             (shown only now, for one login: then you choose your own)\n",
            password.expose()
        ));
    }
    // What is not a terminal is often a log that others read.
    let path = plan.state_dir.join(PASSWORD_FILE);
    keep(&path, password.expose()).map_err(|error| {
        let line = format!(
            "{} cannot be written; set a password with `litemon user passwd admin`",
            path.display()
        );
        CliError::failed(line).because(error)
    })?;
    let path = path.display();
    Ok(format!("  Login      admin, for one login with the password in {path}\n"))
}

fn keep(path: &Path, password: &str) -> io::Result<()> {
    use std::io::Write;
    // One that is left from before may be open to others.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file =
        std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    writeln!(file, "{password}")
}

/// The configured port, or a free one beside it when it is taken.
async fn listen(address: SocketAddr) -> Result<TcpListener> {
    match litemon_web::bind(address).await {
        Err(error) if error.source.kind() == io::ErrorKind::AddrInUse => {
            monitor::listen(SocketAddr::new(address.ip(), 0)).await
        }
        Err(error) => Err(monitor::no_dashboard(error)),
        Ok(listener) => Ok(listener),
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
    let wrong = |error| CliError::failed(format!("./{FILE} cannot be written")).because(error);
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

fn welcome(
    plan: &Plan,
    address: SocketAddr,
    files: &[PathBuf],
    written: Option<&str>,
    login: &str,
) -> String {
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let files = files.join(", ");
    let found = match written {
        Some(name) => format!("Wrote {files}: it watches {name}, this machine."),
        None => format!("Found {files}; nothing was written."),
    };
    let taken = plan.web.listen.port();
    let instead = match address == plan.web.listen {
        true => String::new(),
        false => format!("   (port {taken} is taken; for good: `listen` in [web])"),
    };
    format!(
        "{found}\n\n  Dashboard  http://{address}/{instead}\n{login}  Watching   {}\n  State      {}\n\n\
         Next: add servers and an SMS gateway to {files}, let `litemon config check` prove it good,\n\
         and make this process read it: kill -HUP {}. Ctrl-C ends it.\n\n",
        watched(plan),
        plan.state_dir.display(),
        std::process::id(),
    )
}

/// The first of the checks.
fn watched(plan: &Plan) -> String {
    const SHOWN: usize = 8;
    let names: Vec<&str> = plan.checks.iter().map(|check| check.id.as_str()).take(SHOWN).collect();
    match plan.checks.len() {
        0 => "nothing yet".to_owned(),
        n if n > SHOWN => format!("{} and {} more", names.join(", "), n - SHOWN),
        _ => names.join(", "),
    }
}
