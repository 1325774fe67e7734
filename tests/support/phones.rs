//! A small SMS gateway inside the test: it answers as it is told to, and writes down what it gets.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::Instant,
};

use super::eventually;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// `0: accepted`, after a while.
    Accept(Duration),
    /// This status and this body.
    Answer(u16, &'static str),
    /// It does not.
    Silent,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// When.
    pub at: Instant,
    /// To which number.
    pub to: String,
    /// What.
    pub text: String,
    /// Whether it was answered with acceptance.
    pub accepted: bool,
}

/// The gateway; it ends when it is dropped.
pub struct Phones {
    port: u16,
    receipts: Arc<Mutex<Vec<Receipt>>>,
    manner: watch::Sender<Manner>,
    _tasks: JoinSet<()>,
}

impl Phones {
    /// One that accepts everything at once.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let receipts: Arc<Mutex<Vec<Receipt>>> = Arc::default();
        let (manner, asked) = watch::channel(Manner::Accept(Duration::ZERO));
        let mut tasks = JoinSet::new();
        let book = Arc::clone(&receipts);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&book), asked.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { port, receipts, manner, _tasks: tasks }
    }

    /// Answers in another manner from now on.
    pub fn set(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// A notifier of that name, for the configuration.
    pub fn notifier(&self, name: &str) -> String {
        format!(
            "[notifiers.sms.{name}]\ngather = false\nbudget = false\nurl = \"http://127.0.0.1:{}/send\"\n\
             query = {{ to = \"{{{{ to }}}}\", text = \"{{{{ text }}}}\" }}\n\
             success = \"^0: \"\ntimeout = \"3s\"\nrecipients = [\"+628123456789\"]\n",
            self.port
        )
    }

    /// All that came, accepted or not.
    pub fn receipts(&self) -> Vec<Receipt> {
        self.receipts.lock().unwrap().clone()
    }

    /// The texts that were accepted.
    pub fn accepted(&self) -> Vec<String> {
        let all = self.receipts();
        all.into_iter().filter(|one| one.accepted).map(|one| one.text).collect()
    }

    /// Waits for an accepted text that starts so; gives all that do.
    pub async fn wait_for(&self, start: &str, limit: Duration) -> Vec<String> {
        eventually(&format!("an SMS {start:?}, have {:?}", self.accepted()), limit, async || {
            let found: Vec<_> =
                self.accepted().into_iter().filter(|text| text.starts_with(start)).collect();
            (!found.is_empty()).then_some(found)
        })
        .await
    }
}

async fn serve(
    mut stream: TcpStream,
    book: Arc<Mutex<Vec<Receipt>>>,
    manner: watch::Receiver<Manner>,
) {
    while let Some((to, text)) = request(&mut stream).await {
        let now = *manner.borrow();
        let accepted = matches!(now, Manner::Accept(_));
        // Before the answer: what was taken rings, whether or not the sender hears of it.
        book.lock().unwrap().push(Receipt { at: Instant::now(), to, text, accepted });
        let (status, body) = match now {
            Manner::Accept(after) => {
                tokio::time::sleep(after).await;
                (200, "0: accepted")
            }
            Manner::Answer(status, body) => (status, body),
            Manner::Silent => std::future::pending().await,
        };
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} Because\r\nContent-Length: {length}\r\n\r\n{body}");
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Number and text of the next request; `None` at the end.
async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let path = head.split_whitespace().nth(1)?;
    let url = reqwest::Url::parse(&format!("http://gateway{path}")).ok()?;
    let value = |name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    Some((value("to")?, value("text")?))
}
