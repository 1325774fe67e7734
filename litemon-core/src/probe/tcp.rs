//! Ports: whether one takes connections, how fast, and what it says.

use std::sync::Arc;

use async_trait::async_trait;
use regex::bytes::Regex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::{Probe, Recipe, Site};
use crate::{
    clock::Clock,
    exec::seconds,
    model::{Failure, FailureKind, Observation, Route, one_line},
    net,
};

/// How much of an answer is looked at.
const ANSWER: usize = 8 * 1024;

/// Connects from the monitor to a port; with something to send or an expression, talks to it too.
/// The value is the time that connecting took, in seconds.
#[derive(Clone, Debug)]
pub struct Tcp {
    host: String,
    port: u16,
    send: String,
    expect: Option<Regex>,
}

impl Tcp {
    /// Only connects.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, send: String::new(), expect: None }
    }

    /// Sends this once connected.
    #[must_use]
    pub fn sending(mut self, text: impl Into<String>) -> Self {
        self.send = text.into();
        self
    }

    /// Reads until the first 8 KiB match, or it is clear that they do not.
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn expecting(mut self, expression: &str) -> Result<Self, regex::Error> {
        self.expect = Some(Regex::new(expression)?);
        Ok(self)
    }
}

impl Recipe for Tcp {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(TcpProbe { recipe: self.clone(), clock: site.clock.clone() })
    }

    fn route(&self, _: Route) -> Route {
        Route::to_host(&self.host)
    }
}

#[derive(Debug)]
struct TcpProbe {
    recipe: Tcp,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Probe for TcpProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let Tcp { host, port, send, expect } = &self.recipe;
        let begun = self.clock.instant();
        let mut stream = net::connect(host, *port, deadline).await?;
        let took = self.clock.instant().saturating_duration_since(begun);
        let mut answer = Vec::new();
        let talk = talk(&mut stream, send.as_bytes(), expect.as_ref(), &mut answer);
        match timeout_at(deadline, talk).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return Err(unexpected(&answer)),
            Ok(Err(error)) => return Err(net::from_io(&error, took)),
            Err(_) => {
                let waited = seconds(self.clock.instant().saturating_duration_since(begun));
                let said = one_line(&String::from_utf8_lossy(&answer), 120);
                let line = match said.as_str() {
                    "" => format!("connected, but it said nothing in {waited}"),
                    said => format!("not the expected answer in {waited}: {said}"),
                };
                return Err(Failure::new(FailureKind::Timeout, line));
            }
        }
        Ok(Observation::Value { value: took.as_secs_f64(), unit: "s".into(), detail: None })
    }
}

/// Whether the answer, or its beginning, is the expected one.
async fn talk(
    stream: &mut TcpStream,
    send: &[u8],
    expect: Option<&Regex>,
    answer: &mut Vec<u8>,
) -> std::io::Result<bool> {
    stream.write_all(send).await?;
    let Some(expect) = expect else { return Ok(true) };
    let mut chunk = [0; 1024];
    loop {
        if expect.is_match(answer) {
            return Ok(true);
        }
        let room = ANSWER.saturating_sub(answer.len()).min(chunk.len());
        let Some(room) = chunk.get_mut(..room).filter(|room| !room.is_empty()) else {
            return Ok(false);
        };
        match stream.read(room).await? {
            0 => return Ok(false),
            count => answer.extend(room.iter().take(count)),
        }
    }
}

fn unexpected(answer: &[u8]) -> Failure {
    let line = match one_line(&String::from_utf8_lossy(answer), 120) {
        line if line.is_empty() => "no answer before the connection was closed".to_owned(),
        line => format!("unexpected answer: {line}"),
    };
    Failure::new(FailureKind::Output, line)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;
    use crate::{clock::SystemClock, exec::Local};

    /// A server that says these chunks after it has read `hears`, and hangs up or waits.
    async fn look(
        hears: &'static str,
        says: Vec<Vec<u8>>,
        stays: bool,
        build: impl FnOnce(Tcp) -> Tcp,
    ) -> Result<Observation, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = vec![0; hears.len()];
            stream.read_exact(&mut heard).await.unwrap();
            assert_eq!(heard, hears.as_bytes());
            for chunk in says {
                // The other side may have heard enough.
                let _ = stream.write_all(&chunk).await;
                let _ = stream.flush().await;
            }
            if stays {
                std::future::pending::<()>().await;
            }
        });
        let site = Site::new(Arc::new(Local::default()), Arc::new(SystemClock));
        let probe = build(Tcp::new("127.0.0.1", port)).build(&site);
        let seen = probe.run(Instant::now() + Duration::from_millis(1_500)).await;
        server.abort();
        seen
    }

    fn message(seen: Result<Observation, Failure>) -> (FailureKind, String) {
        let failure = seen.unwrap_err();
        (failure.kind, failure.message)
    }

    #[tokio::test]
    async fn an_open_port_and_a_greeting_in_pieces() {
        let seen = look("", Vec::new(), true, |tcp| tcp).await.unwrap();
        assert!((0.0..1.0).contains(&seen.value().unwrap()), "{seen:?}");
        assert_eq!(seen.unit(), "s");
        let says = vec![b"220 mail".to_vec(), b".example ESMTP\r\n".to_vec()];
        look("EHLO x\r\n", says, true, |tcp| {
            tcp.sending("EHLO x\r\n").expecting("^220 .*ESMTP").unwrap()
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn other_answers_are_told() {
        let mail = |tcp: Tcp| tcp.expecting("^220 ").unwrap();
        let seen = look("", vec![b"554 no\x1b[31m service\r\nx".to_vec()], false, mail).await;
        let line = "unexpected answer: 554 no[31m service".to_owned();
        assert_eq!(message(seen), (FailureKind::Output, line));
        let seen = look("", Vec::new(), false, mail).await;
        let line = "no answer before the connection was closed".to_owned();
        assert_eq!(message(seen), (FailureKind::Output, line));
        let seen = look("", vec![vec![b'x'; 3 * ANSWER]], true, mail).await;
        assert_eq!(message(seen).0, FailureKind::Output);
        let seen = look("", vec![b"wait".to_vec()], true, mail).await;
        assert_eq!(
            message(seen),
            (FailureKind::Timeout, "not the expected answer in 1.5 s: wait".to_owned())
        );
    }

    #[tokio::test]
    async fn a_closed_port_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let site = Site::new(Arc::new(Local::default()), Arc::new(SystemClock));
        let probe = Tcp::new("127.0.0.1", port).build(&site);
        let seen = probe.run(Instant::now() + Duration::from_secs(1)).await;
        assert_eq!(message(seen), (FailureKind::Refused, "connection refused".to_owned()));
    }
}
