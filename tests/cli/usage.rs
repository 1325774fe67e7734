//! Wrong command lines, help, and what is generated from the definition.

use super::{Place, plain};

#[test]
fn help_of_every_command() {
    let place = Place::new();
    let mut text = String::new();
    for command in [
        "",
        "quickstart",
        "run",
        "config",
        "config check",
        "config show",
        "config schema",
        "probe",
        "status",
        "top",
        "user",
        "user list",
        "user add",
        "user passwd",
        "user role",
        "user groups",
        "user disable",
        "user enable",
        "user no-totp",
        "user remove",
        "token",
        "token list",
        "token add",
        "token remove",
        "audit",
        "audit list",
        "audit verify",
        "audit export",
        "incident",
        "incident list",
        "incident show",
        "simulate",
        "notify",
        "notify test",
        "db",
        "db migrate",
        "completions",
        "man",
    ] {
        let ran = place.run(&format!("{command} -h"));
        plain(&ran);
        // What every command takes is seen once.
        let out = ran.good();
        let (own, global) = out.split_once("\nGlobal options:\n").expect("global options");
        if command.is_empty() {
            text.push_str(&format!("{out}\n"));
        } else {
            assert!(global.contains("--config <FILE>") && global.contains("--verbose"), "{out}");
            text.push_str(&format!("=== {command}\n{own}\n"));
        }
    }
    insta::with_settings!({ snapshot_path => "snapshots" }, { insta::assert_snapshot!(text) });
}

#[test]
fn wrong_command_lines_end_with_2_and_of_plugins_with_3() {
    let place = Place::new();
    let mut text = String::new();
    for line in [
        "bogus",
        "run --bogus",
        "run --no-web --no-monitor",
        "notify test",
        "completions tcsh",
        "--log loud run",
        "probe --bogus",
        "--log info -c x.toml check --bogus",
        "--log loud probe",
        "status --url",
    ] {
        let ran = place.run(line);
        plain(&ran);
        assert!(ran.out.is_empty() && ran.err.starts_with("litemon: "), "{ran}");
        let plugin = ["probe", "check", "status"].iter().any(|word| line.contains(word));
        assert_eq!(ran.code, if plugin { 3 } else { 2 }, "{ran}");
        text.push_str(&format!("=== {line}\n{ran}\n\n"));
    }
    insta::with_settings!({ snapshot_path => "snapshots" }, { insta::assert_snapshot!(text) });
    let ran = place.run("");
    assert!(ran.code == 2 && ran.err.contains("Commands:"), "{ran}");
}

#[test]
fn the_generated_texts_name_every_command() {
    let place = Place::new();
    let man = place.run("man").good();
    for word in ["litemon quickstart", "litemon config check", "litemon notify test", "EXTRA"] {
        assert!(man.contains(word), "{word}: {man}");
    }
    assert!(!man.contains("litemon help"), "{man}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.run(&format!("completions {shell}")).good();
        assert!(script.contains("quickstart") && script.contains("no-monitor"), "{shell}");
    }
    let version = place.run("--version").good();
    assert_eq!(version, format!("litemon {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new();
    for command in ["man", "config schema", "completions zsh", "--help"] {
        let line = format!(
            "{{ {} {command}; echo $? >code; }} 2>err | head -c 1 >/dev/null",
            env!("CARGO_BIN_EXE_litemon")
        );
        let mut shell = std::process::Command::new("/bin/sh");
        assert!(
            shell.args(["-c", &line]).current_dir(place.dir.path()).status().unwrap().success()
        );
        assert_eq!((place.read("code").trim(), place.read("err").as_str()), ("0", ""), "{command}");
    }
}
