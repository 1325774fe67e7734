//! What actions come down to on network devices, which have no shell to run scripts in.

use super::{
    definition::{Definition, How, MINUTES, Values, pings_server, target, value},
    place::Places,
};
use crate::{
    exec::{Command, CommandLine},
    model::Device,
};

/// What is typed at the device's prompt.
///
/// # Errors
/// Why the action is not for the device.
pub(super) fn command(
    definition: &Definition,
    device: Device,
    values: &Values,
    places: &Places,
) -> Result<Command, String> {
    match &definition.how {
        How::Ping(_) if !pings_server(values) => Ok(ping(device, &to(values, places)?)),
        How::Restart(_) => match device {
            Device::Ios => Ok(sure("reload")),
            _ => Ok(sure("/system reboot")),
        },
        How::Shutdown(_) => shutdown(device, value(values, MINUTES)),
        How::Own { line, on_monitor: false } => own(line, values),
        // What does not run on the device at all.
        How::Ping(_) | How::Own { .. } => Ok(Command::shell("")),
        How::Script(_) | How::Cancel(_) => Err("have no shell for it".to_owned()),
    }
}

/// A command of which the device asks whether it is really to be done.
fn sure(line: &str) -> Command {
    let mut command = Command::shell(line);
    command.confirm = true;
    command
}

fn to(values: &Values, places: &Places) -> Result<String, String> {
    let host = target(values, places);
    if host.is_empty() {
        let name = value(values, "target");
        let key = if name == "main" { "main_server" } else { name };
        return Err(format!("need [manage.ping] {key} to know what to ping"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
    if host.starts_with('-') || !host.chars().all(plain) {
        return Err(format!("cannot ping {host:?}"));
    }
    Ok(host)
}

fn ping(device: Device, host: &str) -> Command {
    match device {
        Device::Ios => Command::shell(format!("ping {host} repeat 3")),
        _ => Command::shell(format!("/ping {host} count=3")),
    }
}

fn shutdown(device: Device, minutes: &str) -> Result<Command, String> {
    match (device, minutes) {
        (Device::RouterOs, "0") => Ok(sure("/system shutdown")),
        (Device::RouterOs, _) => Err("go down at once or not at all".to_owned()),
        _ => Err("cannot be shut down from their prompt".to_owned()),
    }
}

/// As it is written. A value that is put into a line would have to be quoted, which these devices do
/// each in their own way.
fn own(line: &CommandLine, values: &Values) -> Result<Command, String> {
    if !values.is_empty() {
        return Err("take no actions with parameters".to_owned());
    }
    Ok(match line {
        CommandLine::Shell(line) => Command::shell(line),
        CommandLine::Argv(words) => Command::shell(words.join(" ")),
    })
}
