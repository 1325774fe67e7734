//! Live jobs as server-sent events: a job with its results, and what one server puts out.
//!
//! Neither keeps a queue. What a server puts out is read from where the reader is, which the event's
//! id says: a reader that comes back goes on from there.

use std::{convert::Infallible, time::Duration};

use futures_util::stream;
use litemon_core::{
    manage::jobs::{JobChange, JobId},
    model::Name,
};
use sync_wrapper::SyncStream;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio_util::sync::CancellationToken;
use warp::{Reply, sse::Event};

use super::{
    call::{Answer, Call},
    job_types::{Job, JobOutput},
    jobs::{Desk, number, server},
    problem::Refusal,
};

/// The shortest time between two events.
const PACE: Duration = Duration::from_millis(250);
/// The longest between two looks: what runs in another process tells nobody here.
const BEAT: Duration = Duration::from_secs(2);

/// One reader.
struct Reader {
    desk: Desk,
    id: JobId,
    /// Of the output of one server: which, and where the next part begins.
    output: Option<(Name, u64)>,
    changes: broadcast::Receiver<JobChange>,
    ending: CancellationToken,
    told: Option<Job>,
    begun: bool,
    over: bool,
    _permit: OwnedSemaphorePermit,
}

/// `event: job` whenever something of it changed; the stream ends with the job.
pub(super) async fn job(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    desk.job(&call).await?;
    follow(call, desk, None)
}

/// `event: output` with what comes; the stream ends behind the last of it.
pub(super) async fn output(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    let server = server(&call)?;
    let from =
        call.last_event.or_else(|| call.query.number("from").and_then(|n| n.try_into().ok()));
    let from = from.unwrap_or(0);
    desk.jobs.output(&desk.by, number(&call)?, &server, from).await?;
    follow(call, desk, Some((server, from)))
}

fn follow(call: Call, desk: Desk, output: Option<(Name, u64)>) -> Answer {
    if call.head_only {
        let head = warp::reply::with_header("", "content-type", "text/event-stream");
        return Ok(head.into_response());
    }
    let permit = call.site.streams.clone().try_acquire_owned().map_err(|_| Refusal::busy())?;
    let reader = Reader {
        id: number(&call)?,
        changes: desk.jobs.watch(),
        desk,
        output,
        ending: call.ending.map_or_else(CancellationToken::new, |ending| ending.0),
        told: None,
        begun: false,
        over: false,
        _permit: permit,
    };
    let events = stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok::<_, Infallible>(event), reader))
    });
    // One thread at a time polls it, which is all that the body's type wants to know.
    Ok(warp::sse::reply(SyncStream::new(events)).into_response())
}

impl Reader {
    async fn next(&mut self) -> Option<Event> {
        while !self.over {
            if self.begun {
                let ending = self.ending.clone();
                tokio::select! {
                    () = ending.cancelled() => return None,
                    () = self.due() => {}
                }
            }
            self.begun = true;
            let event =
                if self.output.is_some() { self.more().await } else { self.changed().await };
            match event {
                Ok(Some(event)) => return Some(event),
                Ok(None) => {}
                // A reader whose rights ended, or a database that is away: it comes back and is told.
                Err(_) => return None,
            }
        }
        None
    }

    async fn due(&mut self) {
        tokio::time::sleep(PACE).await;
        let _ = tokio::time::timeout(BEAT, async {
            while let Ok(change) = self.changes.recv().await {
                if change.job == self.id {
                    break;
                }
            }
        })
        .await;
        // What piled up meanwhile is one change.
        self.changes = self.changes.resubscribe();
    }

    async fn changed(&mut self) -> Result<Option<Event>, Refusal> {
        let job = Job::from(&self.desk.jobs.job(&self.desk.by, self.id).await?);
        self.over = job.ended.is_some();
        if self.told.as_ref() == Some(&job) {
            return Ok(None);
        }
        let event = Event::default().event("job").json_data(&job);
        self.told = Some(job);
        event.map(Some).map_err(|error| Refusal::unwritten(&error))
    }

    async fn more(&mut self) -> Result<Option<Event>, Refusal> {
        let Some((server, from)) = &mut self.output else { return Ok(None) };
        let part = self.desk.jobs.output(&self.desk.by, self.id, server, *from).await?;
        self.over = part.last;
        // More is there: the next event need not wait.
        self.begun = part.next() >= part.total;
        if part.bytes.is_empty() && !part.last {
            return Ok(None);
        }
        *from = part.next();
        let id = part.next().to_string();
        let event = Event::default().event("output").id(id).json_data(JobOutput::from(part));
        event.map(Some).map_err(|error| Refusal::unwritten(&error))
    }
}
