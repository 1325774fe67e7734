//! Plays a timeline.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::{
    evidence::{Evidence, Quiet},
    expect,
    log::Log,
    messages,
    oblivion::Oblivion,
    promises,
    report::{Happening, Report},
    requests::{HOUR, ask},
    scene::Scene,
    stage,
    timeline::{Action, Event, Timeline},
    witness::{self, Rules},
};
use crate::{
    answer::{Clerk, Message, Replies, Unanswered},
    clock::{Clock, VirtualClock},
    config::Plan,
    journal::MemoryJournal,
    model::{CheckId, Route},
    monitor::{Assembler, Monitor, Setup, StartError},
    notify::report::ReportKey,
};

/// How long the monitor may take to end in order.
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(15);
/// History that is kept for a store that is down.
const SPOOLED: u64 = 10_000;

/// A timeline could not be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlayError {
    /// There is no runtime to play it on.
    #[error("the virtual clock cannot be started")]
    Runtime(#[source] std::io::Error),
    /// The monitor does not start.
    #[error("the monitor cannot start")]
    Start(#[from] StartError),
}

/// Plays a timeline to its end, on a runtime of its own whose clock jumps to what comes next. It
/// must not be called on another runtime.
///
/// # Errors
/// [`PlayError`] when that runtime or the monitor cannot start.
pub fn play(timeline: &Timeline) -> Result<Report, PlayError> {
    virtually()?.block_on(async {
        let mut player = Player::new(timeline, true);
        player.play(timeline).await?;
        Ok(player.report(timeline))
    })
}

/// Plays a timeline for what it leaves behind, without looking at each step.
pub(super) fn evidence(timeline: &Timeline) -> Result<Evidence, PlayError> {
    virtually()?.block_on(async {
        let mut player = Player::new(timeline, false);
        player.play(timeline).await?;
        Ok(player.evidence())
    })
}

fn virtually() -> Result<tokio::runtime::Runtime, PlayError> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().map_err(PlayError::Runtime)
}

/// Everything that lives beyond a restart of the monitor, and the monitor.
#[derive(Debug)]
struct Player<'a> {
    clock: Arc<VirtualClock>,
    scene: Arc<Scene>,
    journal: Arc<MemoryJournal>,
    store: Arc<Oblivion>,
    log: Arc<Log>,
    assembler: Assembler,
    plan: Option<&'a Plan>,
    start: Instant,
    /// Whether each step is taken down.
    watched: bool,
    windows: Vec<Quiet>,
    /// Checks that see nothing without the monitor's own network.
    beyond: BTreeSet<CheckId>,
    running: Option<Running>,
}

/// A monitor at work, and who watches it. Dropping it is what `kill -9` does.
#[derive(Debug)]
struct Running {
    monitor: Monitor,
    /// Answers SMS, where the configuration has a gateway hand them over.
    clerk: Option<Clerk>,
    _witness: Option<AbortOnDropHandle<()>>,
}

impl<'a> Player<'a> {
    fn new(timeline: &'a Timeline, watched: bool) -> Self {
        let clock = Arc::new(VirtualClock::new(timeline.start));
        Self {
            scene: Arc::default(),
            journal: Arc::new(MemoryJournal::bounded(SPOOLED)),
            store: Arc::default(),
            log: Arc::new(Log::new(Arc::clone(&clock))),
            // Nobody sees the addresses that it makes.
            assembler: Assembler::new(Arc::clone(&clock) as Arc<dyn Clock>)
                .with_reports(Some(ReportKey::new([0; 32]))),
            plan: timeline.plans.first(),
            start: clock.instant(),
            watched,
            windows: Vec::new(),
            beyond: BTreeSet::new(),
            clock,
            running: None,
        }
    }

