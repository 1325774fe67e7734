//! The catalog, and what its orders come down to.

mod scripts;

use std::{collections::BTreeMap, sync::Arc};

use super::{built_in, *};
use crate::{
    clock::SystemClock,
    config::{Inputs, Kinds, MachineSecrets, Plan, ServerPlan, Surroundings, load_texts},
    exec::{CommandLine, Sudo},
    manage::{
        Manage, ManageError, Principal, Role, Via,
        jobs::{Order, What},
    },
    model::{Name, Zone},
};

pub(super) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(super) fn plan(text: &str) -> Plan {
    let inputs = Inputs::new(Vec::new(), BTreeMap::new(), "/srv".into());
    let loaded = load_texts(vec![("litemon.toml".into(), text.to_owned())], &inputs).unwrap();
    let (secrets, kinds) = (MachineSecrets::new(BTreeMap::new()), Kinds::builtin());
    let environment = BTreeMap::from([("USER".to_owned(), "ops".to_owned())]);
    loaded.plan(&Surroundings::of(&environment, Zone::utc(), &secrets, &kinds)).unwrap()
}

const FILE: &str = r#"
[groups.web]
[groups.db]
[servers.web-1]
address = "192.0.2.1"
groups = ["web"]
[servers.db-1]
address = "192.0.2.2"
groups = "db"
[servers.sw-1]
address = "192.0.2.3"
device = "ios"
[servers.gw-1]
address = "192.0.2.4"
device = "routeros"
[actions.clear-cache]
command = "rm -rf /var/cache/app/*"
sudo = true
[actions.log-level]
command = "printf '%s|' \"$1\" \"$2\" \"$LITEMON_PARAM_LEVEL\" \"$LITEMON_PARAM_FREE_TEXT\""
changes = false
role = "admin"
groups = "web"
[actions.log-level.params.level]
choice = ["debug", "info"]
default = "info"
[actions.log-level.params.free-text]
pattern = '(?s).*'
[actions.tell]
command = ["logger", "--"]
on = "monitor"
changes = false
[actions.tell.params.times]
min = 1
max = 5
default = 3
"#;

struct Office {
    catalog: Catalog,
    plan: Plan,
    _folder: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manage = open(folder.path()).await;
        let plan = plan(FILE);
        Self { catalog: Catalog::new(&manage, &plan), plan, _folder: folder }
    }

    fn servers(&self) -> Vec<&ServerPlan> {
        self.plan.servers.iter().collect()
    }

    async fn check(&self, by: &Principal, order: &Order) -> Result<(), String> {
        let servers = self.servers();
        let servers: Vec<&ServerPlan> =
            servers.into_iter().filter(|server| order.servers.contains(&server.name)).collect();
        self.catalog.check(by, order, &servers).await.map_err(|error| error.to_string())
    }

    async fn runnable(&self, action: &str, params: &[(&str, &str)]) -> Runnable {
        let what = what(action, params);
        self.catalog.runnable(&what, self.servers().first().unwrap()).await.unwrap()
    }
}

