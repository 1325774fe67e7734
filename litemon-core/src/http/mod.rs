//! Outgoing HTTP, as checks and notifiers use it.
//!
//! TLS by rustls with ring, given explicitly; the system's proxy only where it was asked for; redirects
//! counted; bodies cut; every error one short line of a known kind, without the URL. Whoever sends sets
//! the deadline.

mod client;
mod exchange;
mod fault;
mod redirect;
mod tls;

#[cfg(test)]
pub(crate) mod far_side;

pub(crate) use client::{ClientSettings, LazyClient};
pub(crate) use exchange::{Answer, exchange_by};
pub(crate) use redirect::Redirects;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::secret::Secret;

/// An http or https URL with a host. The error says nothing of the URL's text.
pub(crate) fn parse_url(secret: &Secret) -> Result<Url, String> {
    match Url::parse(secret.expose()) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            Err("expected http:// or https://".to_owned())
        }
        Ok(url) if url.host_str().is_none_or(str::is_empty) => {
            Err("expected a host in the URL".to_owned())
        }
        Ok(url) => Ok(url),
        Err(error) => Err(format!("expected a URL: {error}")),
    }
}

/// Scheme and host: as much of a URL as may be shown.
pub(crate) fn shown(url: &Url) -> String {
    format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Headers whose values are kept from sight. The error names one whose value cannot be sent.
pub(crate) fn headers<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let wrong = || format!("the header {name} cannot hold this value");
        let key: HeaderName = name.parse().map_err(|_| wrong())?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}
