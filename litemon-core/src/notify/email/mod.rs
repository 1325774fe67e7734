//! The notifier that sends mail.
//!
//! One mail for each recipient: the line as its subject, what is known as its text. All mails of an
//! incident are one thread. A reply of 4xx, and whatever goes wrong on the way, is tried again; a
//! reply of 5xx is not.

mod connection;
mod letter;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use lettre::message::Mailbox;
use tokio::time::Instant;

use super::{Accepted, Notifier, NotifierRecipe, NotifierSite, Outlets, SendError};
use crate::{
    model::{Notice, Route},
    secret::Secret,
};
use connection::Connector;

/// How the way to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Security {
    /// TLS, once the server has been greeted; it has to offer that.
    #[default]
    StartTls,
    /// TLS from the first byte on.
    Tls,
    /// None: to this machine only.
    None,
}

impl Security {
    /// The port that is usual for it.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// What stands under `[notifiers.email.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EmailSettings {
    /// `HOST`, `HOST:PORT` or `[IPv6]:PORT`.
    pub server: String,
    /// How the way there is protected.
    pub security: Security,
    /// Name and password, where the server asks for them.
    pub login: Option<(String, Secret)>,
    /// From whom: `NAME <ADDRESS>` or an address.
    pub from: String,
    /// To whom: the same, each with a mail of its own.
    pub recipients: Vec<String>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// A PEM file with the root certificates that are believed instead of the machine's.
    pub roots: Option<PathBuf>,
}

impl EmailSettings {
    /// Over this server, protected by STARTTLS, within 5 s; to nobody yet.
    #[must_use]
    pub fn new(server: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            server: server.into(),
            security: Security::StartTls,
            login: None,
            from: from.into(),
            recipients: Vec::new(),
            timeout: Duration::from_secs(5),
            roots: None,
        }
    }
}

/// A mail server, checked but not yet spoken to.
#[derive(Clone)]
pub struct EmailRecipe {
    plan: Arc<Plan>,
}

struct Plan {
    host: String,
    port: u16,
    security: Security,
    login: Option<(String, Secret)>,
    from: Mailbox,
    /// As they were written, and as they are understood.
    recipients: Vec<(String, Mailbox)>,
    timeout: Duration,
    roots: Option<PathBuf>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail by {}:{}", self.host, self.port)
    }
}

impl fmt::Debug for EmailRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl EmailRecipe {
    /// Checks the settings.
    ///
    /// # Errors
    /// Each mistake: the key and what is wrong, without secrets.
    pub fn new(settings: EmailSettings) -> Result<Self, Vec<(String, String)>> {
        let mut wrong: Vec<(String, String)> = Vec::new();
        let server = server(&settings.server, settings.security);
        match &server {
            None => wrong.push(("server".into(), "expected HOST or HOST:PORT".into())),
            Some((host, _)) if settings.security == Security::None && !is_here(host) => {
                let text = "only mail to a server on this machine may go without TLS; expected \
                            \"starttls\" or \"tls\"";
                wrong.push(("security".into(), text.into()));
            }
            Some(_) => {}
        }
        let from = mailbox("from", &settings.from, &mut wrong);
        let mut recipients: Vec<(String, Mailbox)> = Vec::new();
        for (index, text) in settings.recipients.iter().enumerate() {
            let key = format!("recipients.{index}");
            if let Some(mailbox) = mailbox(&key, text, &mut wrong) {
                if recipients.iter().any(|(_, other)| other.email == mailbox.email) {
                    wrong.push((key, "this address is here twice".to_owned()));
                }
                recipients.push((text.clone(), mailbox));
            }
        }
        if settings.recipients.is_empty() {
            wrong.push(("recipients".into(), "expected at least one address".into()));
        }
        if settings.timeout.is_zero() {
            wrong.push(("timeout".into(), "expected more than zero".into()));
        }
        match (server, from) {
            (Some((host, port)), Some(from)) if wrong.is_empty() => {
                let EmailSettings { security, login, timeout, roots, .. } = settings;
                let plan = Plan { host, port, security, login, from, recipients, timeout, roots };
                Ok(Self { plan: Arc::new(plan) })
            }
            _ => Err(wrong),
        }
    }
}

