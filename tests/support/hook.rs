//! A service inside the test that is called over HTTP: it keeps what it was asked, and answers as it
//! is told to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// What it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST /path?query`
    pub line: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// The service; it ends when it is dropped.
pub struct Hook {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    answer: watch::Sender<String>,
    _tasks: JoinSet<()>,
}

impl Hook {
    /// One that answers 200 and `ok`.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (answer, now) = watch::channel(written("200 OK", "ok"));
        let mut tasks = JoinSet::new();
        let book = Arc::clone(&asked);
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(stream, Arc::clone(&book), now.clone()));
                while open.try_join_next().is_some() {}
            }
        });
        Self { port, asked, answer, _tasks: tasks }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Answers like this from now on.
    pub fn answer(&self, status: &str, body: &str) {
        self.answer.send_replace(written(status, body));
    }

    /// All that it was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn written(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}")
}

async fn serve(mut stream: TcpStream, book: Arc<Mutex<Vec<Asked>>>, now: watch::Receiver<String>) {
    while let Some(asked) = request(&mut stream).await {
        book.lock().unwrap().push(asked);
        let answer = now.borrow().clone();
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let line = lines.next()?.rsplit_once(' ')?.0.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { line, headers, body: String::from_utf8(body).ok()? })
}
