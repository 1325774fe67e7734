//! What is shown comes from here: a task that listens to the monitor's events and asks it anew after
//! each; without events it asks every two seconds, and goes on asking while nobody answers.

use std::{sync::Arc, time::Duration};

use litemon_core::{clock::Clock, model::Timestamp};
use litemon_web::api::types::{Series, StatusReport};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    client::{Client, understood},
    error::Result,
};

/// How often a monitor without events is asked, and one that does not answer.
const EVERY: Duration = Duration::from_secs(2);
/// Events come at least every five seconds: silence for longer means that nobody is there.
const SILENCE: Duration = Duration::from_secs(15);

/// The newest that is known.
#[derive(Clone, Debug, Default)]
pub struct News {
    pub report: Option<Arc<StatusReport>>,
    /// The values of the check that is looked at.
    pub series: Option<Arc<Series>>,
    /// Since when nobody answers, and what was met.
    pub gone: Option<(Timestamp, String)>,
}

/// The task, and what it found. Dropping it ends the task.
#[derive(Debug)]
pub struct Feed {
    news: watch::Receiver<News>,
    wanted: watch::Sender<Option<String>>,
    _task: AbortOnDropHandle<()>,
}

impl Feed {
    pub fn start(client: Client, clock: Arc<dyn Clock>) -> Self {
        let (sender, news) = watch::channel(News::default());
        let (wanted, want) = watch::channel(None);
        let follower = Follower { client, clock, news: sender, want };
        let task = AbortOnDropHandle::new(tokio::spawn(follower.follow()));
        Self { news, wanted, _task: task }
    }

    /// Asks for the values of a check, or of none any more.
    pub fn want(&self, check: Option<String>) {
        self.wanted.send_if_modified(|wanted| {
            let changed = *wanted != check;
            *wanted = check;
            changed
        });
    }

    /// What is new. Cancel safe.
    pub async fn next(&mut self) -> News {
        if self.news.changed().await.is_err() {
            // The task never ends by itself.
            std::future::pending::<()>().await;
        }
        self.news.borrow_and_update().clone()
    }
}

struct Follower {
    client: Client,
    clock: Arc<dyn Clock>,
    news: watch::Sender<News>,
    want: watch::Receiver<Option<String>>,
}

impl Follower {
    async fn follow(mut self) {
        loop {
            if self.ask().await
                && let Ok(mut events) = self.client.events().await
            {
                while self.heard(&mut events).await {
                    if !self.ask().await {
                        break;
                    }
                }
            }
            self.pause().await;
        }
    }

    /// Waits for an event, or for another wish; whether one came.
    async fn heard(&mut self, events: &mut reqwest::Response) -> bool {
        tokio::select! {
            chunk = tokio::time::timeout(SILENCE, events.chunk()) => {
                matches!(chunk, Ok(Ok(Some(_))))
            }
            wish = self.want.changed() => wish.is_ok(),
        }
    }

    async fn pause(&mut self) {
        let wish = async {
            if self.want.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let _ = tokio::time::timeout(EVERY, wish).await;
    }

    /// Asks how it stands; whether somebody answered.
    async fn ask(&mut self) -> bool {
        let asked = self.status().await;
        let series = self.series().await;
        let now = self.clock.now();
        self.news.send_modify(|news| match asked {
            Ok(report) => {
                *news = News { report: Some(Arc::new(report)), series, gone: None };
            }
            Err(error) => {
                let since = news.gone.take().map_or(now, |(since, _)| since);
                news.gone = Some((since, error.to_string()));
            }
        });
        self.news.borrow().gone.is_none()
    }

    async fn status(&self) -> Result<StatusReport> {
        understood(&self.client.text("status").await?)
    }

    /// The values of the last hour, if somebody looks at them and history has them.
    async fn series(&mut self) -> Option<Arc<Series>> {
        let check = self.want.borrow_and_update().clone()?;
        let from = self.clock.now().minus(Duration::from_secs(3_600)).as_millis();
        let path = format!("checks/{check}/series?from={from}&points=120");
        let text = self.client.text(&path).await.ok()?;
        understood(&text).ok().map(Arc::new)
    }
}