    async fn play(&mut self, timeline: &'a Timeline) -> Result<(), PlayError> {
        let start = self.start;
        let mut events: Vec<Event> = timeline.events.iter().rev().cloned().collect();
        self.start().await?;
        while let Some(event) = events.pop() {
            if event.after > timeline.lasts {
                break;
            }
            self.clock.sleep_until(start + event.after).await;
            if let Action::Restart { after, .. } = &event.action {
                let again = Event { after: event.after + *after, action: Action::Start };
                let place = events.partition_point(|other| other.after > again.after);
                events.insert(place, again);
            }
            self.happens(&event.action, timeline).await?;
        }
        self.clock.sleep_until(start + timeline.lasts).await;
        Ok(())
    }

    /// Something happens. What cannot is noted.
    async fn happens(&mut self, action: &Action, timeline: &'a Timeline) -> Result<(), PlayError> {
        let (about, mut text) = action.words();
        let note = self.log.len();
        if self.watched {
            self.log.note(Happening::Event { about: about.clone(), text: text.clone() });
        }
        let failed = match action {
            Action::Start => self.start().await.map(|()| None)?,
            Action::Restart { killed, .. } => {
                self.stop(*killed).await;
                None
            }
            Action::Reload(place, _) => self.reload(timeline.plans.get(*place)).await,
            Action::See(checks, act) => {
                self.scene.act(checks, act);
                None
            }
            Action::Way(notifiers, way) => {
                self.scene.way(notifiers, None, *way);
                None
            }
            Action::Gateway(notifiers, place, way) => {
                self.scene.way(notifiers, Some(*place), *way);
                None
            }
            Action::Reports(notifiers, place, how) => {
                self.scene.reporting(notifiers, *place, *how);
                None
            }
            Action::Remedy(remedies, cure) => {
                self.scene.cure(remedies, cure);
                None
            }
            Action::Network(up) => {
                self.scene.network(*up);
                None
            }
            Action::Answer { from, text } => self.answer(from, text).await,
            Action::Clock(by) => {
                self.clock.set_by(*by);
                None
            }
            Action::Store(up) => {
                self.store.set_up(*up);
                None
            }
            Action::Journal(up) => {
                self.journal.set_failing(!up);
                None
            }
            asked => match &self.running {
                Some(running) => {
                    let failed = ask(&running.monitor.handle(), asked, &*self.clock).await;
                    if failed.is_none() {
                        self.remember(asked);
                    }
                    failed
                }
                None => Some("litemon does not run".to_owned()),
            },
        };
        if let Some(why) = failed {
            text.push_str(&format!("; in vain: {why}"));
            self.log.replace(note, Happening::Event { about, text });
        }
        Ok(())
    }

    async fn start(&mut self) -> Result<(), PlayError> {
        let Some(plan) = self.plan.filter(|_| self.running.is_none()) else { return Ok(()) };
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let setup = self.setup(plan, &clock);
        let monitor = Monitor::builder()
            .clock(clock)
            .journal(Arc::clone(&self.journal) as _)
            .store(Arc::clone(&self.store) as _)
            .retention(plan.retention)
            .measures(self.assembler.measures())
            .setup(setup)
            .start()
            .await?;
        let (snapshots, log) = (monitor.handle().watch(), Arc::clone(&self.log));
        let witness = self.watched.then(|| {
            let watch = witness::watch(snapshots, log, Rules::of(plan));
            AbortOnDropHandle::new(tokio::spawn(watch))
        });
        self.scene.runs(Some(monitor.handle()));
        let clerk = plan.sms_hook.as_ref().map(|hook| {
            let people = hook.people.iter();
            let named = people.map(|(number, name)| (number.clone(), name.to_string())).collect();
            Clerk::new(Replies::new(plan.language, plan.zone.clone()), named)
        });
        self.running = Some(Running { monitor, clerk, _witness: witness });
        Ok(())
    }

    fn setup(&mut self, plan: &Plan, clock: &Arc<dyn Clock>) -> Setup {
        let setup = stage::setup(plan, &mut self.assembler, &self.scene, clock);
        let beyond = setup.checks.iter().filter(|check| check.route == Route::Network);
        self.beyond.extend(beyond.map(|check| check.id.clone()));
        setup
    }

