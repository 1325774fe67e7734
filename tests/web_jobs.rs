//! Running something on servers from a browser: real servers, a real browser, and a stand-in for
//! `apt-get` that takes a while and writes.

use std::{
    collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration,
};

use async_trait::async_trait;
use http::request::Parts;
use litemon_core::{
    clock::{Clock, SystemClock},
    config::{self, Inputs, Kinds, MachineSecrets, Plan, Surroundings},
    manage::{
        KeyFiles, Manage, Principal, Role, Via,
        actions::Catalog,
        jobs::{Fleet, Jobs},
    },
    model::{Language, Zone},
    store::MemoryStore,
    testing::{paper::Stage, snapshot::SnapshotBuilder},
};
use litemon_web::{Authenticator, Handles, Limits, Settings};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::support::{
    axe::violations,
    chromium::{Browser, Options},
    eventually, eventually_or,
    sshd::Sshd,
};

/// How long anything here may take on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(90);
const PHONE: Options = Options { scripts: true, width: 390, height: 844 };

/// Whoever asks is ann, who may run things.
#[derive(Debug)]
struct Ann;

#[async_trait]
impl Authenticator for Ann {
    async fn principal(&self, _: &Parts) -> Option<Principal> {
        Some(Principal::new("ann", Role::Operator, Via::Host))
    }
}

