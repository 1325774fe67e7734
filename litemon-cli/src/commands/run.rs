//! `run`: monitors and serves until it is told to stop.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use litemon_core::{
    clock::Clock,
    config::{Plan, SmsHookPlan},
    heartbeat::{self, HeartbeatPlan},
    manage::{
        Manage,
        inventory::{FactsKeeper, Places},
    },
    model::Name,
    monitor::{Assembler, Monitor, Snapshot},
    notify::report::ReportKey,
};
use litemon_web::{Dashboard, Handles, Tls};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sd_notify::NotifyState;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    args::RunArgs,
    context::{Context, open_journal, open_store, unused},
    control::{self, ControlFile},
    error::{CliError, Result},
    management::{self, Works},
    signals::{Event, Signals},
    state_dir::StateDir,
    systemd::{pet_watchdog, say},
};

/// How long the end may take: sends in flight, the journal, the history.
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(15);
/// How often it is looked whether servers were added, edited or removed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often a display without a monitor reads the store.
const RECALL_EVERY: Duration = Duration::from_secs(2);

pub async fn run(context: &Context, args: &RunArgs) -> Result<ExitCode> {
    let plan = context.plan().await?;
    if args.no_monitor {
        return show_only(context, &plan).await;
    }
    // First, so that a second litemon is told of the first one and not of its port.
    let place = StateDir::lock(&plan.state_dir)?;
    let listener = if args.no_web { None } else { Some(listen(plan.web.listen).await?) };
    Running::start(context, plan, place, listener).await?.until_stopped(context).await
}

/// Takes the dashboard's port.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    litemon_web::bind(address).await.map_err(no_dashboard)
}

/// Its text says what to do.
pub fn no_dashboard(error: litemon_web::BindError) -> CliError {
    CliError::failed(format!("the dashboard {error}")).behind(error)
}

/// A monitor at work, and its dashboard if it has one.
pub struct Running {
    plan: Plan,
    assembler: Assembler,
    monitor: Monitor,
    works: Option<Works>,
    signals: Signals,
    tasks: JoinSet<()>,
    end: CancellationToken,
    inventory: Inventory,
    heartbeat: watch::Sender<Option<HeartbeatPlan>>,
    // Its file goes before the lock does: the next monitor makes its own.
    _control: Option<ControlFile>,
    _place: StateDir,
}

impl Running {
    /// Starts to monitor, and to serve the dashboard on the listener.
    pub async fn start(
        context: &Context,
        plan: Plan,
        place: StateDir,
        listener: Option<TcpListener>,
    ) -> Result<Self> {
        let signals = Signals::listen()?;
        allow_many_files();
        let journal = open_journal(&plan).await?;
        let store = open_store(&plan)?;
        for unused in unused(&plan) {
            tracing::warn!("{unused}");
        }
        let reports = report_key(&plan)?;
        let mut assembler = Assembler::new(context.clock()).with_reports(reports.clone());
        let monitor = Monitor::builder()
            .clock(context.clock())
            .journal(journal)
            .store(Arc::clone(&store))
            .retention(plan.retention)
            .measures(assembler.measures())
            .setup(assembler.assemble(&plan))
            .start()
            .await
            .map_err(|error| CliError::failed("the monitor cannot start").because(error))?;
        let works = management::of_monitor(context, &plan, monitor.handle().watch()).await?;
        let end = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let mut handles = Handles::new(monitor.handle().watch(), store, context.clock())
            .with_monitor(monitor.handle())
            .with_reports(reports);
        if let Some(Works { manage, jobs, catalog, .. }) = &works {
            handles = handles.with_manage(manage.clone()).with_jobs(jobs.clone(), catalog.clone());
            let (manage, monitor, end) = (manage.clone(), monitor.handle(), end.clone());
            tasks.spawn(async move { manage.tell_monitor(monitor, end).await });
        }
        let manage = works.as_ref().map(|works| works.manage.clone());
        let inventory = Inventory::start(manage, &assembler, &mut tasks, &end).await;
        let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
        let dashboard = dashboard(handles, &plan, address)?;
        let control = control::listen(&plan.state_dir).map(|(listener, file)| {
            let limits = litemon_web::Limits::default();
            let (dashboard, end) = (dashboard.clone(), end.clone());
            tasks.spawn(litemon_web::serve_local(listener, dashboard, limits, end));
            file
        });
        if let Some(listener) = listener {
            serve(&mut tasks, listener, dashboard, &plan, &end)?;
        }
        let (servers, checks) = (plan.servers.len(), plan.checks.len());
        tracing::info!(servers, checks, "litemon {} monitors", env!("CARGO_PKG_VERSION"));
        if checks == 0 {
            tracing::warn!("the configuration has no checks: nothing is watched");
        }
        let (heartbeat, planned) = watch::channel(plan.heartbeat.clone());
        tasks.spawn(heartbeat::keep(monitor.handle(), planned, context.clock(), end.clone()));
        let (handle, ended) = (monitor.handle(), end.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = pet_watchdog(|| handle.lag()) => {}
                () = ended.cancelled() => {}
            }
        });
        say(&[NotifyState::Ready]);
        Ok(Self {
            plan,
            assembler,
            monitor,
            works,
            signals,
            tasks,
            end,
            inventory,
            heartbeat,
            _control: control,
            _place: place,
        })
    }

    /// Works until it is told to stop, and ends in order.
    pub async fn until_stopped(mut self, context: &Context) -> Result<ExitCode> {
        let (handle, clock) = (self.monitor.handle(), context.clock());
        loop {
            tokio::select! {
                event = self.signals.next() => if event != Event::Reload { break },
                () = self.inventory.changed(&*clock) => {}
            }
            reload(context, &mut self.plan, &mut self.assembler, &handle).await;
            if let Some(works) = &self.works {
                works.reload(&self.plan);
            }
            let next = &self.plan.heartbeat;
            self.heartbeat.send_if_modified(|now| {
                let changed = now != next;
                now.clone_from(next);
                changed
            });
            self.inventory.tell(&self.assembler);
        }
        say(&[NotifyState::Stopping]);
        tracing::info!("stopping");
        self.end.cancel();
        let jobs = async {
            if let Some(works) = &self.works {
                works.jobs.shutdown(SHUTDOWN_WITHIN).await;
            }
        };
        tokio::join!(self.monitor.shutdown(SHUTDOWN_WITHIN), jobs);
        let _ = tokio::time::timeout(SHUTDOWN_WITHIN, self.tasks.join_all()).await;
        Ok(ExitCode::SUCCESS)
    }
}

