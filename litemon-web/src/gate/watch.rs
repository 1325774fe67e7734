//! Live streams end soon after their reader's right to them has.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Response, header::CONTENT_TYPE, request::Parts};
use hyper::body::{Bytes, Frame, SizeHint};
use tokio::time::Sleep;

use super::{Entry, Least, Verdict, Visitor, judge, visitor::Someone};
use crate::{body::Body, service::Site};

/// How often it is asked whether a reader is still welcome. Looking up takes five seconds at most
/// and commonly a thousandth of one, so a stream ends within five.
const EVERY: Duration = Duration::from_secs(2);

/// Whether somebody may still read what he was let in to.
pub(crate) struct Welcome {
    pub(crate) site: Arc<Site>,
    pub(crate) entry: &'static Entry,
    pub(crate) visitor: Someone,
    /// What the request said of who sent it.
    pub(crate) head: Parts,
}

impl Welcome {
    async fn lasts(&self) -> bool {
        let now = tokio::time::timeout(EVERY, Visitor::of(&self.head, &self.site)).await;
        let Ok(Ok(now)) = now else { return false };
        self.visitor.is_still(&now) && judge(self.entry, &now) == Verdict::Welcome
    }
}

/// The answer; if it is a stream, one that ends when its reader is no longer welcome.
pub(crate) fn while_welcome(answer: Response<Body>, welcome: Welcome) -> Response<Body> {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let streams = kind.is_some_and(|kind| kind.starts_with("text/event-stream"));
    if !streams || matches!(welcome.entry.least, Least::Anyone | Least::Public) {
        return answer;
    }
    let welcome = Arc::new(welcome);
    answer.map(|body| {
        let waiting = Asking::Waits(Box::pin(tokio::time::sleep(EVERY)));
        Body::new(Watched { body, welcome, asking: waiting })
    })
}

enum Asking {
    Waits(Pin<Box<Sleep>>),
    Asks(Pin<Box<dyn Future<Output = bool> + Send>>),
    Over,
}

struct Watched {
    body: Body,
    welcome: Arc<Welcome>,
    asking: Asking,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

impl Watched {
    /// Whether it is over.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        loop {
            match &mut self.asking {
                Asking::Over => return true,
                Asking::Waits(sleep) => {
                    if sleep.as_mut().poll(cx).is_pending() {
                        return false;
                    }
                    let welcome = Arc::clone(&self.welcome);
                    self.asking = Asking::Asks(Box::pin(async move { welcome.lasts().await }));
                }
                Asking::Asks(answer) => match answer.as_mut().poll(cx) {
                    Poll::Pending => return false,
                    Poll::Ready(true) => {
                        self.asking = Asking::Waits(Box::pin(tokio::time::sleep(EVERY)));
                    }
                    Poll::Ready(false) => self.asking = Asking::Over,
                },
            }
        }
    }
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.is_over(cx) {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.asking, Asking::Over) || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
