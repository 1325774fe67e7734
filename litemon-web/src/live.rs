//! `/events`: what changed on a page, as server-sent events.
//!
//! A stream keeps no queue. It holds what it sent last and, at most four times a second, sends what
//! differs now; a slow reader misses what lies between and nothing piles up for it.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{Stream, stream};
use litemon_core::{
    manage::jobs::{JobChange, Jobs},
    monitor::Snapshot,
};
use serde::Serialize;
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use warp::sse::Event;

use crate::{
    assets,
    gate::Reader,
    pages::{Block, Fragment, Page, jobs::Work},
    past::Past,
    scene::Scene,
    service::Site,
    words::Words,
};

/// The shortest time between two events of a stream.
const PACE: Duration = Duration::from_millis(250);
/// The longest: ages change without a result, and a reader must hear that the stream lives.
const BEAT: Duration = Duration::from_secs(5);
/// How old a drawing may be that several streams share.
const SHARED: Duration = Duration::from_millis(200);

/// Told to a request by [`serve()`](crate::serve()): when its streams have to end.
#[derive(Clone, Debug)]
pub(crate) struct Ending(pub(crate) CancellationToken);

/// A page's content at one moment, to be compared and sent.
#[derive(Debug)]
pub(crate) struct Frame {
    made: Instant,
    snapshot: Arc<Snapshot>,
    parts: Vec<(String, Arc<str>)>,
    lists: Vec<List>,
    patch: Facts,
}

/// The fragments of a list, in their order.
#[derive(Debug)]
struct List {
    id: String,
    items: Vec<(String, Arc<str>)>,
}

impl Frame {
    fn fragments(&self) -> impl Iterator<Item = &(String, Arc<str>)> {
        self.parts.iter().chain(self.lists.iter().flat_map(|list| &list.items))
    }
}

/// What every event says.
#[derive(Clone, Debug, Serialize)]
struct Facts {
    build: &'static str,
    now: i64,
    last: Option<i64>,
    patience: Option<u64>,
    title: String,
    state: &'static str,
}

#[derive(Debug, Serialize)]
struct Patch<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    put: BTreeMap<&'a str, &'a str>,
    /// Of each list whose order changed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    order: BTreeMap<&'a str, Vec<&'a str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    emptied: Vec<String>,
}

/// The last drawings, shared by the streams of the same page in the same language for readers with
/// the same rights.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<HashMap<Kind, Arc<Frame>>>);

