//! `action list` and `action run`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use litemon_core::{
    exec,
    manage::{
        actions::{Action, Around, Concern, ParamKind, concerns, own_hosts, packages_in_use, turn},
        jobs::{Order, What},
    },
    model::Name,
    monitor::{Snapshot, recall},
};
use serde_json::json;
use tokio::time::Instant;

use super::{Desk, begin, choose, follow, vouch, words};
use crate::{
    args::{ActionCommand, ActionRunArgs},
    commands::{nearest::unknown, printed},
    context::{Context, open_store},
    error::{CliError, Result},
    management::refused,
    terminal,
};

/// How long the history is asked how servers are.
const KNOWN_WITHIN: Duration = Duration::from_secs(3);
/// What is known of servers is of use so long.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// How long servers are asked whether their packages are in use.
const ASKED_WITHIN: Duration = Duration::from_secs(8);

/// `action`
pub async fn action(context: &Context, command: &ActionCommand) -> Result<ExitCode> {
    let desk = Desk::open(context).await?;
    match command {
        ActionCommand::List { json } => list(&desk, *json).await,
        ActionCommand::Run(args) => run(context, &desk, args).await,
    }
}

async fn list(desk: &Desk, json: bool) -> Result<ExitCode> {
    let actions = desk.works.catalog.list(&desk.by).await.map_err(refused)?;
    let text = if json {
        format!("{:#}\n", json!({ "actions": actions }))
    } else {
        let rows: Vec<Vec<String>> = actions.iter().map(row).collect();
        terminal::table(&["ACTION", "PARAMETERS", "DOES"], &rows)
    };
    printed(terminal::print(&text))
}

fn row(action: &Action) -> Vec<String> {
    let params: Vec<String> = action
        .params
        .iter()
        .map(|param| {
            let kind = match &param.kind {
                ParamKind::Choice(words) => words.join("|"),
                ParamKind::Number { min, max } => format!("{min}..{max}"),
                _ => "text".to_owned(),
            };
            let default = param.default.as_ref().map(|value| format!(" ({value})"));
            format!("{}={kind}{}", param.name, default.unwrap_or_default())
        })
        .collect();
    vec![
        action.name.to_string(),
        terminal::clean_line(&params.join(" ")),
        terminal::clean_line(&action.description),
    ]
}

async fn run(context: &Context, desk: &Desk, args: &ActionRunArgs) -> Result<ExitCode> {
    let action = named(desk, &args.name).await?;
    let servers = choose::servers(&desk.plan, &args.selection)?;
    let params: BTreeMap<String, String> = args.params.iter().cloned().collect();
    if params.len() < args.params.len() {
        return Err(CliError::usage("--param: a parameter is given twice"));
    }
    let mut order = Order::new(What::Action { name: args.name.clone(), params }, servers);
    order.at_once = args.at_once.map(Into::into);
    args.telling.put(&mut order);
    order.rolling = args.rolling.wanted(args.at_once);
    order.when_back = args.waiting.when_back;
    let chosen: Vec<_> =
        desk.plan.servers.iter().filter(|one| order.servers.contains(&one.name)).collect();
    desk.works.catalog.check(&desk.by, &order, &chosen).await.map_err(refused)?;
    let thought = Thought::of(context, desk, &action, &order.servers).await;
    if args.dry_run {
        return printed(terminal::print(&thought.shown(&action, &order, args.json)));
    }
    if action.dangerous && !args.yes {
        thought.ask(&action)?;
    } else {
        tell(&thought.warnings());
    }
    vouch::vouched(desk, &order, &args.vouching).await?;
    follow::to_the_end(desk, args.json, async || begin::order(context, desk, order).await).await
}

pub(super) async fn named(desk: &Desk, name: &Name) -> Result<Action> {
    let actions = desk.works.catalog.list(&desk.by).await.map_err(refused)?;
    let names: Vec<&str> = actions.iter().map(|action| action.name.as_str()).collect();
    let wrong = CliError::usage(unknown("action", name.as_str(), &names));
    actions.into_iter().find(|action| action.name == *name).ok_or(wrong)
}

/// Where an action would run, in turn, and what speaks against it.
pub(super) struct Thought {
    servers: Vec<Name>,
    /// The same, those that go in one turn in one list.
    turns: Vec<Vec<Name>>,
    concerns: Vec<Concern>,
}

