use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
};
use tokio::sync::OnceCell;

use super::{
    Redirects,
    fault::{Fault, NotResolved},
    tls,
};

/// Connections are kept this long for the next request: shorter than servers keep them, so that a
/// request does not meet one that is just being closed.
const IDLE: Duration = Duration::from_secs(15);

/// Connecting takes at most this long, the TLS handshake included, whatever the deadline.
const CONNECT: Duration = Duration::from_secs(10);

/// As many addresses of a name are tried.
const ADDRESSES: usize = 8;

/// How a client behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientSettings {
    /// A PEM file with the root certificates that are believed instead of the machine's.
    pub(crate) roots: Option<PathBuf>,
    /// How far redirects are followed.
    pub(crate) redirects: Redirects,
    /// Whether the system's proxy (`HTTP_PROXY` and so on) is used.
    pub(crate) proxy: bool,
    /// Whether connections are kept for a while. A kept one hides that a server takes no new ones.
    pub(crate) keep: bool,
    /// Whether answers tell the certificate that they came with.
    pub(crate) certificate: bool,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            roots: None,
            redirects: Redirects::NONE,
            proxy: false,
            keep: true,
            certificate: false,
        }
    }
}

/// A client that is made when it is first used, as it reads certificates; one pool of connections.
#[derive(Debug, Default)]
pub(crate) struct LazyClient {
    settings: ClientSettings,
    client: OnceCell<Client>,
}

impl LazyClient {
    pub(crate) fn new(settings: ClientSettings) -> Self {
        Self { settings, client: OnceCell::new() }
    }

    /// The client. Cancel safety: a client that was being made is made at the next call.
    pub(crate) async fn get(&self) -> Result<&Client, Fault> {
        let make = || async {
            let settings = self.settings.clone();
            let made = tokio::task::spawn_blocking(move || build(&settings)).await;
            made.unwrap_or_else(|error| Err(Fault::internal(error.to_string())))
        };
        self.client.get_or_try_init(make).await
    }
}

fn build(settings: &ClientSettings) -> Result<Client, Fault> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls::config(settings.roots.as_deref())?)
        .dns_resolver(Arc::new(Names))
        .redirect(settings.redirects.policy())
        // It would tell the next host the URL, which may be secret.
        .referer(false)
        .tls_info(settings.certificate)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("litemon/", env!("CARGO_PKG_VERSION")));
    if !settings.proxy {
        builder = builder.no_proxy();
    }
    if !settings.keep {
        builder = builder.pool_max_idle_per_host(0);
    }
    builder.build().map_err(|error| Fault::of(&error.without_url()))
}

/// The system's resolver, with an error that can be told from others.
#[derive(Clone, Copy, Debug)]
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: io::Result<Vec<SocketAddr>> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map(|a| a.take(ADDRESSES).collect());
            match found {
                Ok(list) if !list.is_empty() => Ok(Box::new(list.into_iter()) as Addrs),
                _ => Err(NotResolved.into()),
            }
        })
    }
}
