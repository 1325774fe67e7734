use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::Empty;
use hyper::body::Bytes;
use litemon_core::model::Timestamp;
use tokio::sync::Semaphore;
use tower_service::Service;

use crate::{
    archive::Archive,
    body::Body,
    compress,
    history::History,
    host::Hosts,
    language,
    live::Shared,
    pages::{Page, Trouble},
    past::{Past, Reading},
    routes,
    scene::Scene,
    serve::Local,
    settings::{Handles, ListenRefused, Settings},
    words::Words,
};

/// The longest body of a request, in bytes. Nothing reads one yet.
const MAX_BODY: u64 = 64 * 1024;

/// Everything that pages are made from.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) handles: Handles,
    pub(crate) settings: Settings,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) shared: Shared,
    /// When this program began to show it.
    pub(crate) started: Timestamp,
    history: History,
    reading: Reading,
    pub(crate) archive: Archive,
    hosts: Hosts,
}

impl Site {
    /// What a page reads of the history, once its charts have theirs or take too long.
    pub(crate) async fn past(&self, page: &Page) -> Arc<Past> {
        let snapshot = self.handles.snapshot.borrow().clone();
        self.archive.settle(page, &snapshot).await;
        self.reading.of(page, &snapshot).await
    }

    /// What there is to see now on a page.
    pub(crate) fn scene(&self, words: &'static Words, page: &Page, past: Arc<Past>) -> Scene {
        let snapshot = self.handles.snapshot.borrow().clone();
        Scene {
            strips: self.history.strips(&snapshot),
            now: self.handles.clock.now(),
            zone: self.settings.zone.clone(),
            words,
            past,
            kept: self.archive.kept(page, &snapshot),
            detail: self.settings.detail(),
            snapshot,
        }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.code).finish()
    }
}

type Answer = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;
type Route = dyn Fn(Request<Empty<Bytes>>) -> Answer + Send + Sync;

/// The dashboard as a [tower service](tower_service::Service): always ready, never failing. Clones
/// share everything.
///
/// It does no waiting of its own except for the history that a page shows, a few seconds at most,
/// and in the live streams of `/events`, which go on until their reader leaves or, under
/// [`serve()`](crate::serve()), until the shutdown.
#[derive(Clone)]
pub struct Dashboard {
    site: Arc<Site>,
    route: Arc<Route>,
}

/// The dashboard over what a monitor publishes.
///
/// # Errors
/// [`ListenRefused`] when it would be readable by others and is not public.
pub fn service(handles: Handles, settings: Settings) -> Result<Dashboard, ListenRefused> {
    settings.vet()?;
    let site = Arc::new(Site {
        streams: Arc::new(Semaphore::new(settings.streams.min(Semaphore::MAX_PERMITS))),
        shared: Shared::default(),
        reading: Reading::new(handles.store.clone(), handles.clock.clone()),
        archive: Archive::new(handles.store.clone(), handles.clock.clone()),
        history: History::new(handles.store.clone(), handles.clock.clone()),
        hosts: Hosts::new(settings.listen, &settings.hosts),
        started: handles.clock.now(),
        handles,
        settings,
    });
    let filter = warp::service(routes::routes(&site));
    let route = move |request| -> Answer {
        let answer = filter.clone().call(request);
        Box::pin(async move {
            match answer.await {
                Ok(response) => response.map(Body::new),
                Err(never) => match never {},
            }
        })
    };
    Ok(Dashboard { site, route: Arc::new(route) })
}

impl Dashboard {
    fn vet(&self, head: &http::request::Parts) -> Result<(), Trouble> {
        // No name leads to a socket of this machine, so none can have been bent to it.
        if head.extensions.get::<Local>().is_none() {
            self.site.hosts.check(&head.uri, &head.headers).map_err(Trouble::Host)?;
        }
        let length = head.headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > MAX_BODY) { Err(Trouble::TooLarge) } else { Ok(()) }
    }
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dashboard").field("settings", &self.site.settings).finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for Dashboard {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // No route reads a body, so it is dropped here, unread.
        let (mut head, _) = request.into_parts();
        let words = language::of(&head.headers, self.site.settings.language);
        head.extensions.insert(words);
        let takes_gzip = compress::takes_gzip(&head.headers);
        let answer: Answer = match self.vet(&head) {
            Ok(()) => (self.route)(Request::from_parts(head, Empty::new())),
            Err(trouble) => Box::pin(std::future::ready(routes::refused(trouble).map(Body::new))),
        };
        Box::pin(async move {
            let response = routes::explained(answer.await, words);
            let mut response = if takes_gzip { compress::gzip(response).await } else { response };
            protect(response.headers_mut());
            Ok(response)
        })
    }
}

/// What keeps a browser from doing more with an answer than showing it. Style and script come from
/// here only and never stand in a page.
fn protect(headers: &mut HeaderMap) {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                          connect-src 'self'; base-uri 'none'; form-action 'self'; \
                          frame-ancestors 'none'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
