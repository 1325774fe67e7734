//! The world around the monitor: what probes see, and what becomes of notices that are sent.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{
    clock::Clock,
    model::{
        CheckId, CheckKind, Failure, FailureKind, Name, Notice, Observation, Reading, Status,
        Timestamp,
    },
    notify::{Accepted, Notifier, NotifierSite, SendError},
    probe::Probe,
};

/// How long a run takes where the timeline does not say.
const USUAL: Duration = Duration::from_millis(10);

/// What a check sees from some time on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Act {
    pub(super) sight: Sight,
    pub(super) detail: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) takes: Option<Duration>,
}

impl Act {
    pub(super) const fn of(sight: Sight) -> Self {
        Self { sight, detail: None, unit: None, takes: None }
    }
}

/// What is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sight {
    /// All is well, whatever sort of check it is.
    Well,
    /// It is off.
    Off,
    /// It says itself how it is.
    Says(Status),
    /// A number.
    Number(f64),
    /// Nothing, for this reason.
    Fails(FailureKind),
}

/// What a notifier does with notices from some time on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// It takes them.
    #[default]
    Up,
    /// Nothing answers: each attempt takes all of its time, in vain.
    Down,
    /// It answers at once that it cannot now.
    Fails,
    /// It will never take them.
    Refuses,
    /// It keeps them for later.
    Queues,
    /// It takes them, after so long.
    Slow(Duration),
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Accepted,
    Queued,
    Failed(String),
    Refused(String),
}

/// An attempt to send a notice.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// When it ended, on both clocks.
    pub(super) ended: Instant,
    pub(super) at: Timestamp,
    pub(super) notifier: Name,
    pub(super) recipient: String,
    pub(super) notice: Notice,
    pub(super) text: String,
    pub(super) sent: Sent,
}

/// All that the timeline changes, and all that was sent.
#[derive(Debug, Default)]
pub(super) struct Scene {
    /// Held for moments and never over an await.
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    acts: BTreeMap<CheckId, Act>,
    ways: BTreeMap<Name, Way>,
    attempts: Vec<Attempt>,
}

impl Scene {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn act(&self, checks: &[CheckId], act: &Act) {
        self.inner().acts.extend(checks.iter().map(|check| (check.clone(), act.clone())));
    }

    pub(super) fn way(&self, notifiers: &[Name], way: Way) {
        self.inner().ways.extend(notifiers.iter().map(|name| (name.clone(), way)));
    }

    /// The attempts since it was asked last.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        std::mem::take(&mut self.inner().attempts)
    }

    /// What a check sees now. What runs on a server that cannot be reached fails as its login does.
    fn sees(&self, check: &CheckId, login: Option<&CheckId>) -> Act {
        let inner = self.inner();
        let unreachable = login
            .and_then(|login| inner.acts.get(login))
            .filter(|act| matches!(act.sight, Sight::Fails(kind) if !kind.says_nothing()));
        unreachable.or(inner.acts.get(check)).cloned().unwrap_or(Act::of(Sight::Well))
    }
}

/// A probe that sees what the timeline says.
#[derive(Debug)]
pub(super) struct ScriptedProbe {
    pub(super) scene: Arc<Scene>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) check: CheckId,
    pub(super) kind: CheckKind,
    /// The login to the server that it runs on.
    pub(super) login: Option<CheckId>,
}

#[async_trait]
impl Probe for ScriptedProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let act = self.scene.sees(&self.check, self.login.as_ref());
        let waits = matches!(act.sight, Sight::Fails(FailureKind::Timeout | FailureKind::Silent));
        let ends = match act.takes {
            None if waits => deadline,
            takes => self.clock.instant() + takes.unwrap_or(USUAL),
        };
        self.clock.sleep_until(ends.min(deadline)).await;
        if ends > deadline {
            return Err(Failure::new(FailureKind::Timeout, "no answer in time"));
        }
        seen(self.kind, act)
    }
}

