//! What stands before a server and can be made to misbehave.

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::support::{
    eventually,
    faulty::{Fault, misbehave},
};
use std::time::Duration;

/// What is done with connections to the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They are passed on to a port of 127.0.0.1.
    To(u16),
    /// They meet this fault.
    Fault(Fault),
    /// Nobody listens.
    Closed,
}

/// An address of 127.0.0.1 that stays while what is behind it changes.
pub struct Front {
    port: u16,
    tasks: JoinSet<()>,
}

impl Front {
    /// One that leads this way.
    pub async fn start(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut front = Self { port, tasks: JoinSet::new() };
        front.tasks.spawn(lead(listener, way));
        front
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Leads elsewhere from now on; connections that are open are cut.
    pub async fn turn(&mut self, way: Way) {
        self.tasks.shutdown().await;
        if way == Way::Closed {
            return;
        }
        let listener = eventually("the port", Duration::from_secs(20), async || {
            TcpListener::bind(("127.0.0.1", self.port)).await.ok()
        })
        .await;
        self.tasks.spawn(lead(listener, way));
    }
}

async fn lead(listener: TcpListener, way: Way) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        match way {
            Way::To(port) => drop(connections.spawn(pass_on(stream, port))),
            Way::Fault(fault) => drop(connections.spawn(misbehave(fault, stream))),
            Way::Closed => {}
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn pass_on(mut stream: TcpStream, port: u16) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
}
