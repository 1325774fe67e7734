//! Secrets of jobs, looked for wherever they must not be, with logs at trace level. A word that is
//! no secret is looked for in the same way and has to be found, or the search would prove nothing.

use std::{
    fmt::Write as _,
    fs,
    process::{Command, Stdio},
};

use serde_json::json;

use super::{PATIENCE, files_below};
use crate::{
    ssh::account::{Account, PASSWORD, USER, seen_by_ps},
    support::{
        chromium::client,
        eventually,
        litemon::Litemon,
        phones::{Manner, Phones},
        sshd::chmod,
    },
};

/// Not secret: the name of a server, and a part of commands and their output.
const CONTROL: &str = "control-word-41f7";
const WRONG: &str = "canary-wrong-sudo-5b";
const GATEWAY: &str = "canary-gateway-77d0";
const LOGIN: &str = "canary of ann 8e21";
/// Of the files of a folder, those that the test itself wrote.
const OURS: [&str; 5] = ["litemon.toml", "password", "wrong", "gateway", "token"];

/// What is looked through, under the name that it is told by.
#[derive(Default)]
struct Seen(Vec<(String, String)>);

impl Seen {
    fn add(&mut self, place: &str, text: impl Into<String>) {
        self.0.push((place.to_owned(), text.into()));
    }

    /// The places that say something.
    fn where_is(&self, word: &str) -> Vec<&str> {
        let says = |(_, text): &&(String, String)| text.contains(word);
        self.0.iter().filter(says).map(|(place, _)| place.as_str()).collect()
    }
}

/// The forms in which a secret may stand somewhere: as it is, in hexadecimal, as `{:?}` of its bytes.
fn forms(secret: &str) -> [String; 3] {
    let start = secret.as_bytes();
    let mut hex = String::new();
    for byte in start {
        write!(hex, "{byte:02x}").unwrap();
    }
    let numbers = start.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    [secret.to_owned(), hex, numbers]
}

/// Two servers of one account: with the right password for sudo, and with a wrong one. A check of
/// the first is off, so that the gateway is asked; it refuses, and says the key that it was given.
fn configuration(account: &Account, phones: &Phones) -> String {
    let server = |name: &str, sudo: &str| {
        format!(
            "[servers.{name}]\naddress = \"127.0.0.1:{}\"\nssh = {{ user = \"{USER}\", agent = false, \
             known_hosts = {:?}, password = {{ file = \"password\" }}, \
             sudo_password = {{ file = \"{sudo}\" }} }}\n",
            account.port,
            account.path("known_hosts"),
        )
    };
    let key = "headers = { Authorization = { file = \"gateway\" } }\n\
               query = { key = { file = \"gateway\" }, ";
    let notifier = phones.notifier("oncall").replacen("query = { ", key, 1);
    let off = "services.off = { command = \"false\" }\n";
    format!(
        "[defaults]\ninterval = \"1s\"\nattempts = 1\nnotify = [\"oncall\"]\n{}{off}{}{notifier}",
        server(CONTROL, "password"),
        server("wrong", "wrong"),
    )
}

