//! A network namespace with one link to this machine, which can be cut.

use std::{
    net::Ipv4Addr,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use super::run;

/// The namespace and its link. Dropping it takes both away.
#[derive(Debug)]
pub struct Namespace {
    name: String,
    link: String,
    net: u8,
}

impl Namespace {
    /// Makes one whose way out is this machine, at [`Namespace::outside`].
    ///
    /// # Errors
    /// What forbids it: it takes root, and a kernel that lets it.
    pub fn make() -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = std::process::id() * 8 + COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lm{number}");
        let made = Command::new("ip").args(["netns", "add", &name]).output();
        let made = made.map_err(|error| format!("ip: {error}"))?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).trim().to_owned());
        }
        let net = u8::try_from(number % 250).unwrap();
        let namespace = Self { link: format!("{name}o"), name, net };
        namespace.connect()?;
        Ok(namespace)
    }

    fn connect(&self) -> Result<(), String> {
        let Self { name, link, .. } = self;
        let veth = ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name];
        let made = Command::new("ip").args(veth).output().map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).trim().to_owned());
        }
        let (outside, inside) = (self.outside(), Ipv4Addr::new(10, 213, self.net, 2));
        ip(&["address", "add", &format!("{outside}/30"), "dev", link]);
        ip(&["link", "set", link, "up"]);
        ip(&["-n", name, "link", "set", "lo", "up"]);
        ip(&["-n", name, "address", "add", &format!("{inside}/30"), "dev", "eth0"]);
        ip(&["-n", name, "link", "set", "eth0", "up"]);
        ip(&["-n", name, "route", "add", "default", "via", &outside.to_string()]);
        Ok(())
    }

    /// This machine, as it is seen from inside.
    pub const fn outside(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 213, self.net, 1)
    }

    /// Pulls the cable, or plugs it in.
    pub fn cable(&self, plugged: bool) {
        ip(&["link", "set", &self.link, if plugged { "up" } else { "down" }]);
    }

    /// The same command, run inside.
    pub fn enter(&self, command: &Command) -> Command {
        let mut inside = Command::new("ip");
        inside.args(["netns", "exec", &self.name]);
        inside.arg(command.get_program()).args(command.get_args());
        inside.env_clear();
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                inside.env(name, value);
            }
        }
        if let Some(folder) = command.get_current_dir() {
            inside.current_dir(folder);
        }
        inside
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        for arguments in [["link", "del", &self.link], ["netns", "del", &self.name]] {
            let _ = Command::new("ip").args(arguments).output();
        }
    }
}

fn ip(arguments: &[&str]) {
    run(Command::new("ip").args(arguments));
}
