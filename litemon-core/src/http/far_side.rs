//! Servers to ask in tests: raw sockets, so that they can misbehave in every way.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};

/// What a server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Sends these bytes and closes.
    Raw(Vec<u8>),
    /// Sends these bytes, and the last of them again and again without end.
    Endless(Vec<u8>),
    /// Sends these bytes one by one, 50 ms apart.
    Drip(Vec<u8>),
    /// Says nothing.
    Mute,
}

impl Reply {
    /// `HTTP/1.1 STATUS` with a body.
    pub(crate) fn http(status: &str, body: &str) -> Self {
        Self::with(status, "", body)
    }

    /// The same with header lines, each ended by CRLF.
    pub(crate) fn with(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        Self::Raw(text.into_bytes())
    }
}

type Judge = Box<dyn Fn(&str) -> Reply + Send + Sync>;

/// A server that keeps the heads of the requests it got; it ends when it is dropped.
pub(crate) struct FarSide {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    tasks: JoinSet<()>,
}

impl FarSide {
    /// Answers each request by its head.
    pub(crate) async fn start(judge: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(None, Box::new(judge)).await
    }

    /// The same over TLS.
    pub(crate) async fn tls(
        config: rustls::ServerConfig,
        judge: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Some(Arc::new(config).into()), Box::new(judge)).await
    }

    async fn listen(tls: Option<tokio_rustls::TlsAcceptor>, judge: Judge) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (kept, judge) = (Arc::clone(&heads), Arc::new(judge));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, judge, tls) = (Arc::clone(&kept), Arc::clone(&judge), tls.clone());
                open.spawn(async move {
                    match tls {
                        None => serve(stream, &kept, &judge).await,
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else { return };
                            serve(stream, &kept, &judge).await;
                        }
                    }
                });
                while open.try_join_next().is_some() {}
            }
        });
        Self { address, heads, tasks }
    }

    /// Ends it: from now on it refuses.
    pub(crate) async fn stop(mut self) {
        self.tasks.shutdown().await;
    }

    /// The address of a path, by the host's name.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.address.port())
    }

    /// What was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.heads.lock().unwrap())
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    heads: &Mutex<Vec<String>>,
    judge: &Judge,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    match judge(&head) {
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Endless(bytes) => {
            let last = [*bytes.last().unwrap(); 1024];
            let mut going = stream.write_all(&bytes).await;
            while going.is_ok() {
                going = stream.write_all(&last).await;
            }
        }
        Reply::Drip(bytes) => drip(&mut stream, &bytes).await,
        Reply::Mute => {
            let _ = stream.read_u8().await;
        }
    }
    let _ = stream.shutdown().await;
}

async fn drip(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    for byte in bytes {
        tick.tick().await;
        if stream.write_all(&[*byte]).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}
