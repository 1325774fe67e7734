//! An address with a port.

use std::{io, net::SocketAddr, time::Duration};

use async_trait::async_trait;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout_at},
};

use super::Canary;

/// When a second connection is tried: the first one's packet may have been lost.
const AGAIN: Duration = Duration::from_millis(250);

/// A TCP port of a machine. Who refuses the connection answers too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortCanary(SocketAddr);

impl PortCanary {
    /// This port.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self(address)
    }
}

#[async_trait]
impl Canary for PortCanary {
    fn name(&self) -> String {
        self.0.to_string()
    }

    async fn answers(&self, deadline: Instant) -> bool {
        let again = async {
            sleep(AGAIN).await;
            connects(self.0).await
        };
        let either = async {
            tokio::pin!(again);
            let first = connects(self.0);
            tokio::pin!(first);
            tokio::select! {
                answered = &mut first => answered || again.await,
                answered = &mut again => answered || first.await,
            }
        };
        timeout_at(deadline, either).await.unwrap_or(false)
    }
}

/// Whether anything comes back.
pub(super) async fn connects(address: SocketAddr) -> bool {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset};
    match TcpStream::connect(address).await {
        Ok(_) => true,
        Err(error) => matches!(error.kind(), ConnectionRefused | ConnectionReset),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn answers(address: &str) -> bool {
        let deadline = Instant::now() + Duration::from_millis(600);
        PortCanary::new(address.parse().unwrap()).answers(deadline).await
    }

    #[tokio::test]
    async fn a_port_answers_open_or_closed_and_what_cannot_be_reached_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        assert!(answers(&address).await);
        drop(listener);
        assert!(answers(&address).await, "refused");
        // Nothing can be sent there over TCP.
        assert!(!answers("255.255.255.255:9").await);
    }
}