fn server(text: &str, security: Security) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    if host.is_empty() || !host.chars().all(good) {
        return None;
    }
    let port = match port {
        "" if !text.ends_with(':') => security.port(),
        port => port.parse().ok().filter(|port| *port != 0)?,
    };
    Some((host.to_owned(), port))
}

fn is_here(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn mailbox(key: &str, text: &str, wrong: &mut Vec<(String, String)>) -> Option<Mailbox> {
    let read = text.parse::<Mailbox>().ok();
    if read.is_none() {
        let text = "expected an address, as oncall@example.org or \"On call <oncall@example.org>\"";
        wrong.push((key.to_owned(), text.to_owned()));
    }
    read
}

impl NotifierRecipe for EmailRecipe {
    fn timeout(&self) -> Duration {
        self.plan.timeout
    }

    fn outlets(&self) -> Outlets {
        Outlets::one(Route::to_host(&self.plan.host), self.plan.timeout)
    }

    fn build(&self, site: &NotifierSite) -> Arc<dyn Notifier> {
        Arc::new(Email {
            connector: Connector::new(Arc::clone(&self.plan)),
            plan: Arc::clone(&self.plan),
            site: site.clone(),
        })
    }
}

#[derive(Debug)]
struct Email {
    plan: Arc<Plan>,
    connector: Connector,
    site: NotifierSite,
}

#[async_trait]
impl Notifier for Email {
    fn recipients(&self) -> Vec<String> {
        self.plan.recipients.iter().map(|(text, _)| text.clone()).collect()
    }

    fn timeout(&self) -> Duration {
        self.plan.timeout
    }

    async fn send(&self, notice: &Notice, to: &str, by: Instant) -> Result<Accepted, SendError> {
        let known = self.plan.recipients.iter().find(|(text, _)| text == to);
        // One of an earlier configuration, whose mail still waits.
        let to = known.map_or_else(|| to.parse().ok(), |(_, mailbox)| Some(mailbox.clone()));
        let to = to.ok_or_else(|| SendError::permanent("the recipient is no address"))?;
        let letter = letter::write(notice, &self.plan.from, to, &self.site);
        let letter = letter.map_err(SendError::permanent)?;
        let sending = self.connector.send(&letter);
        let late = || {
            let within = self.plan.timeout;
            SendError::temporary(format!("the mail server did not take it within {within:?}"))
        };
        tokio::time::timeout_at(by, sending).await.map_err(|_| late())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_as_they_are_written() {
        let read = |text| server(text, Security::StartTls);
        let is = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(read("mail.example.org"), is("mail.example.org", 587));
        assert_eq!(read("mail:2525"), is("mail", 2525));
        assert_eq!(read("[::1]:25"), is("::1", 25));
        assert_eq!(read("[::1]"), is("::1", 587));
        assert_eq!(server("h", Security::Tls), is("h", 465));
        for bad in ["", ":25", "h:", "h:0", "h:x", "smtp://h", "u@h", "::1", "[::1", "[x]:1", "a b"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn mistakes_are_all_told_and_hold_no_secret() {
        let mut settings = EmailSettings::new("mail.example.org", "litemon");
        settings.security = Security::None;
        settings.login = Some(("litemon".into(), Secret::new("hunter22".into())));
        settings.recipients = vec!["a@b.example".into(), "A <a@b.example>".into(), "nobody".into()];
        settings.timeout = Duration::ZERO;
        let wrong = EmailRecipe::new(settings.clone()).unwrap_err();
        let keys: Vec<_> = wrong.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["security", "from", "recipients.1", "recipients.2", "timeout"]);
        assert!(!format!("{wrong:?} {settings:?}").contains("hunter22"));
        settings.server = "127.0.0.1:25".into();
        settings.from = "Litemon <litemon@b.example>".into();
        settings.recipients.truncate(1);
        settings.timeout = Duration::from_secs(1);
        let recipe = EmailRecipe::new(settings).unwrap();
        assert_eq!(format!("{recipe:?}"), "mail by 127.0.0.1:25");
    }
}