impl Thought {
    pub(super) async fn of(
        context: &Context,
        desk: &Desk,
        action: &Action,
        servers: &[Name],
    ) -> Self {
        let mut servers = servers.to_vec();
        if !action.changes {
            return Self { turns: vec![servers.clone()], servers, concerns: Vec::new() };
        }
        let all = &desk.plan.servers;
        let own: BTreeSet<Name> = own_hosts(all, Instant::now() + KNOWN_WITHIN).await;
        servers.sort_by_key(|server| turn(server, all, &own));
        let same = |one: &Name, other: &Name| turn(one, all, &own) == turn(other, all, &own);
        let turns = servers.chunk_by(same).map(<[Name]>::to_vec).collect();
        let known = known(context, desk).await;
        let around = Around::new(all, &own).snapshot(known.as_ref());
        let mut concerns = concerns(action, &servers, &around);
        if action.uses_packages() {
            let execs = all
                .iter()
                .filter(|one| servers.contains(&one.name))
                .map(|one| (one.name.clone(), exec::connect(&one.address, &one.ssh)));
            concerns.extend(packages_in_use(execs.collect(), Instant::now() + ASKED_WITHIN).await);
        }
        Self { servers, turns, concerns }
    }

    /// What speaks against one server, in one line.
    fn against(&self, server: &Name) -> String {
        let of_it = self.concerns.iter().filter(|concern| concern.server == *server);
        let why: Vec<String> = of_it.map(|concern| concern.why.to_string()).collect();
        terminal::clean_line(&why.join("; "))
    }

    /// Each server, with what speaks against it.
    fn lines(&self, servers: &[Name]) -> String {
        let mut text = String::new();
        for server in servers {
            let why = self.against(server);
            let colon = if why.is_empty() { "" } else { ": " };
            let _ = writeln!(text, "  {server}{colon}{why}");
        }
        text
    }

    /// Only those servers that something speaks against.
    pub(super) fn warnings(&self) -> String {
        let mut text = String::new();
        for server in &self.servers {
            let why = self.against(server);
            if !why.is_empty() {
                let _ = writeln!(text, "litemon: {server}: {why}");
            }
        }
        text
    }

    /// Goes on only if somebody says so.
    pub(super) fn ask(&self, action: &Action) -> Result<()> {
        let count = words::servers(self.servers.len());
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            tell(&self.warnings());
            let message = format!(
                "{} on {count} is dangerous and nobody can be asked; say --yes to run it",
                action.name
            );
            return Err(CliError::usage(message));
        }
        tell(&format!(
            "{} ({}) on {count}:\n{}",
            action.name,
            action.description,
            self.lines(&self.servers)
        ));
        tell("Run it? [y/N] ");
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        match answer.trim() {
            "y" | "Y" | "yes" if read.is_ok() => Ok(()),
            _ => Err(CliError::failed("nothing was run")),
        }
    }

    pub(super) fn shown(&self, action: &Action, order: &Order, json: bool) -> String {
        if json {
            let servers: Vec<_> = self
                .servers
                .iter()
                .map(|server| {
                    let of_it = self.concerns.iter().filter(|one| one.server == *server);
                    let why: Vec<String> = of_it.map(|one| one.why.to_string()).collect();
                    json!({ "server": server, "concerns": why })
                })
                .collect();
            let batches = order.rolling.as_ref().map(|rolling| rolling.batches(&self.turns));
            let shown = json!({
                "what": order.what,
                "dangerous": action.dangerous,
                "servers": servers,
                "batches": batches,
            });
            return format!("{shown:#}\n");
        }
        let mut text = format!("{} ({}) would run", action.name, action.description);
        text.push_str(if action.sudo { ", as root," } else { "" });
        let _ = write!(text, " on {}", words::servers(self.servers.len()));
        let plain = order.at_once.is_none() && order.rolling.is_none();
        if action.one_by_one && plain && self.servers.len() > 1 {
            text.push_str(", one after the other");
        }
        let Some(rolling) = &order.rolling else {
            let _ = write!(text, ":\n{}", self.lines(&self.servers));
            return text;
        };
        text.push_str(", one batch after the other:\n");
        for (number, batch) in (1..).zip(rolling.batches(&self.turns)) {
            let canary = if number == 1 && rolling.canary > 0 { ", the canary" } else { "" };
            let _ = write!(text, " batch {number}{canary}\n{}", self.lines(&batch));
        }
        text
    }
}

/// How servers are as far as history knows; `None` when it knows nothing of late.
async fn known(context: &Context, desk: &Desk) -> Option<Snapshot> {
    let store = open_store(&desk.plan).ok()?;
    let (setup, now) = (context.assemble(&desk.plan), context.clock().now());
    let asked = tokio::time::timeout(KNOWN_WITHIN, recall(&setup, &*store, now)).await;
    asked.ok()?.ok().filter(|known| known.last_result.is_some_and(|last| now.since(last) <= FRESH))
}

pub(super) fn tell(text: &str) {
    // There is nowhere left to say that standard error is gone.
    let _ = io::stderr().write_all(text.as_bytes());
}
