//! Servers that misbehave on purpose.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Takes the connection and says nothing.
    Mute,
    /// Says its SSH id and nothing more.
    SilentAfterId,
    /// Sends one byte of its greeting now and then.
    Drip,
    /// Sends lines without end instead of a greeting.
    Babble,
    /// Sends its id and then packets of garbage without end.
    Garbage,
    /// Hangs up at once.
    HangUp,
    /// Says that it has no room, as OpenSSH does.
    Full,
    /// Is not an SSH server.
    Http,
}

/// A server with a fault; its tasks end when it is dropped.
pub struct Faulty {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Faulty {
    /// Starts one on 127.0.0.1.
    pub async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(misbehave(fault, stream));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, _tasks: tasks }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

/// What a server with this fault does with one connection.
pub async fn misbehave(fault: Fault, mut stream: TcpStream) {
    match fault {
        Fault::Mute => sink(&mut stream).await,
        Fault::SilentAfterId => {
            let _ = stream.write_all(b"SSH-2.0-silent\r\n").await;
            sink(&mut stream).await;
        }
        Fault::Drip => drip(&mut stream).await,
        Fault::Babble => flood(&mut stream, b"hello there\r\n").await,
        Fault::Garbage => {
            let _ = stream.write_all(b"SSH-2.0-garbage\r\n").await;
            flood(&mut stream, &[0, 0, 0, 12, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).await;
        }
        Fault::HangUp => {}
        Fault::Full => {
            let _ = stream.write_all(b"Exceeded MaxStartups\r\n").await;
        }
        Fault::Http => {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    }
}

async fn sink(stream: &mut TcpStream) {
    let mut chunk = [0; 1024];
    while matches!(stream.read(&mut chunk).await, Ok(1..)) {}
}

async fn drip(stream: &mut TcpStream) {
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    for byte in b"SSH-2.0-drip\r\n".iter().chain([0, 0, 1, 0, 0].iter().cycle()) {
        tick.tick().await;
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
    }
}

async fn flood(stream: &mut TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).await.is_ok() {}
}
