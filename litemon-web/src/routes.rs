//! Which address gives what.

use std::{convert::Infallible, sync::Arc};

use http::{
    HeaderValue, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE},
};
use litemon_core::{manage::jobs::JobId, model::IncidentNumber};
use serde::{Deserialize, Serialize};
use warp::{Filter, Rejection, Reply, filters::BoxedFilter, path::FullPath, reply::Response};

use crate::{
    api, assets,
    body::Body,
    calls,
    chart::range::Range,
    gate::{Ask, Entry, Least, Visitor},
    health::Health,
    hooks, json,
    language::Choice,
    live::{self, Ending},
    pages::{Asked, JobSearch, Ordered, Page, Trouble, Wanted, desk::Sheet, error, shell},
    scene::Scene,
    service::Site,
    words::Words,
};

/// The addresses that the filters below answer, with who may ask.
pub(crate) fn entries() -> Vec<Entry> {
    let anyone = ["/healthz", "/language", "/assets/{file*}"];
    let seen = [
        "/",
        "/servers",
        "/servers/{server}",
        "/checks/{owner}/{check}",
        "/incidents",
        "/incidents/{number}",
        "/events",
        "/dashboard/get/rmon/{server}",
        "/dashboard/get/svcstats",
        "/dashboard/get/userstats",
        "/dashboard/get/messaging",
    ];
    let all = anyone.map(|path| (path, Least::Anyone)).into_iter();
    let all = all.chain(seen.map(|path| (path, Least::Seen)));
    all.map(|(path, least)| Entry::filtered(http::Method::GET, path, least)).collect()
}

/// All of them, as a filter that answers everything.
pub(crate) fn routes(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let reads = warp::get().or(warp::head()).unify();
    let reads = reads.and(pages(site).or(live(site)).unify().or(machine(site)).unify());
    api::routes(site)
        .or(hooks::routes(site))
        .unify()
        .or(calls::routes(site))
        .unify()
        .or(reads)
        .unify()
        .recover(|rejection| async move { Ok::<_, Infallible>(refuse(&rejection)) })
        .map(Reply::into_response)
        .boxed()
}

fn with(
    site: &Arc<Site>,
) -> impl Filter<Extract = (Arc<Site>,), Error = Infallible> + Clone + use<> {
    let site = site.clone();
    warp::any().map(move || site.clone())
}

/// The words of the one who asks, as the service found them.
fn words() -> impl Filter<Extract = (&'static Words,), Error = Rejection> + Copy {
    warp::ext::get::<&'static Words>()
}

/// Who asks, as the gate found them.
fn visitor() -> impl Filter<Extract = (Arc<Visitor>,), Error = Rejection> + Copy {
    warp::ext::get::<Arc<Visitor>>()
}

fn pages(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let overview = warp::path::end()
        .and(warp::query::<Wanted>())
        .map(|wanted: Wanted| Some(Page::Overview(wanted.into())));
    let servers = warp::path!("servers")
        .and(warp::query::<Wanted>())
        .and(warp::query::<Ordered>())
        .and(warp::query::<Picked>())
        .map(|wanted: Wanted, order: Ordered, picked: Picked| {
            Some(Page::Servers(wanted.into(), order.into(), picked.select == "all"))
        });
    let incidents = warp::path!("incidents")
        .and(warp::query::<Asked>())
        .map(|asked: Asked| Some(Page::Incidents(asked.into())));
    let incident =
        warp::path!("incidents" / IncidentNumber).map(|number| Some(Page::Incident(number)));
    let server = warp::path!("servers" / String)
        .and(with(site))
        .map(|name: String, site: Arc<Site>| named(&site, &name));
    let check = warp::path!("checks" / String / String)
        .and(warp::query::<Shown>())
        .and(with(site))
        .map(|owner: String, name: String, shown: Shown, site: Arc<Site>| {
            check(&site, &format!("{owner}/{name}"), shown)
        });
    let drawn = overview.or(servers).unify().or(incidents).unify().or(incident).unify();
    let drawn = drawn.or(server).unify().or(check).unify();
    let drawn = drawn.and(words()).and(visitor()).and(with(site)).then(page);
    let language = warp::path!("language").and(warp::query::<Choice>()).map(choose);
    let asset = warp::path("assets").and(warp::path::full()).map(file);
    drawn.or(language).unify().or(asset).unify().boxed()
}

