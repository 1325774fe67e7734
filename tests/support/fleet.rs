//! As many SSH servers as one wants, simulated in this process: those of benches/fleet.

#![allow(dead_code, reason = "the benchmark's fleet can do more")]

#[path = "../../benches/fleet/answer.rs"]
mod answer;
#[path = "../../benches/fleet/server.rs"]
mod server;
#[path = "../../benches/fleet/fleet.rs"]
mod simulated;

use std::{fmt::Write as _, path::Path};

use super::{account::Keys, free_port};

/// The servers, all of them up.
pub struct Fleet {
    fleet: simulated::Fleet,
    keys: Keys,
    port: u16,
}

impl Fleet {
    /// So many, with their keys in this folder. They live on the runtime of the caller.
    pub async fn start(folder: &Path, count: usize) -> Self {
        let keys = Keys::make(folder);
        let key =
            simulated::host_key(Some(&keys.host_key())).map_err(|error| error.to_string()).unwrap();
        let port = free_port();
        let fleet = simulated::Fleet::start(key, count, port).await;
        Self { fleet: fleet.map_err(|error| error.to_string()).unwrap(), keys, port }
    }

    /// All of them as servers `web-1`, `web-2`, … of the group web, and how to log in.
    pub fn config(&self) -> String {
        let mut config = format!(
            "[ssh]\nuser = \"monitor\"\nagent = false\nidentity = \"{}\"\nknown_hosts = \"{}\"\n[groups.web]\n",
            self.keys.identity().display(),
            self.keys.known_hosts().display()
        );
        for number in 0..self.fleet.servers.len() {
            writeln!(
                config,
                "[servers.web-{}]\naddress = \"127.1.{}.{}:{}\"\ngroups = [\"web\"]",
                number + 1,
                number / 250,
                number % 250 + 1,
                self.port
            )
            .unwrap();
        }
        config
    }

    /// All of them refuse connections from now on, and drop those that are open.
    pub fn fall(&mut self) {
        self.fleet.servers.iter_mut().for_each(server::Server::cut);
    }

    /// All of them are back.
    pub async fn rise(&mut self) {
        for server in &mut self.fleet.servers {
            // The kernel may hold the address for a moment longer.
            while server.listen().await.is_err() {
                tokio::task::yield_now().await;
            }
        }
    }
}