fn seen(kind: CheckKind, act: Act) -> Result<Observation, Failure> {
    let Act { sight, detail, unit, .. } = act;
    match sight {
        Sight::Fails(failure) => {
            Err(Failure::new(failure, detail.as_deref().unwrap_or(failure_words(failure))))
        }
        Sight::Number(value) => {
            let unit = unit.unwrap_or_else(|| usual_unit(kind).to_owned());
            Ok(Observation::Value { value, unit, detail })
        }
        Sight::Off => Ok(Observation::Switch { on: false, detail }),
        Sight::Says(status) => {
            let reading: Option<Reading> = None;
            Ok(Observation::judged(status, reading, detail.unwrap_or_default()))
        }
        Sight::Well => Ok(well(kind, unit, detail)),
    }
}

/// What is good for every limit.
fn well(kind: CheckKind, unit: Option<String>, detail: Option<String>) -> Observation {
    match kind {
        CheckKind::Ssh | CheckKind::Service => Observation::Switch { on: true, detail },
        CheckKind::Resource | CheckKind::Messaging | CheckKind::Statistic => Observation::Value {
            value: 0.0,
            unit: unit.unwrap_or_else(|| usual_unit(kind).to_owned()),
            detail,
        },
        _ => Observation::judged(Status::Ok, None::<Reading>, detail.unwrap_or_default()),
    }
}

const fn usual_unit(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Resource => "%",
        CheckKind::Messaging => "s",
        _ => "",
    }
}

/// What probes say of these.
const fn failure_words(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NotResolved => "the name has no address",
        FailureKind::Refused => "connection refused",
        FailureKind::NoRoute => "no route to host",
        FailureKind::Silent => "no answer",
        FailureKind::HostKey => "the host key is another one",
        FailureKind::Auth => "login refused",
        FailureKind::Busy => "the server has no room for more connections",
        FailureKind::Dropped => "the connection broke",
        FailureKind::Protocol => "the answer is not understood",
        FailureKind::Timeout => "no answer in time",
        FailureKind::Exit => "exit 127",
        FailureKind::Output => "the output is not understood",
        FailureKind::Overrun => "the run before is not over",
        FailureKind::Internal => "a fault of the monitor",
        FailureKind::Pending => "not called yet",
    }
}

/// A notifier that sends nowhere. To whom, how long and in which words is the real one's.
#[derive(Debug)]
pub(super) struct ScriptedNotifier {
    pub(super) scene: Arc<Scene>,
    pub(super) name: Name,
    pub(super) real: Arc<dyn Notifier>,
    pub(super) site: NotifierSite,
}

#[async_trait]
impl Notifier for ScriptedNotifier {
    fn recipients(&self) -> Vec<String> {
        self.real.recipients()
    }

    fn timeout(&self) -> Duration {
        self.real.timeout()
    }

    async fn send(
        &self,
        notice: &Notice,
        recipient: &str,
        deadline: Instant,
    ) -> Result<Accepted, SendError> {
        let way = self.scene.inner().ways.get(&self.name).copied().unwrap_or_default();
        let text = self.site.text(notice, self.site.clock.now());
        let began = self.site.clock.instant();
        let ends = match way {
            Way::Down => deadline,
            Way::Slow(takes) => began + takes,
            _ => began + USUAL,
        };
        self.site.clock.sleep_until(ends.min(deadline)).await;
        let sent = if ends > deadline { Sent::Failed(NO_ANSWER.to_owned()) } else { way.gives() };
        let answer = sent.answer();
        self.scene.inner().attempts.push(Attempt {
            ended: self.site.clock.instant(),
            at: self.site.clock.now(),
            notifier: self.name.clone(),
            recipient: recipient.to_owned(),
            notice: notice.clone(),
            text,
            sent,
        });
        answer
    }
}

const NO_ANSWER: &str = "no answer in time";

impl Way {
    fn gives(self) -> Sent {
        match self {
            Self::Up | Self::Slow(_) => Sent::Accepted,
            Self::Queues => Sent::Queued,
            Self::Down => Sent::Failed(NO_ANSWER.to_owned()),
            Self::Fails => Sent::Failed("it cannot now".to_owned()),
            Self::Refuses => Sent::Refused("it refuses".to_owned()),
        }
    }
}

impl Sent {
    fn answer(&self) -> Result<Accepted, SendError> {
        match self {
            Self::Accepted => Ok(Accepted::now("simulated")),
            Self::Queued => Ok(Accepted::queued("simulated")),
            Self::Failed(why) => Err(SendError::temporary(why)),
            Self::Refused(why) => Err(SendError::permanent(why)),
        }
    }
}