    /// Somebody answers by SMS; why nothing came of it.
    async fn answer(&self, from: &str, text: &str) -> Option<String> {
        let Some(running) = &self.running else { return Some("litemon does not run".to_owned()) };
        let Some(clerk) = &running.clerk else {
            return Some("no gateway hands it over: there is no [hooks.sms]".to_owned());
        };
        let (monitor, clock) = (running.monitor.handle(), &*self.clock);
        let message = Message::new(from, text).sent_at(Some(clock.now()));
        let (reply, why) = match clerk.answer(&message, &monitor, &monitor, clock).await {
            Ok(reply) => (Some(reply), format!("to {text:?}")),
            Err(why) => (None, unanswered(why).to_owned()),
        };
        if self.watched {
            self.log.note(Happening::Reply { to: from.to_owned(), text: reply, why });
        }
        None
    }

    /// People want silence from now on, or not any more.
    fn remember(&mut self, asked: &Action) {
        let now = self.clock.now();
        match asked {
            Action::Silence(_, scopes, by) => self.windows.push(Quiet {
                scopes: scopes.clone(),
                after: self.clock.instant().saturating_duration_since(self.start),
                from: now,
                until: now.plus(by.lasts.unwrap_or(HOUR)),
                ended: None,
            }),
            Action::Unsilence(scopes) => {
                let about =
                    |quiet: &&mut Quiet| quiet.scopes.iter().any(|one| scopes.contains(one));
                for quiet in self.windows.iter_mut().filter(about) {
                    quiet.ended.get_or_insert(now);
                }
            }
            _ => {}
        }
    }

    async fn stop(&mut self, killed: bool) {
        let Some(running) = self.running.take() else { return };
        self.scene.runs(None);
        if !killed {
            running.monitor.shutdown(SHUTDOWN_WITHIN).await;
        }
    }

    async fn reload(&mut self, plan: Option<&'a Plan>) -> Option<String> {
        let plan = plan?;
        // What does not run now starts with it.
        self.plan = Some(plan);
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        self.running.as_ref()?;
        let setup = self.setup(plan, &clock);
        let running = self.running.as_ref()?;
        running.monitor.handle().reload(setup).await.err().map(|error| error.to_string())
    }

    fn evidence(&self) -> Evidence {
        let handle = self.running.as_ref().map(|running| running.monitor.handle());
        let after = |at: Instant| at.saturating_duration_since(self.start);
        let healed = self.scene.healed();
        Evidence {
            start: self.start,
            attempts: self.scene.attempts(),
            incidents: self.store.incidents(),
            last: handle.map(|handle| handle.snapshot()),
            windows: self.windows.clone(),
            beyond: self.beyond.clone(),
            healed: healed.into_iter().map(|(at, check)| (after(at), check)).collect(),
        }
    }

    fn report(self, timeline: &Timeline) -> Report {
        let mut rows = self.log.take();
        let evidence = self.evidence();
        messages::note(&evidence.attempts, &timeline.plans, &rows, &self.log);
        messages::note_reports(&self.scene.reported(), &self.log);
        rows.extend(self.log.take());
        rows.sort_by_key(|row| row.after);
        let mut report = Report {
            about: timeline.about.clone(),
            zone: timeline.zone.clone(),
            start: timeline.start,
            lasts: timeline.lasts,
            rows,
            held: Vec::new(),
        };
        expect::judge(&timeline.expected, &mut report);
        if timeline.expected.invariants {
            report.held.extend(expect::kept(&promises::broken(timeline, &evidence)));
        }
        report
    }
}

/// Why somebody gets no answer.
const fn unanswered(why: Unanswered) -> &'static str {
    match why {
        Unanswered::Stranger => "nobody who is told by SMS has this number",
        Unanswered::TooMany => "there are too many of them",
        Unanswered::Empty => "nothing stands in it",
    }
}
