//! The machine's own name servers.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    net::UdpSocket,
    time::{Instant, timeout, timeout_at},
};

use super::{Asked, Canary, any, read};

/// The C library asks no more than these (resolv.conf(5), MAXNS).
const MOST: usize = 3;
/// After this a question is asked again: it may have been lost.
const AGAIN: Duration = Duration::from_millis(230);
/// Where systemd-resolved keeps whom it asks itself.
const UPSTREAM: &str = "/run/systemd/resolve/resolv.conf";

/// The name servers of `/etc/resolv.conf`, any of them.
///
/// One on this machine may answer from its memory, so that it says nothing of the network: it is
/// asked for a name that it cannot know, and has to have found out whether there is one. In the place
/// of systemd-resolved those that it asks are asked.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ResolverCanary;

#[async_trait]
impl Canary for ResolverCanary {
    fn name(&self) -> String {
        "resolver".to_owned()
    }

    async fn answers(&self, deadline: Instant) -> bool {
        let asked = async {
            let servers = servers().await;
            any(servers.into_iter().map(|server| Box::pin(ask(server)) as Asked<'_>)).await
        };
        timeout_at(deadline, asked).await.unwrap_or(false)
    }
}

async fn servers() -> Vec<IpAddr> {
    let own = named(&read("/etc/resolv.conf").await.unwrap_or_default());
    let stub = |server: &IpAddr| matches!(server, IpAddr::V4(at) if [53, 54].map(|n| Ipv4Addr::new(127, 0, 0, n)).contains(at));
    if own.iter().any(stub)
        && let Some(upstream) = read(UPSTREAM).await
    {
        return named(&upstream);
    }
    own
}

/// `nameserver ADDRESS`, the first three.
fn named(text: &str) -> Vec<IpAddr> {
    let address = |line: &str| line.strip_prefix("nameserver")?.trim().parse().ok();
    text.lines().filter_map(|line| address(line.trim())).take(MOST).collect()
}

/// Asks one server, again and again until it answers.
async fn ask(server: IpAddr) -> bool {
    let here: IpAddr = match server {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    ask_at(SocketAddr::new(server, 53), SocketAddr::new(here, 0)).await.unwrap_or(false)
}

async fn ask_at(server: SocketAddr, here: SocketAddr) -> std::io::Result<bool> {
    let socket = UdpSocket::bind(here).await?;
    socket.connect(server).await?;
    let id: u16 = rand::random();
    let question = question(id, server.ip().is_loopback());
    let mut answer = [0; 512];
    loop {
        socket.send(&question).await?;
        match timeout(AGAIN, socket.recv(&mut answer)).await {
            Ok(length) => {
                let answer = answer.get(..length?).unwrap_or_default();
                if counts(answer, id, server.ip().is_loopback()) {
                    return Ok(true);
                }
            }
            Err(_) => continue,
        }
    }
}

/// A question as RFC 1035, 4.1, has it: who answers for the root; of a server that may know that by
/// heart, for the address of a name that nobody asked for before.
fn question(id: u16, new: bool) -> Vec<u8> {
    const RECURSIVE: [u8; 10] = [0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    const NAME_SERVER: [u8; 4] = [0, 2, 0, 1];
    const ADDRESS: [u8; 4] = [0, 1, 0, 1];
    let mut message = id.to_be_bytes().to_vec();
    message.extend(RECURSIVE);
    if new {
        let label = format!("{:016x}", rand::random::<u64>());
        for part in [label.as_str(), "example", "com"] {
            message.push(u8::try_from(part.len()).unwrap_or(0));
            message.extend(part.bytes());
        }
    }
    message.push(0);
    message.extend(if new { ADDRESS } else { NAME_SERVER });
    message
}

/// Whether it is the answer. Of a server on this machine only that there is such a name or not shows
/// that it asked somebody.
fn counts(answer: &[u8], id: u16, must_know: bool) -> bool {
    const NO_ERROR: u8 = 0;
    const NO_SUCH_NAME: u8 = 3;
    let &[high, low, flags, code, ..] = answer else { return false };
    let is_answer = u16::from_be_bytes([high, low]) == id && flags & 0x80 != 0;
    is_answer && (!must_know || matches!(code & 0x0f, NO_ERROR | NO_SUCH_NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read_as_the_c_library_does() {
        let text = "# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\n\
                    nameserver\t2001:db8::1\nnameserver fe80::1%eth0\n  nameserver 192.0.2.2\n\
                    nameserver 192.0.2.3\n";
        let found: Vec<String> = named(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.1", "2001:db8::1", "192.0.2.2"]);
    }

    #[test]
    fn an_answer_is_one_to_the_question() {
        let answer = |id: u16, flags: u8, code: u8| {
            let [high, low] = id.to_be_bytes();
            [high, low, flags, code, 0, 1, 0, 0, 0, 0, 0, 0]
        };
        let (refused, failed, no_such) = (5, 2, 3);
        assert!(counts(&answer(7, 0x81, refused), 7, false));
        assert!(counts(&answer(7, 0x81, 0x80 | no_such), 7, true));
        assert!(!counts(&answer(7, 0x81, failed), 7, true), "it could ask nobody");
        assert!(!counts(&answer(8, 0x81, 0), 7, false), "of another question");
        assert!(!counts(&answer(7, 0x01, 0), 7, false), "a question");
        assert!(!counts(&[0, 7], 7, false));
    }

    #[tokio::test]
    async fn a_lost_question_is_asked_again_and_each_is_for_another_name() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let here = "127.0.0.1:0".parse().unwrap();
        let asked = tokio::spawn(ask_at(server.local_addr().unwrap(), here));
        let mut question = [0; 512];
        server.recv_from(&mut question).await.unwrap();
        let (length, from) = server.recv_from(&mut question).await.unwrap();
        question[2] = 0x81;
        question[3] = 0x83;
        server.send_to(&question[..length], from).await.unwrap();
        assert!(asked.await.unwrap().unwrap());
        assert_eq!(length, 12 + 17 + 8 + 4 + 1 + 4);
        assert_ne!(super::question(1, true), super::question(1, true));
        assert_eq!(super::question(1, false).len(), 12 + 1 + 4);
    }
}