/// The servers that are added while it runs, and what is known about all of them.
struct Inventory {
    manage: Option<Manage>,
    version: Option<i64>,
    places: watch::Sender<Places>,
}

impl Inventory {
    /// Asks servers what they are, and begins to look for changes.
    async fn start(
        manage: Option<Manage>,
        assembler: &Assembler,
        tasks: &mut JoinSet<()>,
        end: &CancellationToken,
    ) -> Self {
        let (places, watched) = watch::channel(Arc::new(assembler.execs()));
        let mut version = None;
        if let Some(manage) = &manage {
            version = manage.inventory_version().await.ok();
            tasks.spawn(FactsKeeper::new(manage.clone(), watched).run(end.clone()));
        }
        Self { manage, version, places }
    }

    /// Waits until servers were added, edited or removed, by whichever process.
    ///
    /// Cancel safety: it can be dropped and called again at any time.
    async fn changed(&mut self, clock: &dyn Clock) {
        let Some(manage) = &self.manage else { return std::future::pending().await };
        loop {
            clock.sleep_until(clock.instant() + LOOK_EVERY).await;
            match manage.inventory_version().await {
                Ok(now) if self.version != Some(now) => {
                    self.version = Some(now);
                    return;
                }
                Ok(_) => {}
                Err(error) => tracing::debug!("changes of servers are not seen: {error}"),
            }
        }
    }

    /// Says which servers there are now.
    fn tell(&self, assembler: &Assembler) {
        self.places.send_replace(Arc::new(assembler.execs()));
    }
}

/// Raises the limit of open files as far as it goes: each server takes one, and the usual 1024 are
/// soon used up. A process that could not is told of by the connections that fail.
fn allow_many_files() {
    let hard = getrlimit(Resource::Nofile).maximum;
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard }) {
        tracing::warn!("the limit of open files stays as it is: {error}");
    }
}

/// Takes a new configuration, or says what is wrong with it and keeps the old one.
async fn reload(
    context: &Context,
    plan: &mut Plan,
    assembler: &mut Assembler,
    handle: &litemon_core::monitor::MonitorHandle,
) {
    say(&[NotifyState::Reloading]);
    match context.plan().await {
        Err(error) => {
            for line in error.to_string().lines() {
                tracing::error!("{line}");
            }
            tracing::error!("the configuration is not good; the one before stays in force");
        }
        Ok(next) => {
            if (&next.web, &next.sms_hook, &next.store, &next.state_dir)
                != (&plan.web, &plan.sms_hook, &plan.store, &plan.state_dir)
            {
                tracing::warn!(
                    "changes of [web], [hooks], [store] and state_dir count from the next start"
                );
            }
            match handle.reload(assembler.assemble(&next)).await {
                Ok(()) => {
                    tracing::info!(
                        servers = next.servers.len(),
                        checks = next.checks.len(),
                        "the configuration is reloaded"
                    );
                    *plan = next;
                }
                Err(error) => tracing::error!("not reloaded: {error}"),
            }
        }
    }
    say(&[NotifyState::Ready]);
}