/// A dashboard of two servers that are there. It ends on drop.
struct Office {
    address: std::net::SocketAddr,
    task: JoinHandle<()>,
    jobs: Jobs,
    _fleet: watch::Sender<Fleet>,
    _snapshot: watch::Sender<Arc<litemon_core::monitor::Snapshot>>,
    _sshd: Sshd,
    _folder: tempfile::TempDir,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Programs that stand in for those that would change this machine.
fn stand_ins(folder: &Path) {
    for (name, text) in [
        (
            "apt-get",
            "#!/bin/sh\nfor last; do :; done\ncase \" $* \" in *' -s '*) echo 'Inst libfoo [1] (2 all)'; exit;; esac\n\
             echo 'Reading package lists...'\nfor n in 10 50 100; do printf '\\r%s%% [Working]' $n; sleep 0.5; done\n\
             printf '\\r\\033[32mDone: %s\\033[0m\\n' \"$last\"\n",
        ),
        (
            "sudo",
            "#!/bin/sh\nwhile :; do case $1 in --) shift; break;; -*) shift;; *) break;; esac; done\nexec \"$@\"\n",
        ),
    ] {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn plan(folder: &Path, sshd: &Sshd) -> Plan {
    let port = sshd.port();
    let text = format!(
        "ssh = {{ user = \"{}\", agent = false, identity = {:?}, known_hosts = {:?} }}\n\
         servers.web-1 = {{ address = \"127.0.0.1:{port}\", groups = [\"web\"] }}\n\
         servers.web-2 = {{ address = \"127.0.0.2:{port}\", groups = [\"web\"] }}\n\
         groups.web.profiles = []\n\
         [actions.greet]\ncommand = 'echo \"hello $LITEMON_PARAM_WHO\"'\n\
         description = \"Say hello\"\n\
         [actions.greet.params]\nwho = {{ pattern = \"[a-z]+\" }}\n",
        crate::support::sshd::user(),
        sshd.path("id"),
        sshd.path("known_hosts"),
    );
    let environment = BTreeMap::from([
        ("HOME".to_owned(), folder.display().to_string()),
        ("USER".to_owned(), "tester".to_owned()),
    ]);
    let inputs = Inputs::new(Vec::new(), environment.clone(), folder.to_owned());
    let loaded = config::load_texts(vec![(folder.join("litemon.toml"), text)], &inputs).unwrap();
    let secrets = MachineSecrets::new(environment.clone());
    let kinds = Kinds::builtin();
    let around = Surroundings::of(&environment, Zone::utc(), &secrets, &kinds);
    loaded.plan(&around).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

impl Office {
    async fn open(language: Language) -> Self {
        let folder = tempfile::tempdir().unwrap();
        stand_ins(folder.path());
        let path = format!("SetEnv PATH={}:/usr/bin:/bin", folder.path().display());
        let sshd = Sshd::with(&["127.0.0.1", "127.0.0.2"], &path).await;
        let plan = plan(folder.path(), &sshd);
        let manage =
            Manage::open(&folder.path().join("state"), &KeyFiles::default(), Arc::new(SystemClock))
                .await
                .unwrap();
        let (fleet, now) = watch::channel(Fleet::new(plan.servers.iter().cloned()));
        let catalog = Catalog::new(&manage, &plan);
        let jobs = Jobs::open(&manage, now, catalog.clone()).unwrap();
        let (snapshot, seen) = watch::channel(Arc::new(scene()));
        let listener = litemon_web::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let handles = Handles::new(seen, Arc::new(MemoryStore::new()), Arc::new(SystemClock))
            .with_jobs(jobs.clone(), catalog)
            .with_authenticator(Arc::new(Ann));
        let mut settings = Settings::new(address);
        settings.language = language;
        let dashboard = litemon_web::service(handles, settings).unwrap();
        let serve =
            litemon_web::serve(listener, dashboard, Limits::default(), CancellationToken::new());
        Self {
            address,
            task: tokio::spawn(serve),
            jobs,
            _fleet: fleet,
            _snapshot: snapshot,
            _sshd: sshd,
            _folder: folder,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Both are reachable; a service of the second is off.
fn scene() -> litemon_core::monitor::Snapshot {
    let now = SystemClock.now();
    let stage = Stage(now);
    let mut builder = SnapshotBuilder::new(now);
    for (name, on) in [("web-1", true), ("web-2", false)] {
        let nginx = stage.service(&format!("{name}/nginx"), on).unwrap();
        let checks = vec![stage.ssh(name).unwrap(), nginx];
        builder = builder.server(name, "127.0.0.1", checks).unwrap().groups(&["web"]).unwrap();
    }
    builder.build()
}

/// Waits until the page says something.
async fn says(browser: &Browser, what: &str) {
    let mut said = String::new();
    let wait = eventually_or(PATIENCE, async || {
        let text = browser.eval("return document.body.innerText").await.ok()?;
        said = text.as_str()?.to_owned();
        said.contains(what).then_some(())
    });
    assert!(wait.await.is_some(), "the page does not say {what:?}, but:\n{said}");
}

/// Presses what can be seen and is large enough for a thumb.
async fn tap(browser: &Browser, what: &str) {
    let find = format!("const e = document.querySelector('{what}'); ");
    eventually(&format!("{what} to be there"), PATIENCE, async || {
        let seen = format!("{find} return e !== null && e.checkVisibility()");
        browser.eval(&seen).await.ok()?.as_bool().filter(|seen| *seen)
    })
    .await;
    let size = format!(
        "{find} const r = (e.closest('label') || e).getBoundingClientRect(); return Math.min(r.width, r.height)"
    );
    let size = browser.eval(&size).await.unwrap().as_f64().unwrap();
    assert!(size >= 44.0, "{what} is {size} px");
    browser.eval(&format!("{find} e.click()")).await.unwrap();
}

async fn heading(browser: &Browser) -> String {
    let text = browser.eval("return document.querySelector('h1').innerText").await.unwrap();
    text.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_servers_are_updated_from_a_phone_in_three_taps() {
    let office = Office::open(Language::English).await;
    let browser = Browser::start(PHONE).await.unwrap();
    browser.open(&office.url("/servers")).await.unwrap();
    says(&browser, "Select servers to run something on them.").await;
    tap(&browser, "#choose").await;
    says(&browser, "2 servers selected").await;
    tap(&browser, "button[value=update]").await;
    says(&browser, "Update: 2 servers?").await;
    tap(&browser, ".ask button[type=submit]").await;
    // The output comes while it runs.
    let partial = "const all = [...document.querySelectorAll('pre')].map(p => p.textContent);\
                   return document.querySelector('h1').innerText.includes('done')\
                   && all.some(t => t.includes('Reading package lists'))";
    eventually("output while it runs", PATIENCE, async || {
        browser.eval(partial).await.ok()?.as_bool().filter(|seen| *seen)
    })
    .await;
    says(&browser, "all 2 servers succeeded").await;
    eventually("all of the output", PATIENCE, async || {
        let all = "return [...document.querySelectorAll('pre[data-server]')].map(p => p.textContent).join('|')";
        let text = browser.eval(all).await.ok()?.as_str()?.to_owned();
        (text.matches("Done: upgrade\n").count() == 2).then_some(text)
    })
    .await;
    says(&browser, "Same output").await;
    let text = browser.eval("return document.querySelector('pre').textContent").await.unwrap();
    let text = text.as_str().unwrap();
    assert!(!text.contains('\u{1b}') && !text.contains("50% [Working]"), "{text:?}");
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_fails_on_one_and_is_run_again_there() {
    let office = Office::open(Language::English).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&office.url("/servers")).await.unwrap();
    tap(&browser, "#choose").await;
    let typed = "document.querySelector('[name=command]').value = 'case $SSH_CONNECTION in *127.0.0.2*) echo two; exit 3;; esac; echo one'";
    browser.eval(typed).await.unwrap();
    tap(&browser, ".typed button").await;
    says(&browser, "1 of 2 servers did not succeed").await;
    says(&browser, "exit status 3").await;
    says(&browser, "Run again on the 1 that did not succeed").await;
    tap(&browser, "#controls button").await;
    says(&browser, "again after #1").await;
    says(&browser, "did not succeed").await;
    let servers =
        "return [...document.querySelectorAll('.fold .name b')].map(e => e.innerText).join()";
    assert_eq!(browser.eval(servers).await.unwrap(), "web-2");

    // A longer one is cancelled, on both.
    browser.open(&office.url("/servers")).await.unwrap();
    tap(&browser, "#choose").await;
    browser
        .eval("document.querySelector('[name=command]').value = 'echo begun; sleep 600'")
        .await
        .unwrap();
    tap(&browser, ".typed button").await;
    says(&browser, "begun").await;
    tap(&browser, "#controls button").await;
    says(&browser, "cancelled on 2 of 2 servers").await;
    browser.open(&office.url("/jobs")).await.unwrap();
    says(&browser, "2 cancelled").await;
    // Nothing is run on nothing.
    browser.open(&office.url("/jobs?q=uptime")).await.unwrap();
    says(&browser, "No job is as you asked.").await;
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_scripts_forms_do_it() {
    let office = Office::open(Language::English).await;
    let browser = Browser::start(Options { scripts: false, ..Options::default() }).await.unwrap();
    browser.open(&office.url("/servers?select=all")).await.unwrap();
    tap(&browser, "button[value=greet]").await;
    says(&browser, "greet: 2 servers?").await;
    browser.eval("document.querySelector('[name=\"p.who\"]').value = 'you'").await.unwrap();
    tap(&browser, ".ask button[type=submit]").await;
    says(&browser, "all 2 servers succeeded").await;
    says(&browser, "hello you").await;
    // A value that does not fit is asked for again, with why.
    browser.open(&office.url("/servers?select=all")).await.unwrap();
    tap(&browser, "button[value=greet]").await;
    says(&browser, "greet: 2 servers?").await;
    browser.eval("document.querySelector('[name=\"p.who\"]').value = '$(id)'").await.unwrap();
    tap(&browser, ".ask button[type=submit]").await;
    says(&browser, "who").await;
    assert_eq!(heading(&browser).await, "greet: 2 servers?");
    let alert =
        browser.eval("return document.querySelector('[role=alert]') !== null").await.unwrap();
    assert_eq!(alert, true);
    assert_eq!(office.jobs.running(), 0);
}

/// Takes pictures into `$LITEMON_PICTURES`, if that is set, and sees that nothing is wider than the
/// window and nothing keeps anybody from using the page.
pub(crate) async fn looked_at(browser: &Browser, name: &str) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("LITEMON_PICTURES")
        .map_or_else(|| temporary.path().to_owned(), std::path::PathBuf::from);
    for (width, dark) in [(1280, false), (1280, true), (390, false), (390, true)] {
        let scheme = if dark { "-dark" } else { "" };
        let file = folder.join(format!("{name}-{width}{scheme}.png"));
        browser.screenshot(&file, width, 844, dark).await.unwrap();
        let wide = "return document.documentElement.scrollWidth";
        assert_eq!(browser.eval(wide).await.unwrap(), width, "{name} overflows");
        let found = violations(browser).await.unwrap();
        assert_eq!(found, Vec::<String>::new(), "{name}, {width} px, dark: {dark}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_of_jobs_keeps_anybody_from_using_it() {
    for (language, done) in [
        (Language::English, "1 of 2 servers did not succeed"),
        (Language::Indonesian, "1 dari 2 server tidak berhasil"),
    ] {
        let office = Office::open(language).await;
        let browser = Browser::start(Options::default()).await.unwrap();
        let name = |page: &str| {
            format!("{page}-{}", if language == Language::English { "en" } else { "id" })
        };
        browser.open(&office.url("/jobs")).await.unwrap();
        looked_at(&browser, &name("jobs-none")).await;
        browser.open(&office.url("/servers")).await.unwrap();
        looked_at(&browser, &name("servers")).await;
        tap(&browser, "#choose").await;
        looked_at(&browser, &name("servers-chosen")).await;
        tap(&browser, "button[value=restart]").await;
        eventually("the question", PATIENCE, async || {
            browser
                .eval("return document.querySelector('.ask') !== null")
                .await
                .ok()?
                .as_bool()
                .filter(|it| *it)
        })
        .await;
        looked_at(&browser, &name("ask")).await;
        browser.open(&office.url("/servers?select=all")).await.unwrap();
        let typed = "document.querySelector('[name=command]').value = 'for n in 1 2 3; do echo line $n; done; case $SSH_CONNECTION in *127.0.0.2*) echo other; exit 3;; esac'";
        browser.eval(typed).await.unwrap();
        tap(&browser, ".typed button").await;
        says(&browser, done).await;
        looked_at(&browser, &name("job-over")).await;
        browser.open(&office.url("/servers?select=all")).await.unwrap();
        browser
            .eval("document.querySelector('[name=command]').value = 'echo begun; sleep 600'")
            .await
            .unwrap();
        tap(&browser, ".typed button").await;
        says(&browser, "begun").await;
        looked_at(&browser, &name("job-running")).await;
        browser.open(&office.url("/jobs")).await.unwrap();
        looked_at(&browser, &name("jobs")).await;
        browser.open(&office.url("/servers/web-2")).await.unwrap();
        looked_at(&browser, &name("server")).await;
        browser.open(&office.url("/jobs/99")).await.unwrap();
        looked_at(&browser, &name("job-unknown")).await;
        office.jobs.shutdown(Duration::from_secs(20)).await;
    }
}
