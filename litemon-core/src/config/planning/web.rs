//! `[web]`

use std::net::SocketAddr;

use super::Planner;
use crate::config::{KeyPath, WebPlan, mistake::Draft};

const LISTEN: &str = "127.0.0.1:8080";

impl Planner<'_> {
    pub(super) fn web(&mut self) -> Option<WebPlan> {
        let web = &self.config.web;
        let at = KeyPath::new(["web"]);
        let external = self.external_host(&at);
        self.web_tls(&at);
        let listen = web.listen.as_deref().unwrap_or(LISTEN);
        let Some(listen) = address(listen) else {
            let message = "expected ADDRESS:PORT, as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080";
            self.wrong(at.child("listen"), message);
            return None;
        };
        let public = web.public.unwrap_or(false);
        if !public && !listen.ip().is_loopback() {
            let message = "an address that others can reach needs public = true, as there are no \
                           logins yet; expected a loopback address, as 127.0.0.1:8080";
            self.wrong(at.child("listen"), message);
        }
        let mut hosts: Vec<String> = external.into_iter().collect();
        hosts.extend(web.hosts.iter().flat_map(|many| many.0.iter().cloned()));
        Some(WebPlan { listen, public, hosts })
    }

    fn external_host(&mut self, at: &KeyPath) -> Option<String> {
        let text = self.config.web.external_url.as_ref()?;
        let url = url::Url::parse(text).ok();
        let host = url
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .and_then(|url| url.host_str().map(str::to_owned));
        if host.is_none() {
            self.wrong(at.child("external_url"), "expected http://HOST… or https://HOST…");
        }
        host
    }

    fn web_tls(&mut self, at: &KeyPath) {
        let Some(tls) = &self.config.web.tls else { return };
        let at = at.child("tls");
        for (key, set) in [("cert", tls.cert.is_some()), ("key", tls.key.is_some())] {
            if !set {
                self.drafts.push(Draft::missing(at.child(key), "the path of a PEM file"));
            }
        }
    }
}

fn address(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?))),
        None => text.parse().ok(),
    }
}
