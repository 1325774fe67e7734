//! Servers as other programs write them down. Pure: text in, drafts out, or what is wrong and where.

mod ansible;
mod ini;
mod openssh;
mod range;
mod table;
mod yaml;

use std::fmt;

pub use self::{ini::ansible_ini, openssh::ssh_config, table::csv, yaml::ansible_yaml};
use crate::model::Name;

/// The most servers of one file.
const MOST: usize = 10_000;

/// What is wrong with a file of servers: `12: …` with its line, or only what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ImportError {
    line: Option<usize>,
    message: String,
}

impl ImportError {
    fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), message: message.into() }
    }

    fn whole(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    fn too_many() -> Self {
        Self::whole(format!("there are more than {MOST} servers in it"))
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{line}: {}", self.message),
            None => write!(f, " {}", self.message),
        }
    }
}

/// `host`, `host:port`, `[v6]:port`.
fn address(host: &str, port: Option<&str>) -> String {
    match port.filter(|port| *port != "22") {
        None => host.to_owned(),
        Some(port) if host.contains(':') => format!("[{host}]:{port}"),
        Some(port) => format!("{host}:{port}"),
    }
}

fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
