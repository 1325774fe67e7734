//! The simulated fleet (benches/fleet), in a process of its own.

use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::support::{account::Keys, free_port};

/// A running fleet; it ends when dropped.
#[derive(Debug)]
pub struct Fleet {
    child: Child,
    pub addresses: Vec<SocketAddr>,
}

impl Fleet {
    /// Starts it with that many servers and waits until all listen.
    pub fn start(keys: &Keys, count: usize) -> Self {
        let binaries = Path::new(env!("CARGO_BIN_EXE_litemon")).parent().unwrap();
        let program = binaries.join("examples/fleet");
        assert!(program.exists(), "build the example `fleet` first, as benches/run does");
        let port = free_port();
        let mut child = Command::new(program)
            .args(["--servers", &count.to_string(), "--port", &port.to_string(), "--host-key"])
            .arg(keys.host_key())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "the fleet did not start");
        Self { child, addresses: (0..count).map(|number| address(number, port)).collect() }
    }
}

impl Fleet {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // The end of its input is its end; the kill is for one that hangs.
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As benches/fleet gives them out.
fn address(number: usize, port: u16) -> SocketAddr {
    let (third, fourth) = (number / 250, number % 250 + 1);
    let ip = Ipv4Addr::new(127, 1, u8::try_from(third).unwrap(), u8::try_from(fourth).unwrap());
    SocketAddr::from((ip, port))
}