/// Serves what the store knows, and nothing else.
async fn show_only(context: &Context, plan: &Plan) -> Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let listener = listen(plan.web.listen).await?;
    let store = open_store(plan)?;
    let setup = Assembler::new(context.clock()).assemble(plan);
    let (publish, snapshot) = watch::channel(Arc::new(Snapshot::default()));
    let end = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let handles = Handles::new(snapshot, Arc::clone(&store), context.clock());
    let manage =
        if plan.manage.enabled { Some(management::open(context, plan).await?) } else { None };
    let handles = managed(handles, manage);
    let dashboard = dashboard(handles, plan, listener.local_addr().ok())?;
    serve(&mut tasks, listener, dashboard, plan, &end)?;
    say(&[NotifyState::Ready]);
    let mut tick = tokio::time::interval(RECALL_EVERY);
    let mut watchdog = std::pin::pin!(async {
        // It has no monitor that could hang.
        pet_watchdog(|| Duration::ZERO).await;
        std::future::pending::<()>().await;
    });
    loop {
        tokio::select! {
            () = &mut watchdog => {}
            event = signals.next() => if let Event::Stop = event { break },
            _ = tick.tick() => {
                let now = context.clock().now();
                match litemon_core::monitor::recall(&setup, &*store, now).await {
                    Ok(snapshot) => { publish.send_replace(Arc::new(snapshot)); }
                    Err(error) => tracing::warn!("{}", one_line(&error)),
                }
            }
        }
    }
    end.cancel();
    let _ = tokio::time::timeout(SHUTDOWN_WITHIN, tasks.join_all()).await;
    Ok(ExitCode::SUCCESS)
}

fn one_line(error: &dyn std::error::Error) -> String {
    litemon_core::model::Failure::internal(error).message
}

/// The accounts of a plan, unless it has none.
fn managed(handles: Handles, manage: Option<Manage>) -> Handles {
    match manage {
        Some(manage) => handles.with_manage(manage),
        None => handles,
    }
}

/// The dashboard of a plan, which listens at `address` or, as far as it knows, where it should.
fn dashboard(handles: Handles, plan: &Plan, address: Option<SocketAddr>) -> Result<Dashboard> {
    let mut settings = litemon_web::Settings::new(address.unwrap_or(plan.web.listen));
    settings.zone = plan.zone.clone();
    settings.language = plan.language;
    settings.public = plan.web.public;
    settings.hosts.clone_from(&plan.web.hosts);
    settings.external_url.clone_from(&plan.web.external_url);
    settings.trusted_proxies.clone_from(&plan.web.trusted_proxies);
    settings.tls = plan.web.tls.is_some();
    settings.remedies = super::report::remedies(plan);
    settings.sms_hook = plan.sms_hook.as_ref().map(sms_hook);
    litemon_web::service(handles, settings).map_err(|error| CliError::usage(error.to_string()))
}

/// The key that vouches for delivery reports. A reload may ask for the first of them.
fn report_key(plan: &Plan) -> Result<Option<ReportKey>> {
    let read = ReportKey::in_folder(&plan.state_dir);
    read.map(Some).map_err(|error| {
        CliError::failed("the key of delivery reports cannot be had").because(error)
    })
}

fn sms_hook(plan: &SmsHookPlan) -> litemon_web::SmsHook {
    let mut hook = litemon_web::SmsHook::new(plan.secret);
    let named = |(number, name): (&String, &Name)| (number.clone(), name.to_string());
    hook.people = plan.people.iter().map(named).collect();
    hook
}

fn serve(
    tasks: &mut JoinSet<()>,
    listener: TcpListener,
    dashboard: Dashboard,
    plan: &Plan,
    end: &CancellationToken,
) -> Result<()> {
    let address = listener.local_addr().unwrap_or(plan.web.listen);
    let (limits, end) = (litemon_web::Limits::default(), end.clone());
    match &plan.web.tls {
        None => {
            tracing::info!("the dashboard is at http://{address}/");
            tasks.spawn(litemon_web::serve(listener, dashboard, limits, end));
        }
        Some(files) => {
            let tls = Tls::from_files(&files.cert, &files.key)
                .map_err(|error| CliError::usage(format!("web.tls: {error}")).behind(error))?;
            tracing::info!("the dashboard is at https://{address}/");
            tasks.spawn(litemon_web::serve_tls(listener, tls, dashboard, limits, end));
        }
    }
    Ok(())
}