/// What is typed on a device, or why nothing is.
async fn typed(office: &Office, server: &str, action: &str, params: &[(&str, &str)]) -> String {
    let server = office.plan.servers.iter().find(|it| it.name.as_str() == server).unwrap();
    match office.catalog.runnable(&what(action, params), server).await {
        Ok(Runnable { command, on_monitor: false, detached: false, .. }) => match command.line {
            CommandLine::Shell(line) if command.confirm => format!("{line} [sure]"),
            CommandLine::Shell(line) => line,
            CommandLine::Argv(words) => panic!("{words:?}"),
        },
        Ok(other) => format!("{:?}", other.command.line),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn devices_are_told_in_their_own_words() {
    let office = Office::open().await;
    for (server, action, params, line) in [
        ("sw-1", "restart", &[][..], "reload [sure]"),
        ("gw-1", "restart", &[], "/system reboot [sure]"),
        ("gw-1", "shutdown", &[], "/system shutdown [sure]"),
        ("sw-1", "ping", &[("target", "internet")], "ping 1.1.1.1 repeat 3"),
        ("gw-1", "ping", &[("target", "internet")], "/ping 1.1.1.1 count=3"),
        ("sw-1", "clear-cache", &[], "rm -rf /var/cache/app/*"),
        ("sw-1", "ping", &[], "Argv([\"ping\", \"-c\", \"3\", \"192.0.2.3\"])"),
    ] {
        assert_eq!(typed(&office, server, action, params).await, line, "{server} {action}");
    }
    for (server, action, params, why) in [
        ("sw-1", "update", &[][..], "have no shell for it"),
        ("sw-1", "shutdown", &[], "cannot be shut down from their prompt"),
        ("gw-1", "shutdown", &[("in", "5")], "go down at once or not at all"),
        ("sw-1", "ping", &[("target", "main")], "need [manage.ping] main_server"),
        ("sw-1", "log-level", &[("free-text", "x")], "take no actions with parameters"),
    ] {
        let told = typed(&office, server, action, params).await;
        assert!(told.contains(why), "{server} {action}: {told}");
    }
}

async fn open(folder: &std::path::Path) -> Manage {
    let keys = crate::manage::KeyFiles::default();
    Manage::open(folder, &keys, Arc::new(SystemClock)).await.unwrap()
}

fn what(action: &str, params: &[(&str, &str)]) -> What {
    let params = params.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    What::Action { name: name(action), params }
}

fn by(role: Role) -> Principal {
    Principal::new("ann", role, Via::Session)
}

#[test]
fn the_files_know_which_names_are_taken() {
    let names: Vec<String> =
        built_in::all().iter().map(|one| one.action.name.to_string()).collect();
    let mut taken =
        crate::config::built_in_actions().iter().map(|one| one.name).collect::<Vec<_>>();
    taken.sort_unstable();
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    assert_eq!(sorted, taken);
}

#[tokio::test]
async fn who_may_run_what_where() {
    let office = Office::open().await;
    let nginx = [("verb", "restart"), ("unit", "nginx")];
    type Case<'a> = (Role, &'a str, &'a [(&'a str, &'a str)], &'a [&'a str], &'a str);
    let cases: &[Case<'_>] = &[
        (Role::Operator, "update", &[], &["web-1", "db-1"], "ok"),
        (Role::Viewer, "ping", &[], &["web-1"], "you may not run the action ping"),
        (Role::Operator, "log-level", &[], &["web-1"], "you may not run the action log-level"),
        (
            Role::Admin,
            "log-level",
            &[("free-text", "x")],
            &["web-1", "db-1"],
            "you may not run log-level on db-1: only on servers of web",
        ),
        (Role::Admin, "log-level", &[("free-text", "x")], &["web-1"], "ok"),
        (
            Role::Admin,
            "log-level",
            &[],
            &["web-1"],
            "param: free-text is needed: a text that (?s).* matches as a whole",
        ),
        (
            Role::Operator,
            "restart",
            &[("now", "yes")],
            &["web-1"],
            "param: restart takes no parameters, so no \"now\"",
        ),
        (Role::Operator, "service", &nginx, &["web-1"], "ok"),
        (
            Role::Operator,
            "service",
            &[("verb", "mask"), ("unit", "nginx")],
            &["web-1"],
            "param: verb cannot be \"mask\"; expected one of start, stop, restart",
        ),
        (Role::Operator, "reboot", &[], &["web-1"], "there is no action \"reboot\""),
    ];
    for (role, action, params, servers, expected) in cases {
        let servers = servers.iter().map(|server| name(server)).collect();
        let order = Order::new(what(action, params), servers);
        let got = office.check(&by(*role), &order).await.err().unwrap_or_else(|| "ok".into());
        assert_eq!(got, *expected, "{action}");
    }
    let command = Order::new(What::Command("id".into()), vec![name("web-1")]);
    assert!(office.check(&by(Role::Operator), &command).await.is_ok());
    assert!(office.check(&by(Role::Viewer), &command).await.is_err());
    assert_eq!(office.catalog.list(&by(Role::Viewer)).await.unwrap(), []);
    let of_operator = office.catalog.list(&by(Role::Operator)).await.unwrap();
    assert!(!of_operator.iter().any(|action| action.name.as_str() == "log-level"));
}

#[tokio::test]
async fn what_an_order_comes_down_to() {
    let office = Office::open().await;
    let update = office.runnable("update", &[]).await;
    assert!(update.changes && update.detached && matches!(update.command.sudo, Sudo::Passwordless));
    assert_eq!((update.limit, update.proof), (CHANGES, Proof::Exit));
    let ping = office.runnable("ping", &[]).await;
    assert!(ping.on_monitor && !ping.changes);
    let words = ["ping", "-c", "3", "192.0.2.1"].map(str::to_owned).to_vec();
    assert_eq!(ping.command.line, CommandLine::Argv(words));
    assert!(!office.runnable("ping", &[("target", "gateway")]).await.on_monitor);
    let restart = office.runnable("restart", &[]).await;
    let within = std::time::Duration::from_secs(600);
    assert_eq!(restart.proof, Proof::Restarted(within));
    assert!(restart.changes && !restart.detached);
    let delay = std::time::Duration::from_secs(300);
    let shutdown = office.runnable("shutdown", &[("in", "5")]).await;
    assert_eq!(shutdown.proof, Proof::Gone { delay, within });
    assert_eq!(office.runnable("cancel-shutdown", &[]).await.proof, Proof::Stays);
    let tell = office.runnable("tell", &[]).await;
    assert!(tell.on_monitor && !tell.detached);
    let words = ["logger", "--", "3"].map(str::to_owned).to_vec();
    assert_eq!(tell.command.line, CommandLine::Argv(words));
    let variable = |name: &str| {
        let mut found = tell.command.env.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    };
    assert_eq!(variable("LITEMON_ADDRESS"), Some("192.0.2.1"));
    assert_eq!(variable("LITEMON_PARAM_TIMES"), Some("3"));
}

#[tokio::test]
async fn actions_of_the_admin_page_come_and_go_audited() {
    let office = Office::open().await;
    let (catalog, admin) = (&office.catalog, by(Role::Admin));
    let mut own = OwnAction::new("Says hello", "echo hello");
    let hello = name("hello");
    let refused = catalog.add_action(&by(Role::Operator), &hello, &own).await;
    assert!(matches!(refused, Err(ManageError::Forbidden(_))));
    for taken in ["restart", "clear-cache"] {
        let refused = catalog.add_action(&admin, &name(taken), &own).await;
        assert!(matches!(refused, Err(ManageError::Taken { .. })), "{taken}");
        let refused = catalog.edit_action(&admin, &name(taken), &own).await;
        assert!(matches!(refused, Err(ManageError::Conflict(_))), "{taken}");
        assert_eq!(catalog.is_of_file(&name(taken)), taken != "restart");
    }
    catalog.add_action(&admin, &hello, &own).await.unwrap();
    assert_eq!(catalog.action(&hello).await.unwrap().limit, CHANGES);
    own.changes = false;
    catalog.edit_action(&admin, &hello, &own).await.unwrap();
    assert_eq!(catalog.action(&hello).await.unwrap().limit, ASKS);
    assert_eq!(catalog.own_actions(&admin).await.unwrap(), BTreeMap::from([(hello.clone(), own)]));
    let mut broken = OwnAction::new("", "echo $1");
    broken.params.push(Param {
        name: "x".into(),
        description: String::new(),
        kind: ParamKind::Text("(".into()),
        default: None,
    });
    let refused = catalog.edit_action(&admin, &hello, &broken).await;
    assert!(matches!(refused, Err(ManageError::Invalid { .. })));
    catalog.remove_action(&admin, &hello).await.unwrap();
    let gone = catalog.action(&hello).await;
    assert!(matches!(gone, Err(ManageError::NotFound { .. })));
    let database = &catalog.manage().office.database;
    let rows = database.rows("SELECT doing, outcome FROM audit ORDER BY id", &[]).await.unwrap();
    let word = |row: &dyn crate::store::sql::Row| {
        let outcome = row.maybe_text(1).unwrap().unwrap_or_else(|| "begun".into());
        format!("{} {outcome}", row.text(0).unwrap())
    };
    let trail: Vec<String> = rows.iter().map(|row| word(&**row)).collect();
    let expected = ["action.add", "action.edit", "action.remove"]
        .map(|doing| [format!("{doing} begun"), format!("{doing} ok")]);
    assert_eq!(trail, expected.concat());
}
