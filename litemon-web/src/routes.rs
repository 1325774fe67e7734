//! Which address gives what.

use std::{convert::Infallible, sync::Arc};

use http::{
    HeaderValue, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use serde::{Deserialize, Serialize};
use warp::{Filter, Rejection, Reply, filters::BoxedFilter, path::FullPath, reply::Response};

use crate::{
    assets,
    health::Health,
    json,
    live::{self, Ending},
    pages::{Page, Trouble, error, shell},
    service::Site,
    words::Words,
};

/// All of them, as a filter that answers everything.
pub(crate) fn routes(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let reads = warp::get().or(warp::head()).unify();
    let words = site.words;
    reads
        .and(pages(site).or(live(site)).unify().or(machine(site)).unify())
        .recover(move |rejection| async move { Ok::<_, Infallible>(refuse(words, &rejection)) })
        .map(Reply::into_response)
        .boxed()
}

fn with(
    site: &Arc<Site>,
) -> impl Filter<Extract = (Arc<Site>,), Error = Infallible> + Clone + use<> {
    let site = site.clone();
    warp::any().map(move || site.clone())
}

fn pages(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let overview =
        warp::path::end().and(with(site)).map(|site: Arc<Site>| page(&site, &Page::Overview));
    let server =
        warp::path!("servers" / String).and(with(site)).map(|name: String, site: Arc<Site>| {
            named(&site, &name)
                .map_or_else(|| trouble(&site, Trouble::NotFound), |of| page(&site, &of))
        });
    let asset = warp::path("assets").and(warp::path::full()).and(with(site)).map(file);
    overview.or(server).unify().or(asset).unify().boxed()
}

fn live(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    warp::path!("events")
        .and(warp::query::<Of>())
        .and(warp::ext::optional::<Ending>())
        .and(warp::method())
        .and(with(site))
        .map(stream)
        .boxed()
}

fn machine(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let health = warp::path!("healthz").and(with(site)).map(|site: Arc<Site>| healthz(&site));
    let resources = warp::path!("dashboard" / "get" / "rmon" / String)
        .and(with(site))
        .map(|name: String, site: Arc<Site>| rmon(&site, &name));
    let services = warp::path!("dashboard" / "get" / "svcstats")
        .and(with(site))
        .map(|site: Arc<Site>| svcstats(&site));
    health.or(resources).unify().or(services).unify().boxed()
}

/// Which page's events.
#[derive(Debug, Deserialize)]
struct Of {
    server: Option<String>,
}

fn named(site: &Site, name: &str) -> Option<Page> {
    let snapshot = site.handles.snapshot.borrow();
    snapshot.server(name).map(|server| Page::Server(server.name.clone()))
}

fn page(site: &Site, page: &Page) -> Response {
    let scene = site.scene();
    match page.draw(&scene) {
        Some(drawing) => {
            html(StatusCode::OK, shell(&scene, page, &drawing, &site.settings.version))
        }
        None => trouble(site, Trouble::NotFound),
    }
}

fn file(path: FullPath, site: Arc<Site>) -> Response {
    let Some(asset) = assets::find(path.as_str()) else {
        return trouble(&site, Trouble::NotFound);
    };
    let mut response = typed(asset.content.into_response(), asset.kind);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(CACHE_CONTROL, forever);
    response
}

fn stream(of: Of, ending: Option<Ending>, method: http::Method, site: Arc<Site>) -> Response {
    let page = match of.server {
        None => Some(Page::Overview),
        Some(name) => named(&site, &name),
    };
    let Some(page) = page else { return trouble(&site, Trouble::NotFound) };
    if method == http::Method::HEAD {
        return typed("".into_response(), "text/event-stream");
    }
    let Ok(permit) = site.streams.clone().try_acquire_owned() else {
        let mut busy = trouble(&site, Trouble::Busy);
        busy.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("10"));
        return busy;
    };
    warp::sse::reply(live::events(site, page, ending, permit)).into_response()
}

fn healthz(site: &Site) -> Response {
    let health = Health::of(&site.handles.snapshot.borrow(), site.handles.clock.now());
    let status =
        if health == Health::Ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    warp::reply::with_status(health.word(), status).into_response()
}

fn rmon(site: &Site, name: &str) -> Response {
    let snapshot = site.handles.snapshot.borrow().clone();
    match snapshot.server(name) {
        Some(server) => json(&json::Resources::of(server, site.handles.clock.now())),
        None => {
            let unknown = json(&serde_json::json!({ "error": "no server has this name" }));
            warp::reply::with_status(unknown, StatusCode::NOT_FOUND).into_response()
        }
    }
}

fn svcstats(site: &Site) -> Response {
    let snapshot = site.handles.snapshot.borrow().clone();
    json(&json::services(&snapshot, &site.settings.zone, site.handles.clock.now()))
}

fn json(value: &impl Serialize) -> Response {
    warp::reply::json(value).into_response()
}

fn html(status: StatusCode, page: maud::Markup) -> Response {
    let reply = warp::reply::with_status(page.into_string(), status);
    typed(reply.into_response(), "text/html; charset=utf-8")
}

fn typed(mut response: Response, kind: &'static str) -> Response {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn trouble(site: &Site, trouble: Trouble) -> Response {
    refused(site.words, trouble)
}

/// The answer for what cannot be answered otherwise.
pub(crate) fn refused(words: &Words, trouble: Trouble) -> Response {
    html(trouble.status(), error(words, trouble))
}

fn refuse(words: &Words, rejection: &Rejection) -> Response {
    if rejection.find::<warp::reject::MethodNotAllowed>().is_none() {
        return refused(words, Trouble::NotFound);
    }
    let mut response = refused(words, Trouble::Method);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
