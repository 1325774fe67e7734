//! Asking a running monitor: over `control.sock`, or elsewhere by its URL.

use std::{path::PathBuf, sync::Arc, time::Duration};

use litemon_web::api::types::Problem;
use reqwest::{
    Method, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect::Policy,
};
use rustls_platform_verifier::BuilderVerifierExt;
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use crate::{
    args::Reach,
    context::Context,
    control,
    error::{CliError, Result},
    terminal,
};

/// The longest an answer may take: a little over what the other side allows itself.
const WITHIN: Duration = Duration::from_secs(12);
/// The longest that connecting may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The most of an answer that is read: some ten thousand checks.
const MOST: usize = 64 * 1024 * 1024;

/// A monitor that can be asked.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    /// How it is called in messages; a URL without what may be secret.
    place: String,
    socket: Option<PathBuf>,
}

impl Client {
    /// The monitor that the command line means. Nothing is asked yet.
    pub fn new(context: &Context, reach: &Reach) -> Result<Self> {
        match &reach.url {
            Some(url) => Self::far(url, context.variable("LITEMON_TOKEN")),
            None => {
                let folder = reach.state_dir.clone().map_or_else(|| context.state_dir(), Ok)?;
                Self::near(control::path(&folder))
            }
        }
    }

    fn near(socket: PathBuf) -> Result<Self> {
        if !control::fits(&socket) {
            return Err(CliError::usage(format!(
                "the path {} is too long for a socket; set a shorter state_dir, or use --url",
                socket.display()
            )));
        }
        let base = Url::parse("http://localhost/").map_err(broken)?;
        let http = client(HeaderMap::new())?.unix_socket(socket.clone()).build().map_err(broken)?;
        Ok(Self { http, base, place: socket.display().to_string(), socket: Some(socket) })
    }

    fn far(url: &str, token: Option<&str>) -> Result<Self> {
        let wrong = || CliError::usage("--url: expected http://HOST… or https://HOST…");
        let base = Url::parse(url).map_err(|_| wrong())?;
        let host = base.host_str().filter(|_| matches!(base.scheme(), "http" | "https"));
        let port = base.port().map_or_else(String::new, |port| format!(":{port}"));
        let place = format!("{}://{}{port}", base.scheme(), host.ok_or_else(wrong)?);
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            // Whoever listens on the way would have it.
            if base.scheme() != "https" && !is_loopback(&base) {
                return Err(CliError::usage(format!(
                    "LITEMON_TOKEN is not sent to {place} in the clear; use https"
                )));
            }
            headers.insert(AUTHORIZATION, bearer(token)?);
        }
        let http = client(headers)?.build().map_err(broken)?;
        Ok(Self { http, base, place, socket: None })
    }

    /// What an address below `/api/v1` says, as the JSON that it is.
    pub async fn text(&self, path: &str) -> Result<String> {
        let asked = tokio::time::timeout(WITHIN, async {
            let response = self.send(Method::GET, path, None).await?;
            self.body(response).await
        });
        asked.await.unwrap_or_else(|_| {
            Err(CliError::failed(format!("{} does not answer within {WITHIN:?}", self.place)))
        })
    }

    /// Opens the stream of events.
    pub async fn events(&self) -> Result<Response> {
        let asked = tokio::time::timeout(WITHIN, self.send(Method::GET, "events", None)).await;
        asked.unwrap_or_else(|_| {
            Err(CliError::failed(format!("{} does not answer within {WITHIN:?}", self.place)))
        })
    }

    /// Asks for something to be done; what is said to it, as the JSON that it is.
    pub async fn order(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<String> {
        let body = body.map(serde_json::to_vec).transpose().map_err(broken)?;
        let asked = tokio::time::timeout(WITHIN, async {
            let response = self.send(method, path, body).await?;
            self.body(response).await
        });
        asked.await.unwrap_or_else(|_| {
            Err(CliError::failed(format!("{} does not answer within {WITHIN:?}", self.place)))
        })
    }

    async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Response> {
        let url = self.base.join(&format!("api/v1/{path}")).map_err(broken)?;
        let mut request = self.http.request(method, url).header(ACCEPT, "application/json");
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refused(response).await)
    }

    /// Nobody is there.
    fn unreachable(&self, error: reqwest::Error) -> CliError {
        let (place, error) = (&self.place, error.without_url());
        match &self.socket {
            Some(_) if error.is_connect() => {
                CliError::failed(format!("no monitor is running here: nobody answers at {place}"))
                    .behind(error)
            }
            _ => CliError::failed(format!("{place} does not answer")).because(error),
        }
    }

    async fn refused(&self, response: Response) -> CliError {
        let status = response.status();
        let text = self.body(response).await.unwrap_or_default();
        let why = match serde_json::from_str::<Problem>(&text) {
            Ok(problem) => problem.detail,
            Err(_) if status == StatusCode::UNAUTHORIZED => {
                "it asks for a token; set LITEMON_TOKEN".to_owned()
            }
            Err(_) => format!("it answers {status}; is it a litemon?"),
        };
        CliError::failed(format!("{}: {}", self.place, terminal::clean_line(&why)))
    }

    async fn body(&self, mut response: Response) -> Result<String> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(None) => break,
                Ok(Some(chunk)) if body.len() + chunk.len() <= MOST => body.extend(chunk),
                Ok(Some(_)) => {
                    return Err(CliError::failed(format!("{} says too much", self.place)));
                }
                Err(error) => {
                    let line = format!("{} broke off its answer", self.place);
                    return Err(CliError::failed(line).because(error.without_url()));
                }
            }
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

/// An answer as what it means.
pub fn understood<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let line = "the monitor says something that this litemon does not know";
        CliError::failed(line).because(error)
    })
}

/// No proxy and no redirect: both could lead the token elsewhere.
fn client(headers: HeaderMap) -> Result<reqwest::ClientBuilder> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(broken)?
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .default_headers(headers)
        .user_agent(concat!("litemon/", env!("CARGO_PKG_VERSION"))))
}

fn bearer(token: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| CliError::usage("LITEMON_TOKEN holds what no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> CliError {
    CliError::failed("no HTTP client can be made").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_nowhere_in_the_clear_and_is_shown_nowhere() {
        for (url, sent) in [
            ("https://mon.example/", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://localhost:8080", true),
            ("http://mon.example/", false),
            ("http://10.0.0.1/", false),
        ] {
            let client = Client::far(url, Some("canary"));
            assert_eq!(client.is_ok(), sent, "{url}");
            assert!(!format!("{client:?}").contains("canary"), "{client:?}");
        }
        assert!(Client::far("http://mon.example/", None).is_ok());
        for wrong in ["mon.example", "ftp://mon.example", "", "unix:/x"] {
            assert!(Client::far(wrong, None).is_err(), "{wrong}");
        }
        let named = Client::far("https://user:canary@mon.example:8443/x?canary", None).unwrap();
        assert_eq!(named.place, "https://mon.example:8443");
    }
}
