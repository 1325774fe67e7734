//! Actions on real sshd's, with stand-ins for what would change this machine.

use std::{
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::support::{
    eventually, litemon::Litemon, machine::Machine, phones::Phones, sshd::user, terminal::Terminal,
};

/// For what takes a moment, on a busy machine too.
const SOON: Duration = Duration::from_secs(60);

fn config(machines: &[&Machine], more: &str) -> String {
    let mut text = format!("timezone = \"UTC\"\n{more}\n[groups.web]\n");
    for (number, machine) in (1..).zip(machines) {
        text.push_str(&format!(
            "[servers.web-{number}]\naddress = \"127.0.0.1:{}\"\ngroups = [\"web\"]\n\
             ssh = {{ user = \"{}\", identity = \"{}\", known_hosts = \"{}\" }}\n\
             [servers.web-{number}.services.door]\ncommand = \"true\"\n",
            machine.sshd.port(),
            user(),
            machine.sshd.path("id").display(),
            machine.sshd.path("known_hosts").display(),
        ));
    }
    text
}

fn ends(mut command: Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn in_background(command: Command) -> Output {
    tokio::task::spawn_blocking(|| ends(command)).await.unwrap()
}

const CHECKS: &str = "[defaults]\ninterval = \"1s\"\ntimeout = \"3s\"\nattempts = 2\n\
                      retry_interval = \"1s\"\nnotify = [\"oncall\"]\n";

struct Scene {
    machine: Machine,
    phones: Phones,
    litemon: Litemon,
}

impl Scene {
    async fn start(more: &str) -> Self {
        let machine = Machine::start().await;
        let phones = Phones::start().await;
        let more = format!("{more}\n{CHECKS}{}", phones.notifier("oncall"));
        let litemon = Litemon::start(&config(&[&machine], &more), &[]).await;
        Self { machine, phones, litemon }
    }

    async fn planned(&self) -> Value {
        self.litemon.get_json("/api/v1/servers/web-1").await["planned"].clone()
    }

    async fn until_planned(&self, what: &str, fits: impl Fn(&Value) -> bool) {
        eventually(&format!("{what}:\n{}", self.litemon.log()), SOON, async || {
            fits(&self.planned().await).then_some(())
        })
        .await;
    }

    async fn until_check(&self, check: &str, status: &str) {
        eventually(&format!("{check} to be {status}"), SOON, async || {
            let found = self.litemon.get_json(&format!("/api/v1/checks/{check}")).await;
            (found["status"] == status).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_is_proved_and_wakes_nobody() {
    let mut scene = Scene::start("").await;
    scene.until_check("web-1/door", "ok").await;
    let restart = scene.litemon.command(&["action", "run", "restart", "-s", "web-1", "--yes"]);
    let running = tokio::spawn(in_background(restart));
    assert_eq!(scene.machine.has("shutdown").await, "-r now\n");
    scene.until_planned("alerts to be held", |planned| planned["kind"] == "restart").await;
    scene.machine.sshd.stop();
    scene.until_check("web-1/ssh", "critical").await;
    let incidents = scene.litemon.get_json("/api/v1/incidents").await;
    assert_eq!(incidents["incidents"].as_array().unwrap().len(), 1, "checks go on: {incidents}");
    scene.machine.boots("two");
    scene.machine.sshd.run().await;
    let output = running.await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("new boot id"), "{}", said(&output));
    scene.until_planned("all to be well again", Value::is_null).await;
    assert_eq!(scene.phones.accepted(), Vec::<String>::new());
    // What was not planned is told.
    scene.machine.sshd.stop();
    scene.phones.wait_for("PROBLEM web-1 unreachable", SOON).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_come_back_is_told_of_in_the_end() {
    let mut scene = Scene::start("[manage]\nback_within = \"30s\"").await;
    scene.until_check("web-1/door", "ok").await;
    let restart = scene.litemon.command(&["action", "run", "restart", "-s", "web-1", "--yes"]);
    let running = tokio::spawn(in_background(restart));
    scene.machine.has("shutdown").await;
    scene.machine.sshd.stop();
    scene.until_check("web-1/ssh", "critical").await;
    assert_eq!(scene.phones.accepted(), Vec::<String>::new());
    // A monitor that is killed meanwhile goes on holding.
    scene.litemon.kill9();
    scene.litemon.run();
    scene.litemon.healthy().await;
    scene.until_planned("it to be known still", |planned| planned["kind"] == "restart").await;
    assert_eq!(scene.phones.accepted(), Vec::<String>::new());
    scene.phones.wait_for("PROBLEM web-1 unreachable", SOON).await;
    let output = running.await.unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("did not come back"), "{}", said(&output));
    scene.machine.sshd.run().await;
    scene.phones.wait_for("OK web-1 reachable", SOON).await;
    assert_eq!(scene.phones.accepted().len(), 2, "{:?}", scene.phones.accepted());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_shut_down_is_off_until_it_is_seen_again() {
    let mut scene = Scene::start("").await;
    scene.until_check("web-1/door", "ok").await;
    let shutdown = scene.litemon.command(&["action", "run", "shutdown", "-s", "web-1", "--yes"]);
    let running = tokio::spawn(in_background(shutdown));
    assert_eq!(scene.machine.has("shutdown").await, "-P now\n");
    scene.machine.sshd.stop();
    let output = running.await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    scene.until_planned("it to be off", |planned| planned["phase"] == "off").await;
    let status = ends(scene.litemon.command(&["status"]));
    let line = format!("web-1 is off, planned by {}", user());
    assert!(said(&status).contains(&line), "{}", said(&status));
    scene.machine.sshd.run().await;
    scene.until_planned("it to be seen again", Value::is_null).await;
    assert_eq!(scene.phones.accepted(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_are_updated_without_a_monitor() {
    let machines = [Machine::start().await, Machine::start().await];
    let config = config(&[&machines[0], &machines[1]], "");
    let litemon = Litemon::prepare(&config, &[]);
    let output =
        in_background(litemon.command(&["action", "run", "update", "-g", "web", "--json"])).await;
    assert!(output.status.success(), "{}", said(&output));
    let job: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (result, machine) in job["results"].as_array().unwrap().iter().zip(&machines) {
        assert_eq!(result["outcome"], "ok", "{job}");
        let text = result["output"].as_str().unwrap();
        for line in ["== packages that change\nlibc6", "Setting up libc6", "== reboot required: "] {
            assert!(text.contains(line), "{text}");
        }
        assert_eq!(machine.has("updated").await, "done as noninteractive\n");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dangerous_action_is_not_run_unless_somebody_says_so() {
    let machine = Machine::start().await;
    let own = "[actions.say]\ncommand = \"printf '<%s>' \\\"$1\\\"; echo $LITEMON_PARAM_WORD\"\n\
               changes = false\n[actions.say.params.word]\npattern = \".*\"\n";
    let litemon = Litemon::prepare(&config(&[&machine], own), &[]);
    let run = |words: &[&str]| {
        let mut all = vec!["action", "run"];
        all.extend(words);
        in_background(litemon.command(&all))
    };
    let output = run(&["restart", "--all"]).await;
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("litemon itself runs there"), "{}", said(&output));
    assert!(said(&output).contains("--yes"), "{}", said(&output));
    let output = run(&["restart", "--all", "--dry-run"]).await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("restart (Restart the server) would run"), "{}", said(&output));
    assert!(!machine.sshd.path("shutdown").exists());
    let wrong: &[(&[&str], &str)] = &[
        (&["restrat", "--all"], "restart"),
        (&["service", "--all", "--yes", "-p", "verb=start"], "unit is needed"),
        (&["service", "--all", "--yes", "-p", "verb=start", "-p", "unit=a;b"], "unit cannot be"),
        (&["ping", "--all", "-p", "verb"], "NAME=VALUE"),
        (&["ping", "-s", "web-9"], "web-1"),
    ];
    for (words, expected) in wrong {
        let output = run(words).await;
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(*expected), "{words:?}: {}", said(&output));
    }
    let word = "word=$(touch x); 'it' \"is\"";
    let output = run(&["say", "-s", "web-1", "-p", word]).await;
    let text = "<$(touch x); 'it' \"is\">$(touch x); 'it' \"is\"";
    assert!(said(&output).contains(text), "{}", said(&output));
    let list = ends(litemon.command(&["action", "list"]));
    for part in ["say", "word=text", "full-upgrade", "verb=start|stop|restart"] {
        assert!(said(&list).contains(part), "{}", said(&list));
    }
}

/// An action that asks for a password gets that of an account, which may do itself what is asked
/// for. Without a terminal it has to come on standard input.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_vouches_for_what_asks_for_a_password() {
    const PASSWORD: &str = "c4n4ry horse battery";
    let machines = [Machine::start().await, Machine::start().await];
    let own =
        "[actions.say]\ncommand = \"echo said; false\"\nchanges = false\nasks_password = true\n";
    let text = config(&[&machines[0], &machines[1]], own)
        .replace("[servers.web-2]\n", "[servers.web-2]\nlabels = { city = \"Bogor\" }\n")
        .replace("[groups.web]", "[groups.web]\n[groups.other]");
    let litemon = Litemon::prepare(&text, &[]);
    let run = |line: &str, input: &str| {
        let mut command = litemon.command(&line.split(' ').collect::<Vec<_>>());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that is refused may not wait for it.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), said(&output))
    };
    for (name, more) in
        [("ann", "--role operator"), ("vera", ""), ("otto", "--role operator --group other")]
    {
        let line = format!("user add {name} {more} --own --password-stdin");
        assert_eq!(run(&line.replace("  ", " "), PASSWORD).0, 0);
    }
    let say = "action run say --label city=Bogor";
    for (line, input, why) in [
        (say.to_owned(), "", "name one with --account"),
        (format!("{say} --account ann"), "", "there is no terminal"),
        (format!("{say} --account ann --password-stdin"), "wrong", "is not your password"),
        (format!("{say} --account vera --password-stdin"), PASSWORD, "run the action say"),
        (
            format!("{say} --account otto --password-stdin"),
            PASSWORD,
            "none of the account's groups",
        ),
        ("action run say --label city=Bogr".to_owned(), "", "city=Bogor"),
        ("action run say -s web-1 --label city=Bogor".to_owned(), "", "none of these servers"),
        ("action run say --label city".to_owned(), "", "expected KEY=VALUE"),
    ] {
        let (code, text) = run(&line, input);
        assert!(code == 2 && text.contains(why), "{line}: {text}");
    }
    let (code, text) = run(&format!("{say} --account ann --password-stdin"), PASSWORD);
    assert!(code == 1 && text.contains("web-2 | said") && !text.contains("web-1"), "{text}");
    let (code, text) = run("job retry 1 --account ann --password-stdin", "wrong");
    assert!(code == 2 && text.contains("is not your password"), "{text}");
    let (code, text) = run("job retry 1 --account ann --password-stdin", PASSWORD);
    assert!(code == 1 && text.contains("web-2 | said"), "{text}");
    assert!(run("audit list --doing user.vouch", "").1.contains("ann"));

    let line = format!("{say} --account ann");
    let mut terminal = Terminal::own(&litemon.command(&line.split(' ').collect::<Vec<_>>()));
    terminal.shows("say asks for the password of ann:").await;
    eventually("a silent terminal", SOON, async || terminal.is_taken().then_some(())).await;
    terminal.press(&format!("{PASSWORD}\n"));
    terminal.shows("said").await;
    assert!(!terminal.text().contains("c4n4ry"), "{}", terminal.text());
}
