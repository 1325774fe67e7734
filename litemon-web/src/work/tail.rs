//! `/jobs/ID/tail`: what is printed on servers, as it comes, from where each reader is.
//!
//! It keeps no queue: what a slow reader has not been given stands in the job's output.

use std::{convert::Infallible, time::Duration};

use futures_util::{Stream, stream};
use http::{HeaderValue, header::RETRY_AFTER};
use litemon_core::{
    manage::{
        ManageError, Principal,
        jobs::{JobChange, JobId, Jobs, OutputPart},
    },
    model::Name,
};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use warp::{Reply, reply::Response, sse::Event};

use super::{number, office};
use crate::{gate::Ask, pages::Trouble, plain::Plain, routes::refused};

/// Outputs that one stream brings.
const MOST: usize = 32;
/// The shortest time between two looks at the outputs.
const PACE: Duration = Duration::from_millis(250);
/// The longest: a job of another process does not tell of its changes here.
const BEAT: Duration = Duration::from_secs(2);
/// After so many looks without news the reader is told that the stream lives.
const SILENT: u32 = 7;
/// The longest that one look may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// Read before what is asked for, so that a colour that begins there is not taken for text.
const BEFORE: u64 = 256;

/// Answers with the stream.
pub(super) async fn tail(ask: Ask) -> Response {
    match open(&ask).await {
        Ok(response) => response,
        Err(trouble) => refused(trouble),
    }
}

async fn open(ask: &Ask) -> Result<Response, Trouble> {
    let (jobs, _) = office(ask)?;
    let id = number(ask)?;
    let by = ask.visitor.principal.clone().ok_or(Trouble::Forbidden)?;
    jobs.job(&by, id).await.map_err(|_| Trouble::NoJob)?;
    let outputs: Vec<_> = ask.query.all("s").take(MOST).filter_map(Output::parse).collect();
    let Ok(permit) = ask.site.streams.clone().try_acquire_owned() else {
        let mut busy = refused(Trouble::Busy);
        busy.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("10"));
        return Ok(busy);
    };
    let ending = ask.ending.clone().map_or_else(CancellationToken::new, |ending| ending.0);
    let changes = jobs.watch();
    let tail = Tail {
        jobs: jobs.clone(),
        by,
        id,
        outputs,
        changes,
        ending,
        place: 0,
        quiet: 0,
        over: false,
        _permit: permit,
    };
    Ok(warp::sse::reply(events(tail)).into_response())
}

/// One server's output, and where its reader is.
struct Output {
    server: Name,
    from: u64,
    plain: Option<Plain>,
    last: bool,
}

impl Output {
    /// `NAME:BYTES`
    fn parse(text: &str) -> Option<Self> {
        let (server, from) = text.rsplit_once(':')?;
        let (server, from) = (Name::new(server).ok()?, from.parse().ok()?);
        Some(Self { server, from, plain: None, last: false })
    }
}

/// What an event says.
#[derive(Debug, Serialize)]
struct News<'a> {
    server: &'a str,
    text: String,
    /// Where what comes next begins.
    next: u64,
}

struct Tail {
    jobs: Jobs,
    by: Principal,
    id: JobId,
    outputs: Vec<Output>,
    changes: broadcast::Receiver<JobChange>,
    ending: CancellationToken,
    /// Whose turn it is: all are served, however much one of them prints.
    place: usize,
    quiet: u32,
    over: bool,
    // Gives the place among the streams back.
    _permit: OwnedSemaphorePermit,
}

fn events(tail: Tail) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((Ok(event), tail))
    })
}

impl Tail {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.over {
                return None;
            }
            match self.look().await {
                Ok(Some(event)) => {
                    self.quiet = 0;
                    return Some(event);
                }
                Ok(None) if self.outputs.iter().all(|output| output.last) => {
                    self.over = true;
                    return Some(Event::default().event("end").data("end"));
                }
                Ok(None) => {}
                // The reader comes again, and is then told why.
                Err(_) => return None,
            }
            if !self.wait().await {
                return None;
            }
            self.quiet += 1;
            if self.quiet >= SILENT {
                self.quiet = 0;
                return Some(Event::default().comment("here"));
            }
        }
    }

    /// What is new at the next place that has something new.
    async fn look(&mut self) -> Result<Option<Event>, ManageError> {
        let count = self.outputs.len();
        for turn in 0..count {
            let place = (self.place + turn) % count;
            let Some(output) = self.outputs.get_mut(place).filter(|output| !output.last) else {
                continue;
            };
            if let Some(event) = output.read(&self.jobs, &self.by, self.id).await? {
                self.place = place + 1;
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Waits until there may be something new; `false` when the stream has to end.
    async fn wait(&mut self) -> bool {
        let ending = self.ending.clone();
        tokio::select! {
            () = ending.cancelled() => false,
            () = self.due() => true,
        }
    }

    async fn due(&mut self) {
        tokio::time::sleep(PACE).await;
        let id = self.id;
        let news = async {
            loop {
                match self.changes.recv().await {
                    Ok(change) if change.job != id => {}
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        let _ = tokio::time::timeout(BEAT, news).await;
    }
}

/// Reads in a task of its own, as what waits here has to be `Sync`; it ends when nobody waits.
async fn part(
    jobs: &Jobs,
    by: &Principal,
    id: JobId,
    server: &Name,
    from: u64,
) -> Result<OutputPart, ManageError> {
    let (jobs, by, server) = (jobs.clone(), by.clone(), server.clone());
    let read = async move { jobs.output(&by, id, &server, from).await };
    let task = AbortOnDropHandle::new(tokio::spawn(tokio::time::timeout(DEADLINE, read)));
    let late = || ManageError::Conflict("the output of a job cannot be read in time".to_owned());
    task.await.map_err(|_| late())?.map_err(|_| late())?
}

impl Output {
    async fn read(
        &mut self,
        jobs: &Jobs,
        by: &Principal,
        id: JobId,
    ) -> Result<Option<Event>, ManageError> {
        let resumed = self.plain.is_none();
        let ask = if resumed { self.from.saturating_sub(BEFORE) } else { self.from };
        let part = part(jobs, by, id, &self.server, ask).await?;
        self.last = part.last;
        let plain = self.plain.get_or_insert_default();
        let known = usize::try_from(self.from.saturating_sub(part.from)).unwrap_or(usize::MAX);
        let (known, new) = part.bytes.split_at(known.min(part.bytes.len()));
        plain.feed(known);
        if new.is_empty() {
            return Ok(None);
        }
        let mut text = plain.feed(new);
        if part.from > self.from {
            text.insert_str(0, "\n[…]\n");
        }
        self.from = part.next();
        let next = self.from.saturating_sub(plain.held() as u64);
        let news = News { server: self.server.as_str(), text, next };
        Ok(Event::default().event("out").json_data(news).ok())
    }
}
