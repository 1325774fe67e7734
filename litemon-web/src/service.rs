use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue, Request, Response, header, request::Parts, uri::PathAndQuery};
use http_body_util::Empty;
use hyper::body::Bytes;
use litemon_core::{manage::jobs::Jobs, model::Timestamp};
use tokio::sync::Semaphore;
use tower_service::Service;

use crate::{
    archive::Archive,
    body::Body,
    compress,
    gate::{
        self, Ask, Came, Entry, Form, Found, Keys, Kind, Least, Payload, Reader, Refused, Visitor,
        Welcome,
    },
    history::History,
    hooks::Answers,
    host::Hosts,
    language,
    live::{Ending, Shared},
    pages::{Page, Trouble, jobs::Work},
    past::{Past, Reading},
    routes,
    scene::Scene,
    serve::Local,
    settings::{Handles, ListenRefused, Settings},
    words::Words,
    work,
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

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
    pub(crate) reports: crate::report::Turns,
    hosts: Hosts,
    work: work::Reading,
    /// For the tokens of forms.
    pub(crate) keys: Keys,
    /// Answers to SMS, where a gateway may hand them over.
    pub(crate) answers: Option<Answers>,
}

impl Site {
    /// What a page reads of the history, once its charts have theirs or take too long.
    pub(crate) async fn past(&self, page: &Page) -> Arc<Past> {
        let snapshot = self.handles.snapshot.borrow().clone();
        self.archive.settle(page, &snapshot).await;
        self.reading.of(page, &snapshot).await
    }

    /// How many jobs run, where any can.
    pub(crate) fn running(&self) -> Option<usize> {
        self.handles.jobs.as_ref().map(Jobs::running)
    }

    /// What a page shows of jobs.
    pub(crate) async fn work(&self, page: &Page, reader: Reader) -> Arc<Work> {
        self.work.of(&self.handles, page, reader).await
    }

    /// What there is to see now on a page.
    pub(crate) fn scene(
        &self,
        words: &'static Words,
        reader: Reader,
        page: &Page,
        (past, work): (Arc<Past>, Arc<Work>),
    ) -> Scene {
        let snapshot = self.handles.snapshot.borrow().clone();
        Scene {
            strips: self.history.strips(&snapshot),
            now: self.handles.clock.now(),
            zone: self.settings.zone.clone(),
            words,
            past,
            kept: self.archive.kept(page, &snapshot),
            detail: reader.detail,
            running: self.running(),
            work,
            csrf: String::new(),
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
/// [`ListenRefused`] when it would be readable by others and is not public, and nobody could log in
/// without being overheard.
pub fn service(handles: Handles, settings: Settings) -> Result<Dashboard, ListenRefused> {
    settings.vet(&handles)?;
    let site = Arc::new(Site {
        streams: Arc::new(Semaphore::new(settings.streams.min(Semaphore::MAX_PERMITS))),
        shared: Shared::default(),
        reading: Reading::new(handles.store.clone(), handles.clock.clone()),
        reports: crate::report::Turns::default(),
        archive: Archive::new(handles.store.clone(), handles.clock.clone()),
        history: History::new(handles.store.clone(), handles.clock.clone()),
        hosts: Hosts::new(settings.listen, &settings.hosts),
        started: handles.clock.now(),
        work: work::Reading::default(),
        keys: Keys::new(),
        answers: Answers::of(&settings),
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
    #[cfg(test)]
    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    /// What is looked at before anything else.
    fn vet(&self, head: &Parts) -> Result<(), Trouble> {
        // No name leads to a socket of this machine, so none can have been bent to it.
        if head.extensions.get::<Local>().is_none() {
            self.site.hosts.check(&head.uri, &head.headers).map_err(Trouble::Host)?;
        }
        let length = head.headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > gate::MOST) {
            Err(Trouble::TooLarge)
        } else {
            Ok(())
        }
    }

    /// Lets a request in, or says why not.
    async fn answer<B>(
        &self,
        mut head: Parts,
        body: B,
        words: &'static Words,
    ) -> Result<Response<Body>, Refused>
    where
        B: hyper::body::Body + Send,
        B::Error: Into<BoxError>,
    {
        let kind = Kind::of(head.uri.path());
        self.vet(&head).map_err(|trouble| Refused::new(Kind::Page, trouble))?;
        let (entry, segments) = match gate::find(&head.method, head.uri.path()) {
            Found::Entry(entry, segments) => (entry, segments),
            Found::Method(allow) => return Err(Refused::method(kind, allow)),
            Found::Nothing => return Err(Refused::new(kind, Trouble::NotFound)),
        };
        let visitor = self.visitor(entry, &head).await.map_err(|why| Refused::new(kind, why))?;
        let handles = &self.site.handles;
        let own_login = handles.manage.is_some() && handles.authenticator.is_none();
        Refused::by(gate::judge(entry, &visitor), entry, &head, own_login)?;
        let payload = if head.method.is_safe() || !entry.takes_body {
            Payload::default()
        } else {
            gate::read(body).await.map_err(|trouble| Refused::new(kind, trouble))?
        };
        gate::judge_proof(entry, &head, &visitor, &payload, &self.site)
            .map_err(|trouble| Refused::new(kind, trouble))?;
        let visitor = Arc::new(visitor);
        let welcome = Welcome {
            site: Arc::clone(&self.site),
            entry,
            visitor: Arc::clone(&visitor),
            head: head.clone(),
        };
        let answer = match entry.answer {
            Some(answer) => {
                let ask = self.ask(head, segments, &payload, visitor, words);
                answer(ask).await.map(Body::new)
            }
            None => {
                head.extensions.insert(visitor);
                head.extensions.insert(payload);
                (self.route)(Request::from_parts(head, Empty::new())).await
            }
        };
        Ok(gate::while_welcome(answer, welcome))
    }

    async fn visitor(&self, entry: &Entry, head: &Parts) -> Result<Visitor, Trouble> {
        let nobody = || Visitor::stranger_to(&self.site, Came::of(head, &self.site.settings));
        match entry.least {
            Least::Anyone => Ok(nobody()),
            Least::Public => Ok(Visitor::of(head, &self.site).await.unwrap_or_else(|_| nobody())),
            _ => Visitor::of(head, &self.site).await,
        }
    }

    fn ask(
        &self,
        head: Parts,
        segments: Vec<String>,
        payload: &Payload,
        visitor: Arc<Visitor>,
        words: &'static Words,
    ) -> Ask {
        Ask {
            site: Arc::clone(&self.site),
            visitor,
            words,
            segments,
            here: head.uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned(),
            query: Form::parse(head.uri.query().unwrap_or_default().as_bytes()),
            form: Form::parse(&payload.0),
            ending: head.extensions.get::<Ending>().cloned(),
        }
    }
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dashboard").field("settings", &self.site.settings).finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for Dashboard
where
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        let words = language::of(&head.headers, self.site.settings.language);
        head.extensions.insert(words);
        let takes_gzip = compress::takes_gzip(&head.headers);
        let dashboard = self.clone();
        Box::pin(async move {
            let answer = dashboard.answer(head, body, words).await;
            let answer = answer.unwrap_or_else(Refused::into_response);
            let response = routes::explained(answer, words);
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
        // A form without its referrer has no origin either.
        (header::REFERRER_POLICY, "same-origin"),
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
