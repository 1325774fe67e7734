use std::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper::body::{Bytes, Frame, SizeHint};

/// The body of an answer: a page, or a stream that goes on.
pub struct Body(UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>);

impl Body {
    /// Any body.
    pub(crate) fn new<B>(body: B) -> Self
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(body.map_err(Into::into).boxed_unsync())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
