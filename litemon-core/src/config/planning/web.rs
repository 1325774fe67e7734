//! `[web]`

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::Url;

use super::Planner;
use crate::config::{KeyPath, WebPlan, WebTlsPlan, mistake::Draft};

const LISTEN: &str = "127.0.0.1:8080";

impl Planner<'_> {
    pub(super) fn web(&mut self) -> Option<WebPlan> {
        let web = &self.config.web;
        let at = KeyPath::new(["web"]);
        let external_url = self.external_url(&at);
        let tls = self.web_tls(&at);
        let trusted_proxies = self.trusted_proxies(&at.child("trusted_proxies"));
        let listen = web.listen.as_deref().unwrap_or(LISTEN);
        let Some(listen) = address(listen) else {
            let message = "expected ADDRESS:PORT, as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080";
            self.wrong(at.child("listen"), message);
            return None;
        };
        let public = web.public.unwrap_or(false);
        let managed = self.config.manage.enabled.unwrap_or(true);
        let login = managed && (web.tls.is_some() || web.trusted_proxies.is_some());
        if !public && !login && !listen.ip().is_loopback() {
            let message = match managed {
                true => {
                    "an address that others can reach needs `tls`, or `trusted_proxies` in front \
                     of it, so that nobody reads passwords on the way; or public = true; expected \
                     a loopback address, as 127.0.0.1:8080"
                }
                false => {
                    "an address that others can reach needs public = true, as there are no logins \
                     with manage.enabled = false; expected a loopback address, as 127.0.0.1:8080"
                }
            };
            self.wrong(at.child("listen"), message);
        }
        let host = external_url.as_ref().and_then(|url| url.host_str().map(str::to_owned));
        let mut hosts: Vec<String> = host.into_iter().collect();
        hosts.extend(web.hosts.iter().flat_map(|many| many.0.iter().cloned()));
        Some(WebPlan { listen, public, hosts, external_url, tls, trusted_proxies })
    }

    fn external_url(&mut self, at: &KeyPath) -> Option<Url> {
        let text = self.config.web.external_url.as_ref()?;
        let url = Url::parse(text).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            self.wrong(at.child("external_url"), "expected http://HOST… or https://HOST…");
        }
        url
    }

    fn web_tls(&mut self, at: &KeyPath) -> Option<WebTlsPlan> {
        let tls = self.config.web.tls.as_ref()?;
        let at = at.child("tls");
        for (key, set) in [("cert", tls.cert.is_some()), ("key", tls.key.is_some())] {
            if !set {
                self.drafts.push(Draft::missing(at.child(key), "the path of a PEM file"));
            }
        }
        let (cert, key) = (tls.cert.as_ref()?, tls.key.as_ref()?);
        let cert = self.resolve(&at.child("cert"), cert);
        let key = self.resolve(&at.child("key"), key);
        Some(WebTlsPlan { cert, key })
    }

    fn trusted_proxies(&mut self, at: &KeyPath) -> Vec<IpNet> {
        let given = self.config.web.trusted_proxies.iter().flat_map(|many| &many.0);
        let read: Vec<Option<IpNet>> = given.map(|text| network(text)).collect();
        if read.iter().any(Option::is_none) {
            self.wrong(at.clone(), "expected addresses or networks, as 10.0.0.5 or 10.0.0.0/24");
        }
        read.into_iter().flatten().collect()
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn address(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?))),
        None => text.parse().ok(),
    }
}
