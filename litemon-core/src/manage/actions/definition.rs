use std::time::Duration;

use super::{Action, Param, Proof, Runnable, device, place::Places};
use crate::{
    config::ServerPlan,
    exec::{Address, Command, CommandLine, Sudo, quote},
    manage::ManageError,
};

/// The parameter of a shutdown: in how many minutes.
pub(super) const MINUTES: &str = "in";

/// An action and how it is done.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) action: Action,
    pub(super) how: How,
    /// Detached from the connection and followed.
    pub(super) detached: bool,
}

/// How an action is done.
#[derive(Clone, Debug)]
pub(super) enum How {
    /// A script that comes with litemon, run on the server.
    Script(&'static str),
    /// The same; the server is expected to come back with another boot id.
    Restart(&'static str),
    /// The same; the server is expected to go away.
    Shutdown(&'static str),
    /// The same; a shutdown is undone by it.
    Cancel(&'static str),
    /// Pings the server from here, or something from the server.
    Ping(&'static str),
    /// A command of one's own.
    Own {
        /// What is run.
        line: CommandLine,
        /// On the monitor's own machine.
        on_monitor: bool,
    },
}

/// Parameters with their values.
pub(super) type Values = [(String, String)];

impl Definition {
    /// What it comes down to on a server.
    ///
    /// # Errors
    /// [`ManageError::Invalid`] for a network device that cannot do it.
    pub(super) fn on(
        &self,
        server: &ServerPlan,
        values: &Values,
        places: &Places,
    ) -> Result<Runnable, ManageError> {
        let at_prompt = server.device.is_network() && !self.on_monitor(values);
        let mut command = if at_prompt {
            device::command(self, server.device, values, places).map_err(|why| {
                let (action, name, device) = (&self.action.name, &server.name, server.device);
                let why = format!("{action} on {name}: {device} devices {why}");
                ManageError::invalid("servers", why)
            })?
        } else {
            let mut command = self.command(server, values, places);
            let variables = self.action.params.iter().map(Param::variable);
            command.env.extend(variables.zip(values.iter().map(|(_, value)| value.clone())));
            command
        };
        if self.action.sudo {
            command.sudo = Sudo::Passwordless;
        }
        let proof = match self.how {
            How::Restart(_) => Proof::Restarted(places.back_within),
            How::Shutdown(_) => Proof::Gone {
                delay: Duration::from_secs(60 * value(values, MINUTES).parse().unwrap_or(0)),
                within: places.back_within,
            },
            How::Cancel(_) => Proof::Stays,
            _ => Proof::Exit,
        };
        Ok(Runnable {
            command,
            on_monitor: self.on_monitor(values),
            changes: self.action.changes,
            detached: self.detached && !at_prompt,
            limit: self.action.limit,
            proof,
        })
    }

    fn on_monitor(&self, values: &Values) -> bool {
        match &self.how {
            How::Ping(_) => pings_server(values),
            How::Own { on_monitor, .. } => *on_monitor,
            _ => false,
        }
    }

    fn command(&self, server: &ServerPlan, values: &Values, places: &Places) -> Command {
        match &self.how {
            How::Script(script)
            | How::Restart(script)
            | How::Shutdown(script)
            | How::Cancel(script) => Command::shell(*script),
            How::Ping(_) if pings_server(values) => {
                Command::argv(["ping", "-c", "3", host(&server.address)])
            }
            How::Ping(script) => {
                let mut command = Command::shell(*script);
                command.env.push(("LITEMON_TARGET".into(), target(values, places)));
                command
            }
            How::Own { line, on_monitor } => {
                let mut command = own(line, values);
                if *on_monitor {
                    command.env.push(("LITEMON_SERVER".into(), server.name.to_string()));
                    command.env.push(("LITEMON_ADDRESS".into(), host(&server.address).to_owned()));
                }
                command
            }
        }
    }
}

/// A command of one's own finds the values as its arguments too, in the order of the parameters.
fn own(line: &CommandLine, values: &Values) -> Command {
    let values = values.iter().map(|(_, value)| value.as_str());
    match line {
        CommandLine::Argv(words) => Command::argv(words.iter().map(String::as_str).chain(values)),
        CommandLine::Shell(line) => {
            let words: Vec<String> = values.map(quote).collect();
            Command::shell(if words.is_empty() {
                line.clone()
            } else {
                format!("set -- {}\n{line}", words.join(" "))
            })
        }
    }
}

pub(super) fn pings_server(values: &Values) -> bool {
    value(values, "target") == "server"
}

pub(super) fn target(values: &Values, places: &Places) -> String {
    let target = match value(values, "target") {
        "gateway" => places.gateway.as_deref(),
        "internet" => Some(places.internet.as_str()),
        "main" => places.main.as_deref(),
        _ => None,
    };
    target.unwrap_or_default().to_owned()
}

pub(super) fn value<'a>(values: &'a Values, name: &str) -> &'a str {
    values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn host(address: &Address) -> &str {
    match address {
        Address::Local => "127.0.0.1",
        Address::Host { host, .. } => host,
    }
}
