//! Plays a timeline.

use std::{sync::Arc, time::Duration};

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
    scene::Scene,
    stage,
    timeline::{Action, By, Event, Timeline, Which},
    witness,
};
use crate::{
    clock::{Clock, VirtualClock},
    config::Plan,
    hold::{Planned, PlannedKind},
    journal::MemoryJournal,
    model::IncidentNumber,
    monitor::{Assembler, Monitor, MonitorHandle, StartError},
    policy::{Acknowledged, NewWindow, Scope, WindowKind},
};

/// How long the monitor may take to end in order.
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(15);
/// How long silence lasts, and a restart may take, where the timeline does not say.
const HOUR: Duration = Duration::from_secs(3600);
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
    running: Option<Running>,
}

/// A monitor at work, and who watches it. Dropping it is what `kill -9` does.
#[derive(Debug)]
struct Running {
    monitor: Monitor,
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
            assembler: Assembler::new(Arc::clone(&clock) as Arc<dyn Clock>),
            plan: timeline.plans.first(),
            start: clock.instant(),
            watched,
            windows: Vec::new(),
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
                self.scene.way(notifiers, *way);
                None
            }
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
        let setup = stage::setup(plan, &mut self.assembler, &self.scene, &clock);
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
            let watch = witness::watch(snapshots, log, plan.zone.clone());
            AbortOnDropHandle::new(tokio::spawn(watch))
        });
        self.running = Some(Running { monitor, _witness: witness });
        Ok(())
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
        if !killed {
            running.monitor.shutdown(SHUTDOWN_WITHIN).await;
        }
    }

    async fn reload(&mut self, plan: Option<&'a Plan>) -> Option<String> {
        let plan = plan?;
        // What does not run now starts with it.
        self.plan = Some(plan);
        let running = self.running.as_ref()?;
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let setup = stage::setup(plan, &mut self.assembler, &self.scene, &clock);
        running.monitor.handle().reload(setup).await.err().map(|error| error.to_string())
    }

    fn evidence(&self) -> Evidence {
        let handle = self.running.as_ref().map(|running| running.monitor.handle());
        Evidence {
            start: self.start,
            attempts: self.scene.attempts(),
            incidents: self.store.incidents(),
            last: handle.map(|handle| handle.snapshot()),
            windows: self.windows.clone(),
        }
    }

    fn report(self, timeline: &Timeline) -> Report {
        let mut rows = self.log.take();
        let evidence = self.evidence();
        messages::note(&evidence.attempts, &timeline.plans, &rows, &self.log);
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

/// What a running monitor is asked for; why it was in vain.
async fn ask(handle: &MonitorHandle, action: &Action, clock: &dyn Clock) -> Option<String> {
    let stopped = Some("litemon stopped".to_owned());
    match action {
        Action::Acknowledge(which, by) => {
            let given = Acknowledged::by(&by.who, clock.now()).lasting(by.lasts).note(&by.note);
            acknowledge(handle, which, Some(given)).await
        }
        Action::Unacknowledge(which) => acknowledge(handle, which, None).await,
        Action::Silence(kind, scopes, by) => silence(handle, *kind, scopes, by).await,
        Action::Unsilence(scopes) => unsilence(handle, scopes).await,
        Action::Run(checks) => {
            for check in checks {
                match handle.run_now(check.clone()).await {
                    Ok(true) => {}
                    Ok(false) => return Some(format!("there is no {check}")),
                    Err(_) => return stopped,
                }
            }
            None
        }
        Action::Plan(server, kind, by) => {
            let within = by.lasts.unwrap_or(HOUR);
            let planned = match kind {
                PlannedKind::Restart => Planned::restart(&by.who, within),
                PlannedKind::Shutdown => Planned::shutdown(&by.who, within),
            };
            known(handle.hold(server, planned).await, "there is no such server")
        }
        Action::Back(server) => known(handle.came_back(server).await, "nothing was held"),
        _ => None,
    }
}

fn known(answer: Result<bool, crate::monitor::Stopped>, unknown: &str) -> Option<String> {
    match answer {
        Ok(true) => None,
        Ok(false) => Some(unknown.to_owned()),
        Err(stopped) => Some(stopped.to_string()),
    }
}

async fn acknowledge(
    handle: &MonitorHandle,
    which: &Which,
    given: Option<Acknowledged>,
) -> Option<String> {
    let Some(number) = number(handle, which) else {
        return Some("there is no open incident".to_owned());
    };
    known(handle.acknowledge(number, given).await, "it is not open")
}

fn number(handle: &MonitorHandle, which: &Which) -> Option<IncidentNumber> {
    match which {
        Which::Number(number) => Some(*number),
        Which::Check(check) => {
            let snapshot = handle.snapshot();
            snapshot.incidents.iter().find(|one| one.check == *check).map(|one| one.number)
        }
    }
}

async fn silence(
    handle: &MonitorHandle,
    kind: WindowKind,
    scopes: &[Scope],
    by: &By,
) -> Option<String> {
    let new = NewWindow::new(kind, scopes.to_vec(), by.lasts.unwrap_or(HOUR), &by.who);
    match handle.add_window(new.note(&by.note)).await {
        Ok(Some(_)) => None,
        Ok(None) => Some("there are too many such times".to_owned()),
        Err(stopped) => Some(stopped.to_string()),
    }
}

/// Ends the windows that are about these.
async fn unsilence(handle: &MonitorHandle, scopes: &[Scope]) -> Option<String> {
    let snapshot = handle.snapshot();
    let about = |scope: &Scope| scopes.contains(scope);
    let ended = snapshot.windows.iter().filter(|one| one.id > 0 && one.scopes.iter().any(about));
    let mut none = true;
    for window in ended {
        none &= !matches!(handle.end_window(window.id).await, Ok(Some(_)));
    }
    none.then(|| "there is no such time of silence".to_owned())
}