fn live(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    warp::path!("events")
        .and(warp::query::<Of>())
        .and(warp::query::<Asked>())
        .and(
            warp::query::<Wanted>()
                .and(warp::query::<Ordered>())
                .map(|wanted, order| (wanted, order)),
        )
        .and(warp::ext::optional::<Ending>())
        .and(warp::method())
        .and(words().and(visitor()).map(|words, visitor| (words, visitor)))
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
    let statistics = warp::path!("dashboard" / "get" / "userstats")
        .and(with(site))
        .map(|site: Arc<Site>| userstats(&site));
    let trips = warp::path!("dashboard" / "get" / "messaging")
        .and(with(site))
        .map(|site: Arc<Site>| messaging(&site));
    let originals = resources.or(services).unify().or(statistics).unify().or(trips).unify();
    health.or(originals).unify().boxed()
}

/// Which page's events.
#[derive(Debug, Deserialize)]
struct Of {
    server: Option<String>,
    incident: Option<IncidentNumber>,
    page: Option<String>,
    check: Option<String>,
    job: Option<JobId>,
    #[serde(default)]
    before: String,
    #[serde(flatten)]
    shown: Shown,
}

/// What of a check's page.
#[derive(Debug, Deserialize)]
struct Shown {
    range: Option<String>,
}

impl Of {
    fn page(self, asked: Asked, list: (Wanted, Ordered), site: &Site) -> Option<Page> {
        if let Some(id) = self.check {
            return check(site, &id, self.shown);
        }
        if let Some(id) = self.job {
            return Some(Page::Job(id));
        }
        let (wanted, order) = list;
        match (self.page.as_deref(), self.incident, self.server) {
            (Some("incidents"), ..) => Some(Page::Incidents(asked.into())),
            (Some("jobs"), ..) => Some(Page::Jobs(wanted.of_jobs(&self.before))),
            (Some("servers"), ..) => Some(Page::Servers(wanted.into(), order.into(), false)),
            (Some(_), ..) => None,
            (None, Some(number), _) => Some(Page::Incident(number)),
            (None, None, Some(name)) => named(site, &name),
            (None, None, None) => Some(Page::Overview(wanted.into())),
        }
    }
}

fn named(site: &Site, name: &str) -> Option<Page> {
    let snapshot = site.handles.snapshot.borrow();
    snapshot.server(name).map(|server| Page::Server(server.name.clone()))
}

fn check(site: &Site, id: &str, shown: Shown) -> Option<Page> {
    let snapshot = site.handles.snapshot.borrow();
    let range = shown.range.as_deref().map(Range::parse).unwrap_or_default();
    snapshot.check(id).map(|check| Page::Check(check.id.clone(), range))
}

/// Which servers are selected when the page comes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Picked {
    select: String,
}

/// Answers with a page.
pub(crate) async fn page(
    page: Option<Page>,
    words: &'static Words,
    visitor: Arc<Visitor>,
    site: Arc<Site>,
) -> Response {
    let Some(page) = page else { return refused(Trouble::NotFound) };
    let reader = visitor.reader();
    let read = (site.past(&page).await, site.work(&page, reader).await);
    let mut scene = site.scene(words, reader, &page, read);
    scene.csrf.clone_from(&visitor.csrf);
    match page.draw(&scene) {
        Some(drawing) => {
            html(StatusCode::OK, shell(&scene, &page, &drawing, &visitor, &site.settings.version))
        }
        None => refused(page.trouble(&scene)),
    }
}

