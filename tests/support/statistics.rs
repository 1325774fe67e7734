//! A statistics server inside the test: it counts users as it is told to, and keeps what it was
//! asked.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// What it says of a range of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// The number of days, as a text in JSON.
    Counts,
    /// The same, but status 500 for the days from this one on.
    FailsFrom(&'static str),
    /// Status 500.
    Fails,
}

/// The server; it ends when it is dropped.
pub struct Statistics {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    mood: watch::Sender<Mood>,
    _tasks: JoinSet<()>,
}

impl Statistics {
    /// One that counts.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (mood, now) = watch::channel(Mood::Counts);
        let mut tasks = JoinSet::new();
        let kept = Arc::clone(&asked);
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(stream, Arc::clone(&kept), now.clone()));
                while open.try_join_next().is_some() {}
            }
        });
        Self { port, asked, mood, _tasks: tasks }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/users", self.port)
    }

    /// From now on it answers like this.
    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// The targets of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Answers one request after the other on a connection.
async fn serve(stream: TcpStream, asked: Arc<Mutex<Vec<String>>>, mood: watch::Receiver<Mood>) {
    let mut stream = BufReader::new(stream);
    while let Some(target) = request(&mut stream).await {
        let (status, body) = answer(&target, *mood.borrow());
        asked.lock().unwrap().push(target);
        let length = body.len();
        let text = format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n\r\n{body}");
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The target of the next request.
async fn request(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok().filter(|read| *read > 0)?;
    let mut line = first.clone();
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    }
    first.split(' ').nth(1).map(str::to_owned)
}

fn answer(target: &str, mood: Mood) -> (u16, String) {
    let url = url::Url::parse("http://x").unwrap().join(target).unwrap();
    let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let (first, last) = (&asked["date1"], &asked["date2"]);
    let fails = match mood {
        Mood::Counts => false,
        Mood::Fails => true,
        Mood::FailsFrom(day) => first == day,
    };
    if fails {
        return (500, "{\"count\":\"9\"}".to_owned());
    }
    (200, format!("{{\"count\": \"{}\", \"from\": \"{first}\"}}", days(first, last)))
}

/// How many days there are from the first to the last.
pub fn days(first: &str, last: &str) -> i32 {
    let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    day(last).since(day(first)).unwrap().get_days() + 1
}
