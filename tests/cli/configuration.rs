//! Finding, proving and showing the configuration.

use super::{Place, plain};

const TOLD: &str = r#"
timezone = "UTC"
[defaults]
notify = ["oncall"]
[servers.here]
address = "local"
profiles = ["linux"]
[servers.web-1]
address = "web-1.example.com"
[servers.web-1.services.nginx]
command = "systemctl is-active --quiet nginx"
[servers.web-1.services.batch]
command = "true"
notify = []
[messaging.msg1]
url = "stomp://127.0.0.1:61613"
destination = "/queue/x"
[notifiers.sms.oncall]
url = "http://127.0.0.1:13013/cgi-bin/sendsms?password=canary"
query = { to = "{{ to }}", text = "{{ text }}", password = "canary" }
recipients = ["+628123456789"]
"#;

#[test]
fn none_names_the_places_and_quickstart() {
    let place = Place::new();
    for (command, code) in [
        ("run", 2),
        ("config check", 2),
        ("config show", 2),
        ("notify test x", 2),
        ("db migrate", 2),
        ("probe", 3),
    ] {
        let ran = place.run(command);
        assert_eq!(ran.code, code, "{ran}");
        let line = ran.line();
        for word in [
            "--config",
            "$LITEMON_CONFIG",
            "./litemon.toml",
            "/home/.config/litemon/litemon.toml",
            "/etc/litemon/litemon.toml",
            "`litemon quickstart`",
        ] {
            assert!(line.contains(word), "{line}");
        }
    }
    assert!(super::files_below(place.dir.path()).is_empty());
}

#[test]
fn one_that_was_named_is_read_or_said_to_be_missing() {
    let place = Place::with(TOLD).set("LITEMON_CONFIG", "other.toml");
    let ran = place.run("-c nosuch.toml config check");
    assert_eq!(
        ran.line(),
        "litemon: cannot read the configuration nosuch.toml: No such file or directory"
    );
    assert_eq!(ran.code, 2);
    let ran = place.run("config check");
    assert!(ran.line().contains("other.toml"), "{ran}");
    let ran = place.run("-c . config check");
    assert_eq!(ran.code, 0, "{ran}");
    insta::with_settings!({ snapshot_path => "snapshots" }, {
        insta::assert_snapshot!("verbose", place.run("--verbose -c nosuch.toml probe"));
    });
}

#[test]
fn a_good_one_is_proven_and_shown_without_secrets() {
    let place = Place::with(TOLD);
    insta::with_settings!({ snapshot_path => "snapshots" }, {
        insta::assert_snapshot!("check", place.run("config check").good());
        insta::assert_snapshot!("show", place.run("config show").good());
    });
}

#[test]
fn every_mistake_is_a_line() {
    let place = Place::with("[servers.a]\nadress = \"x\"\n[defaults]\ninterval = 10\n")
        .set("LITEMON__WEB__LISTEN", "0.0.0.0:8080");
    let mut text = String::new();
    for command in ["config check", "run", "quickstart", "probe"] {
        let ran = place.run(command);
        plain(&ran);
        text.push_str(&format!("=== {command}\n{ran}\n"));
    }
    insta::with_settings!({ snapshot_path => "snapshots" }, { insta::assert_snapshot!("mistakes", text) });
    assert!(!place.path("litemon-data").exists(), "nothing is started");
}

#[test]
fn the_schema_is_json() {
    let schema = Place::new().run("config schema").good();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert!(schema["properties"]["servers"].is_object());
}

#[test]
fn own_words_are_tried_and_measured() {
    let more = "[templates]\nproblem = \"{{ head }} {{ check }}: {{ what }}\"\n\
                [notifiers.sms.oncall.templates]\nrecovery = \"{{ check }} ✓\"\n";
    let ran = Place::with(&format!("{TOLD}{more}")).run("config check");
    assert_eq!(ran.code, 0, "{ran}");
    for line in [
        "oncall problem: 40 septets of GSM-7, 1 SMS: PROBLEM web-1/cpu: 93% > 50% since 05:33",
        "oncall recovery: 11 characters of UCS-2, 1 SMS: web-1/cpu ✓",
    ] {
        assert!(ran.out.contains(line), "{ran}");
    }
}

#[test]
fn further_ways_show_no_secret() {
    let more = "[[notifiers.sms.oncall.gateways]]\nurl = \"http://gw2/canary\"\nquery = { key1 = \"canary\", text = \"{{ text }}\" }\n\
                [notifiers.webhook.own]\nurl = \"https://h/canary\"\nsecret = \"canary-canary-canary\"\n\
                [notifiers.http.chat]\nurl = \"https://api/canary/x\"\nbody = \"canary\"\n\
                [notifiers.email.mail]\nserver = \"mail\"\nfrom = \"a@b.example\"\nrecipients = \"c@d.example\"\nusername = \"u\"\npassword = \"canary\"\n\
                [heartbeat]\nurl = \"https://hc/canary\"\n";
    // Three ways take longer than one, so more is promised.
    let told = TOLD.replace("[defaults]\n", "[defaults]\ntime_to_notify = \"60s\"\n");
    let place = Place::with(&format!("{told}{more}"));
    for command in ["config check", "config show"] {
        let ran = place.run(command);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(!ran.out.contains("canary"), "{ran}");
    }
    let shown = place.run("config show").out;
    for line in ["https://hc/***", "http://gw2/***", "https://api/***", "\"{{ text }}\""] {
        assert!(shown.contains(line), "{line} in {shown}");
    }
}