/// Answers with a page that stays as it is, drawn from what the monitor knows.
pub(crate) fn still(
    ask: &Ask,
    status: StatusCode,
    draw: impl FnOnce(&Scene) -> (String, maud::Markup),
) -> Response {
    let page = Page::Jobs(JobSearch::default());
    let read = (Arc::default(), Arc::default());
    let mut scene = ask.site.scene(ask.words, ask.visitor.reader(), &page, read);
    scene.csrf.clone_from(&ask.visitor.csrf);
    let (title, content) = draw(&scene);
    Sheet { status, ..Sheet::new(title, "/jobs", content) }.answer(ask)
}

/// Remembers a language and leads back to where the reader was.
fn choose(choice: Choice) -> Response {
    let Some(cookie) = choice.cookie() else { return refused(Trouble::NotFound) };
    let mut response = warp::reply::with_status("", StatusCode::SEE_OTHER).into_response();
    response.headers_mut().insert(LOCATION, choice.back());
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}

fn file(path: FullPath) -> Response {
    let Some(asset) = assets::find(path.as_str()) else { return refused(Trouble::NotFound) };
    let mut response = typed(asset.content.into_response(), asset.kind);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(CACHE_CONTROL, forever);
    response
}

fn stream(
    of: Of,
    asked: Asked,
    list: (Wanted, Ordered),
    ending: Option<Ending>,
    method: http::Method,
    (words, visitor): (&'static Words, Arc<Visitor>),
    site: Arc<Site>,
) -> Response {
    let page = of.page(asked, list, &site);
    let Some(page) = page else { return refused(Trouble::NotFound) };
    if method == http::Method::HEAD {
        return typed("".into_response(), "text/event-stream");
    }
    let Ok(permit) = site.streams.clone().try_acquire_owned() else {
        let mut busy = refused(Trouble::Busy);
        busy.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("10"));
        return busy;
    };
    warp::sse::reply(live::events(site, words, visitor.reader(), page, ending, permit))
        .into_response()
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

fn userstats(site: &Site) -> Response {
    let snapshot = site.handles.snapshot.borrow().clone();
    json(&json::statistics(&snapshot, &site.settings.zone))
}

fn messaging(site: &Site) -> Response {
    let snapshot = site.handles.snapshot.borrow().clone();
    json(&json::messaging(&snapshot, &site.settings.zone, site.handles.clock.now()))
}

fn json(value: &impl Serialize) -> Response {
    warp::reply::json(value).into_response()
}

pub(crate) fn html(status: StatusCode, page: maud::Markup) -> Response {
    let reply = warp::reply::with_status(page.into_string(), status);
    typed(reply.into_response(), "text/html; charset=utf-8")
}

fn typed(mut response: Response, kind: &'static str) -> Response {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The answer for what cannot be answered otherwise; [`explained`] puts it into words.
pub(crate) fn refused(trouble: Trouble) -> Response {
    let mut response = warp::reply::with_status("", trouble.status()).into_response();
    response.extensions_mut().insert(trouble);
    response
}

/// The answer, with a page that tells the reader in his language what went wrong.
pub(crate) fn explained(mut answer: http::Response<Body>, words: &Words) -> http::Response<Body> {
    let Some(trouble) = answer.extensions_mut().remove::<Trouble>() else { return answer };
    let page = html(trouble.status(), error(words, trouble));
    let (mut head, body) = page.into_parts();
    for name in [ALLOW, RETRY_AFTER] {
        head.headers.extend(answer.headers().get(&name).cloned().map(|value| (name, value)));
    }
    http::Response::from_parts(head, Body::new(body))
}

fn refuse(rejection: &Rejection) -> Response {
    if rejection.find::<warp::reject::MethodNotAllowed>().is_none() {
        return refused(Trouble::NotFound);
    }
    let mut response = refused(Trouble::Method);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
