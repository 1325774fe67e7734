use std::borrow::Cow;

use reqwest::{RequestBuilder, Response, StatusCode, header::HeaderMap, tls::TlsInfo};
use tokio::time::{Instant, timeout_at};

use super::fault::Fault;
use crate::{exec::seconds, model::FailureKind};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    #[allow(dead_code, reason = "only notifiers read them")]
    pub(crate) headers: HeaderMap,
    /// As much of it as is read.
    pub(crate) body: Vec<u8>,
    /// Whether that is all of it.
    pub(crate) whole: bool,
    /// The certificate of who answered (DER), where the client tells it.
    pub(crate) certificate: Option<Vec<u8>>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Sends it and reads the answer, up to so many bytes of its body; by a deadline or not at all.
///
/// Cancel safety: dropping the future closes the connection.
pub(crate) async fn exchange_by(
    request: RequestBuilder,
    limit: usize,
    deadline: Instant,
) -> Result<Answer, Fault> {
    let begun = Instant::now();
    let late = |what: &str| {
        Fault::new(FailureKind::Timeout, format!("{what} within {}", seconds(begun.elapsed())))
    };
    if begun >= deadline {
        return Err(Fault::new(FailureKind::Timeout, "no time was left to ask"));
    }
    let response = timeout_at(deadline, request.send()).await;
    let response = response.map_err(|_| late("no answer"))?.map_err(fault)?;
    let answer = timeout_at(deadline, read(response, limit)).await;
    answer.map_err(|_| late("no end of the answer"))?
}

fn fault(error: reqwest::Error) -> Fault {
    Fault::of(&error.without_url())
}

/// Reads up to the limit and no further: an endless body ends here.
async fn read(mut response: Response, limit: usize) -> Result<Answer, Fault> {
    let (mut body, mut whole) = (Vec::new(), true);
    while let Some(chunk) = response.chunk().await.map_err(fault)? {
        let room = limit - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            whole = false;
            break;
        }
    }
    let tls = response.extensions().get::<TlsInfo>();
    let certificate = tls.and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec);
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    Ok(Answer { status, headers, body, whole, certificate })
}
