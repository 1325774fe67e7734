//! One conversation with the mail server for each mail.

use std::{error::Error, fmt, sync::Arc};

use lettre::{
    Message,
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        extension::ClientId,
    },
};
use tokio::sync::OnceCell;

use super::{Plan, Security};
use crate::{
    model::one_line,
    notify::{Accepted, SendError},
};

/// More than any bundle of root certificates has.
const ROOTS_LIMIT: u64 = 4 * 1024 * 1024;

/// What of a reply is quoted, in bytes.
const QUOTED: usize = 200;

/// Speaks to the server.
pub(super) struct Connector {
    plan: Arc<Plan>,
    // Made when it is first used, as it reads certificates.
    tls: OnceCell<TlsParameters>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl Connector {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        Self { plan, tls: OnceCell::new() }
    }

    /// Hands one mail over. The caller sets the deadline.
    ///
    /// Cancel safety: dropping the future closes the connection; the mail may have arrived.
    pub(super) async fn send(&self, letter: &Message) -> Result<Accepted, SendError> {
        let mut connection = self.connect().await?;
        if let Some((name, password)) = &self.plan.login {
            let login = Credentials::new(name.clone(), password.expose().to_owned());
            let done = connection.auth(DEFAULT_MECHANISMS, &login).await;
            done.map_err(|error| self.failed("login", &error))?;
        }
        let sent = connection.send(letter.envelope(), &letter.formatted()).await;
        let reply = sent.map_err(|error| self.failed("", &error))?;
        // It is taken already; how the conversation ends changes nothing.
        let _ = connection.quit().await;
        let said: Vec<&str> = reply.message().collect();
        Ok(Accepted::now(self.clean(&format!("{} {}", reply.code(), said.join(" ")))))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let plan = &self.plan;
        let (name, place) = (hello(), (plan.host.as_str(), plan.port));
        let tls = match plan.security {
            Security::None => None,
            _ => Some(self.tls().await?.clone()),
        };
        let (at_once, later) = match plan.security {
            Security::Tls => (tls, None),
            _ => (None, tls),
        };
        let connected =
            AsyncSmtpConnection::connect_tokio1(place, None, &name, at_once, None).await;
        let mut connection = connected.map_err(|error| self.failed("connecting", &error))?;
        if let Some(tls) = later {
            let done = connection.starttls(tls, &name).await;
            done.map_err(|error| self.failed("STARTTLS", &error))?;
        }
        Ok(connection)
    }

    async fn tls(&self) -> Result<&TlsParameters, SendError> {
        let make = || async {
            let plan = Arc::clone(&self.plan);
            let made = tokio::task::spawn_blocking(move || parameters(&plan)).await;
            made.unwrap_or_else(|error| Err(error.to_string())).map_err(SendError::temporary)
        };
        self.tls.get_or_try_init(make).await
    }

    fn failed(&self, doing: &str, error: &SmtpError) -> SendError {
        let text = self.clean(&said(error));
        let text = if doing.is_empty() { text } else { format!("{doing}: {text}") };
        // What the server refuses for good, or what it cannot do at all.
        if error.is_permanent() || error.is_client() {
            SendError::permanent(text)
        } else {
            SendError::temporary(text)
        }
    }

    fn clean(&self, text: &str) -> String {
        let text = match &self.plan.login {
            Some((_, password)) if !password.expose().is_empty() => {
                text.replace(password.expose(), "***")
            }
            _ => text.to_owned(),
        };
        one_line(&text, QUOTED)
    }
}

/// The reply, or the last of the causes, which says what happened.
fn said(error: &SmtpError) -> String {
    let mut deepest: &dyn Error = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    let text = deepest.to_string();
    match error.status() {
        Some(code) => format!("{code} {text}"),
        None => text,
    }
}

/// How litemon calls itself: by the name of this machine.
fn hello() -> ClientId {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if !name.is_empty() && name.chars().all(good) {
        ClientId::Domain(name)
    } else {
        ClientId::default()
    }
}

/// Reads certificates, so it blocks.
fn parameters(plan: &Plan) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(plan.host.clone());
    if let Some(file) = &plan.roots {
        let wrong = |what: String| format!("root certificates {}: {what}", file.display());
        let size = std::fs::metadata(file).map_err(|error| wrong(error.to_string()))?.len();
        if size > ROOTS_LIMIT {
            return Err(wrong("more than 4 MiB".to_owned()));
        }
        let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
        for root in roots(&pem).map_err(wrong)? {
            builder = builder.add_root_certificate(root);
        }
        builder = builder.certificate_store(CertificateStore::None);
    }
    builder.build_rustls().map_err(|error| said(&error))
}

fn roots(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    let text = String::from_utf8_lossy(pem);
    let mut found = Vec::new();
    for part in text.split_inclusive("-----END CERTIFICATE-----") {
        if let Some(begin) = part.find("-----BEGIN CERTIFICATE-----") {
            let one = part.get(begin..).unwrap_or_default();
            let read = Certificate::from_pem(one.as_bytes());
            found.push(read.map_err(|error| said(&error))?);
        }
    }
    if found.is_empty() { Err("no root certificate in it".to_owned()) } else { Ok(found) }
}