/// What a drawing is of, in which language, for whom.
type Kind = (Page, &'static str, Reader);

/// A page as one reader has it.
struct Live {
    site: Arc<Site>,
    words: &'static Words,
    reader: Reader,
    page: Page,
    changes: watch::Receiver<Arc<Snapshot>>,
    /// Counts up when history was read.
    read: watch::Receiver<u64>,
    /// Of what runs, where that can be seen.
    jobs: Option<broadcast::Receiver<JobChange>>,
    ending: CancellationToken,
    sent: HashMap<String, Arc<str>>,
    order: HashMap<String, Vec<String>>,
    started: bool,
    monitor_gone: bool,
    behind: bool,
    // Gives the place among the streams back.
    _permit: OwnedSemaphorePermit,
}

/// The events of a page: all of it first, then what changes.
pub(crate) fn events(
    site: Arc<Site>,
    words: &'static Words,
    reader: Reader,
    page: Page,
    ending: Option<Ending>,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    let live = Live {
        changes: site.handles.snapshot.clone(),
        read: site.archive.told(),
        jobs: site.handles.jobs.as_ref().map(Jobs::watch).filter(|_| page.shows_jobs()),
        ending: ending.map_or_else(CancellationToken::new, |ending| ending.0),
        site,
        words,
        reader,
        page,
        sent: HashMap::new(),
        order: HashMap::new(),
        started: false,
        monitor_gone: false,
        behind: false,
        _permit: permit,
    };
    stream::unfold(live, |mut live| async move {
        let event = live.next().await?;
        Some((Ok(event), live))
    })
}

impl Live {
    async fn next(&mut self) -> Option<Event> {
        if self.started && !self.wait().await {
            return None;
        }
        let event = Event::default();
        let event = if self.started { event } else { event.retry(Duration::from_secs(2)) };
        self.started = true;
        let Some(frame) = self.frame().await else { return self.gone(event) };
        self.behind = !Arc::ptr_eq(&frame.snapshot, &self.changes.borrow_and_update());
        event.event("patch").json_data(self.patch(&frame)).ok()
    }

    /// Waits until there may be something to send; `false` when the stream has to end.
    async fn wait(&mut self) -> bool {
        let ending = self.ending.clone();
        tokio::select! {
            () = ending.cancelled() => false,
            () = self.due() => true,
        }
    }

    async fn due(&mut self) {
        tokio::time::sleep(PACE).await;
        if self.behind || self.monitor_gone {
            let rest = if self.behind { Duration::ZERO } else { BEAT };
            return tokio::time::sleep(rest).await;
        }
        let news = async {
            tokio::select! {
                changed = self.changes.changed() => changed.is_err(),
                // The archive lives as long as this.
                _ = self.read.changed() => false,
                () = heard(&mut self.jobs) => false,
            }
        };
        if let Ok(true) = tokio::time::timeout(BEAT, news).await {
            self.monitor_gone = true;
        }
    }

    /// The server of the page was taken out of the configuration: one last word, then the end.
    fn gone(&mut self, event: Event) -> Option<Event> {
        self.ending = CancellationToken::new();
        self.ending.cancel();
        Some(event.event("gone").data("gone"))
    }

    async fn frame(&self) -> Option<Arc<Frame>> {
        let past = self.site.past(&self.page).await;
        let work = self.site.work(&self.page, self.reader).await;
        self.site.shared.frame(&self.site, self.words, self.reader, &self.page, (past, work))
    }

    /// What of the frame the reader does not have yet.
    fn patch<'a>(&mut self, frame: &'a Frame) -> Patch<'a> {
        let mut put = BTreeMap::new();
        for (id, html) in frame.fragments() {
            if self.sent.get(id).is_none_or(|sent| sent != html) {
                put.insert(id.as_str(), &**html);
            }
        }
        self.sent = frame.fragments().cloned().collect();
        let mut order = BTreeMap::new();
        for list in &frame.lists {
            let ids: Vec<_> = list.items.iter().map(|(id, _)| id.as_str()).collect();
            if self.order.get(&list.id).is_none_or(|before| *before != ids) {
                self.order.insert(list.id.clone(), ids.iter().map(|id| (*id).to_owned()).collect());
                order.insert(list.id.as_str(), ids);
            }
        }
        // A list that is no more, as that of a group which was taken out, is told as an empty one.
        let gone = |id: &String| !frame.lists.iter().any(|list| list.id == *id);
        let emptied = self.order.extract_if(|id, _| gone(id)).map(|(id, _)| id).collect();
        Patch { facts: &frame.patch, put, order, emptied }
    }
}

/// Until something about a job is different.
async fn heard(jobs: &mut Option<broadcast::Receiver<JobChange>>) {
    let Some(changes) = jobs else { return std::future::pending().await };
    if let Err(broadcast::error::RecvError::Closed) = changes.recv().await {
        *jobs = None;
    }
}

impl Shared {
    fn frame(
        &self,
        site: &Site,
        words: &'static Words,
        reader: Reader,
        page: &Page,
        read: (Arc<Past>, Arc<Work>),
    ) -> Option<Arc<Frame>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = site.handles.clock.instant();
        kept.retain(|_, frame| now < frame.made + SHARED);
        let key = (page.clone(), words.code, reader);
        if let Some(frame) = kept.get(&key) {
            return Some(frame.clone());
        }
        let frame = Arc::new(Frame::draw(site.scene(words, reader, page, read), site, page)?);
        kept.insert(key, frame.clone());
        Some(frame)
    }
}

impl Frame {
    fn draw(scene: Scene, site: &Site, page: &Page) -> Option<Self> {
        let drawing = page.draw(&scene)?;
        let text = |parts: Vec<Fragment>| {
            parts.into_iter().map(|part| (part.id, part.html.into_string().into())).collect()
        };
        let mut fixed = drawing.fixed;
        let mut lists = Vec::new();
        for block in drawing.tiles {
            match block {
                Block::Fixed(_) => {}
                Block::List(list) | Block::Table(_, _, list) => lists.push(list),
                Block::Folds(folds) => {
                    fixed.extend(folds.into_iter().flat_map(|fold| [fold.summary, fold.tools]));
                }
                Block::Group { summary, lists: inside, .. } => {
                    fixed.push(summary);
                    lists.extend(inside);
                }
            }
        }
        let lists = lists.into_iter().map(|list| List { id: list.id, items: text(list.items) });
        let (last, patience) = page.pulse(&scene);
        Some(Self {
            made: site.handles.clock.instant(),
            parts: text(fixed),
            lists: lists.collect(),
            patch: Facts {
                build: assets::build(),
                now: scene.now.as_millis(),
                last: last.map(|at| at.as_millis()),
                patience: patience
                    .map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
                title: drawing.title,
                state: crate::pages::state(drawing.state),
            },
            snapshot: scene.snapshot,
        })
    }
}
