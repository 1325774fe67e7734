//! Plays a timeline.

use std::{sync::Arc, time::Duration};

use tokio_util::task::AbortOnDropHandle;

use super::{
    expect,
    log::Log,
    messages,
    oblivion::Oblivion,
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
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .map_err(PlayError::Runtime)?;
    runtime.block_on(async {
        let mut player = Player::new(timeline);
        player.play(timeline).await?;
        Ok(player.report(timeline))
    })
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
    running: Option<Running>,
}

/// A monitor at work, and who watches it. Dropping it is what `kill -9` does.
#[derive(Debug)]
struct Running {
    monitor: Monitor,
    _witness: AbortOnDropHandle<()>,
}

impl<'a> Player<'a> {
    fn new(timeline: &'a Timeline) -> Self {
        let clock = Arc::new(VirtualClock::new(timeline.start));
        Self {
            scene: Arc::default(),
            journal: Arc::new(MemoryJournal::bounded(SPOOLED)),
            store: Arc::default(),
            log: Arc::new(Log::new(Arc::clone(&clock))),
            assembler: Assembler::new(Arc::clone(&clock) as Arc<dyn Clock>),
            plan: timeline.plans.first(),
            clock,
            running: None,
        }
    }

    async fn play(&mut self, timeline: &'a Timeline) -> Result<(), PlayError> {
        let start = self.clock.instant();
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
        self.log.note(Happening::Event { about: about.clone(), text: text.clone() });
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
                Some(running) => ask(&running.monitor.handle(), asked, &*self.clock).await,
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
        let witness = tokio::spawn(witness::watch(snapshots, log, plan.zone.clone()));
        self.running = Some(Running { monitor, _witness: AbortOnDropHandle::new(witness) });
        Ok(())
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

    fn report(self, timeline: &Timeline) -> Report {
        let mut rows = self.log.take();
        messages::note(&self.scene.attempts(), &timeline.plans, &rows, &self.log);
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
