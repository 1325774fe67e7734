//! A TCP proxy in front of a broker that holds messages back, and measures for itself how long they
//! took.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// The proxy; it ends when it is dropped.
pub struct Courier {
    address: SocketAddr,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Shared {
    hold: Mutex<Duration>,
    sent: Mutex<Option<Instant>>,
    delays: Mutex<Vec<Duration>>,
}

impl Courier {
    /// Starts one in front of a port of 127.0.0.1.
    pub async fn start(broker: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let mut tasks = JoinSet::new();
        let own = Arc::clone(&shared);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(carry(client, broker, Arc::clone(&own)));
            }
        });
        Self { address, shared, _tasks: tasks }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on each message is handed over this long after it was sent.
    pub fn hold(&self, delay: Duration) {
        *self.shared.hold.lock().unwrap() = delay;
    }

    /// How long each message took, from coming in here to going out to its receiver.
    pub fn delays(&self) -> Vec<Duration> {
        self.shared.delays.lock().unwrap().clone()
    }
}

async fn carry(client: TcpStream, broker: u16, shared: Arc<Shared>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", broker)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = async {
        let (mut from, mut to) = (from_client, to_server);
        let mut bytes = vec![0; 8192];
        while let Ok(read @ 1..) = from.read(&mut bytes).await {
            if bytes.starts_with(b"SEND") {
                *shared.sent.lock().unwrap() = Some(Instant::now());
            }
            if to.write_all(&bytes[..read]).await.is_err() {
                break;
            }
        }
    };
    let back = async {
        let (mut from, mut to) = (from_server, to_client);
        let mut bytes = vec![0; 8192];
        while let Ok(read @ 1..) = from.read(&mut bytes).await {
            let text = &bytes[..read];
            let message = text.windows(8).any(|part| part == b"MESSAGE\n");
            let sent = shared.sent.lock().unwrap().filter(|_| message);
            if let Some(sent) = sent {
                let hold = *shared.hold.lock().unwrap();
                sleep_until(sent + hold).await;
                shared.delays.lock().unwrap().push(sent.elapsed());
            }
            if to.write_all(text).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}