/// Runs a command of the program with this on standard input.
fn run(litemon: &Litemon, line: &str, input: &str) -> String {
    use std::io::Write as _;
    let mut command: Command = litemon.command(&line.split(' ').collect::<Vec<_>>());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Logs ann in, and gives her cookie.
async fn session(litemon: &Litemon) -> String {
    let browser = crate::support::chromium::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let page = browser.get(litemon.url("/login")).send().await.unwrap();
    let form = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let text = page.text().await.unwrap();
    let csrf = text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("csrf", csrf), ("name", "ann"), ("password", LOGIN), ("back", "/")];
    let enter = browser.post(litemon.url("/login")).header("cookie", form).form(&fields);
    let answer = enter.header("origin", litemon.url("")).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// What all programs show while the command runs on both servers.
async fn jobs(litemon: &Litemon, seen: &mut Seen) {
    for pty in [false, true] {
        let line = format!("id -u; echo {CONTROL}; sleep 1");
        let order = json!({ "command": line, "all": true, "sudo": true, "pty": pty });
        let job = litemon.job(order).await;
        let ps = eventually("the command in ps", PATIENCE, async || {
            Some(seen_by_ps()).filter(|seen| seen.contains(CONTROL))
        })
        .await;
        seen.add(&format!("ps, pty {pty}"), ps);
        let job = litemon.ended(job).await;
        let outcomes: Vec<_> = (0..2).map(|at| job["results"][at]["outcome"].clone()).collect();
        assert_eq!(outcomes, ["ok", "sudo_refused"], "{job}");
    }
}

/// All pages, with a session; all that programs are told, with a token and over `control.sock`.
async fn web(litemon: &Litemon, cookie: &str, token: &str, seen: &mut Seen) {
    let named = |path: &&str| path.replace("SERVER", CONTROL);
    let data = [
        "/api/v1/status",
        "/api/v1/servers",
        "/api/v1/servers/SERVER",
        "/api/v1/checks/SERVER/off",
        "/api/v1/incidents",
        "/api/v1/incidents/1",
        "/api/v1/jobs",
        "/api/v1/jobs/1",
        "/api/v1/jobs/1/output/SERVER",
        "/api/v1/jobs/2/output/SERVER",
        "/api/v1/jobs/2/output/wrong",
        "/api/v1/reports",
        "/metrics",
        "/dashboard/get/svcstats",
    ];
    let pages = [
        "/",
        "/servers",
        "/servers/SERVER",
        "/checks/SERVER/off",
        "/incidents",
        "/incidents/1",
        "/jobs",
        "/jobs/1",
        "/jobs/2",
        "/jobs/1/output/SERVER",
        "/jobs/2/output/wrong",
        "/reports",
        "/account",
        "/admin/users",
        "/admin/users/ann",
        "/admin/audit",
    ];
    let bearer = format!("Bearer {token}");
    for (sort, header, value, paths) in
        [("page", "cookie", cookie, &pages[..]), ("json", "authorization", &bearer, &data[..])]
    {
        for path in paths.iter().map(named) {
            let answer =
                client().get(litemon.url(&path)).header(header, value).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            let headers = format!("{:?}", answer.headers());
            seen.add(&format!("{sort} {path}"), headers + &answer.text().await.unwrap());
        }
    }
    for path in data.iter().chain(&pages).filter(|path| **path != "/account").map(named) {
        let (status, text) = litemon.control("GET", &path, None).await;
        assert_eq!(status, 200, "{path}: {text}");
        seen.add(&format!("control.sock {path}"), text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_says_a_secret_of_a_job() {
    let Some(account) = Account::start("PasswordAuthentication yes").await else { return };
    let phones = Phones::start().await;
    phones.set(Manner::Answer(403, GATEWAY));
    let text = configuration(&account, &phones);
    let mut litemon = Litemon::prepare(&text, &[("LITEMON_LOG", "trace")]);
    for (file, word) in [("password", PASSWORD), ("wrong", WRONG), ("gateway", GATEWAY)] {
        fs::write(litemon.path(file), word).unwrap();
        chmod(&litemon.path(file), 0o600);
    }
    litemon.run();
    litemon.healthy().await;
    let added = run(&litemon, "user add ann --role admin --own --password-stdin", LOGIN);
    let token = run(&litemon, "token add robot --role admin", "");
    let token = token.split_whitespace().find(|word| word.len() > 30).expect(&added).to_owned();
    let cookie = session(&litemon).await;
    let id = cookie.split_once('=').unwrap().1.to_owned();

    let mut seen = Seen::default();
    jobs(&litemon, &mut seen).await;
    eventually("the gateway to be asked", PATIENCE, async || {
        (!phones.receipts().is_empty()).then_some(())
    })
    .await;
    web(&litemon, &cookie, &token, &mut seen).await;
    for line in [
        "status --json",
        "incident list",
        "job list",
        "job show 1",
        "job show 2",
        "config show",
        "server list --json",
        "audit list --json",
        "audit export",
        "token list",
        "user list --json",
        "--verbose --log trace exec --all --sudo -- id -u",
    ] {
        seen.add(&format!("litemon {line}"), run(&litemon, line, ""));
    }
    assert!(litemon.stop().await.success());
    let log = litemon.log();
    assert!(log.contains("TRACE"), "everything is logged");
    seen.add("log", log);
    for path in files_below(&litemon.path("")) {
        if !OURS.contains(&path.file_name().unwrap().to_str().unwrap()) {
            let bytes = fs::read(&path).unwrap();
            seen.add(&format!("file {}", path.display()), String::from_utf8_lossy(&bytes));
        }
    }

    for sort in ["ps", "page", "json", "control.sock", "litemon", "log", "file"] {
        let found = seen.where_is(CONTROL).iter().any(|place| place.starts_with(sort));
        assert!(found, "what is no secret is not found in {sort}: the search is worth nothing");
    }
    for secret in [PASSWORD, WRONG, GATEWAY, LOGIN, &token, &id] {
        for form in forms(secret) {
            assert_eq!(seen.where_is(&form), Vec::<&str>::new(), "{form}");
        }
    }
}
