//! A gateway to send to, in tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A gateway that answers every request with the same bytes, and keeps what it was asked.
pub(super) struct Gateway {
    pub(super) port: u16,
    pub(super) asked: Arc<Mutex<Vec<String>>>,
    pub(super) connections: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Gateway {
    pub(super) async fn start(answer: &'static str, endless: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, connections) =
            (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        let (kept, counted) = (Arc::clone(&asked), Arc::clone(&connections));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                open.spawn(serve(stream, answer, endless, Arc::clone(&kept)));
            }
        });
        Self { port, asked, connections, _tasks: tasks }
    }

    pub(super) fn asked(&self) -> String {
        self.asked.lock().unwrap().last().cloned().unwrap()
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &'static str,
    endless: bool,
    asked: Arc<Mutex<Vec<String>>>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        asked.lock().unwrap().push(String::from_utf8_lossy(&buffer[..read]).into_owned());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        while endless && stream.write_all(&[b'x'; 1024]).await.is_ok() {}
    }
}
