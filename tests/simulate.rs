//! `litemon simulate`: every story of the gallery comes to what it expects, and what it prints.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The gallery: a story from life in each file.
fn gallery() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("tests/simulate")
}

/// Runs `litemon simulate ARGUMENTS` in a folder, with nothing of this machine's around it.
fn simulate(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
    command.arg("simulate").args(arguments).current_dir(folder).env_clear();
    command.env("HOME", folder).env("TZ", "UTC").output().unwrap()
}

fn printed(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    format!("{}--- error\n{}--- exit {code}", text(&output.stdout), text(&output.stderr))
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "simulate/snapshots" }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn every_story_of_the_gallery_comes_to_what_it_expects() {
    let mut stories = 0;
    for entry in fs::read_dir(gallery()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".toml") {
            continue;
        }
        let text = printed(&simulate(&gallery(), &[&name]));
        assert!(text.ends_with("--- error\n--- exit 0"), "{name}: {text}");
        assert!(text.contains("xpect"), "{name} expects nothing: {text}");
        stories += 1;
    }
    assert!(stories >= 10, "{stories} stories");
}

#[test]
fn what_is_told_when_and_why() {
    for story in ["night", "escalation"] {
        let told = simulate(&gallery(), &[&format!("{story}.toml")]);
        snapshot(story, &printed(&told));
    }
    let json = simulate(&gallery(), &["night.toml", "--json"]);
    snapshot("night_as_json", &printed(&json));
}

#[test]
fn the_documented_timeline_comes_to_what_the_document_says() {
    let document = fs::read_to_string(gallery().join("../../docs/SIMULATE.md")).unwrap();
    let mut blocks = document.split("```").skip(1).step_by(2);
    let timeline = blocks.find_map(|block| block.strip_prefix("toml\n")).unwrap();
    let printed_there = blocks.find_map(|block| block.strip_prefix("text\n")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("night.toml"), timeline).unwrap();
    let told = simulate(folder.path(), &["night.toml"]);
    assert_eq!(printed(&told), format!("{printed_there}--- error\n--- exit 0"));
}

/// Some days here, months with `LITEMON_SOAK`.
#[test]
fn no_promise_is_broken_in_made_up_times_and_a_seed_makes_up_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let (seeds, days) =
        if std::env::var_os("LITEMON_SOAK").is_some() { (20, "90") } else { (3, "1") };
    for seed in 1..=seeds {
        let arguments = ["--random", "--json", "--days", days, "--seed", &seed.to_string()];
        let told = simulate(folder.path(), &arguments);
        assert!(told.status.success(), "{}", printed(&told));
        if seed == 1 {
            assert_eq!(printed(&told), printed(&simulate(folder.path(), &arguments)));
        }
    }
}

/// A folder with a story that is not what it says.
fn told_wrongly(change: impl Fn(String) -> String) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(gallery().join("night.toml")).unwrap();
    fs::write(folder.path().join("story.toml"), change(text)).unwrap();
    simulate(folder.path(), &["story.toml"])
}

#[test]
fn what_is_not_as_expected_is_said_with_its_place_and_ends_with_1() {
    let told = told_wrongly(|text| {
        text.replace("Off since 05:33 #1", "Off since 05:34 #1")
            .replace("within = \"11s\"", "within = \"10ms\"")
            .replace("messages = 2", "messages = 3")
    });
    snapshot("not_as_expected", &printed(&told));
    assert_eq!(told.status.code(), Some(1));
}

#[test]
fn every_mistake_of_a_timeline_is_named_at_once_and_ends_with_2() {
    let told = told_wrongly(|text| {
        text.replace("start = \"2026-11-21 05:30\"", "start = \"soon\"\nend = \"5m\"")
            .replace("time = \"05:33\"", "time = \"5 o'clock\"")
            .replace("is = \"off\"", "is = 93")
            .replace(
                "check = \"web-1/nginx\"\nis = \"on\"",
                "check = \"web-1/ngin\"\nis = \"on\"\nby = \"ann\"",
            )
            .replace("to = \"oncall\"", "to = \"oncall\"\nmatches = \"(\"")
    });
    snapshot("mistakes", &printed(&told));
    let told = told_wrongly(|text| text.replace("address =", "adress ="));
    snapshot("mistakes_of_the_configuration", &printed(&told));
}

#[test]
fn a_configuration_elsewhere_is_played_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(gallery().join("night.toml")).unwrap();
    let (story, rest) = text.split_once("[config]").unwrap();
    let (config, moments) = rest.split_once("[[at]]").unwrap();
    let config = config
        .replace("config.", "")
        .replace("url = \"http://192.0.2.1/sendsms\"", "url = { env = \"NOT_THERE\" }");
    fs::create_dir(folder.path().join("conf")).unwrap();
    fs::write(folder.path().join("conf/litemon.toml"), config).unwrap();
    let story = format!("config = \"litemon.toml\"\n{story}[[at]]{moments}");
    fs::write(folder.path().join("conf/story.toml"), story).unwrap();
    let told = simulate(folder.path(), &["conf/story.toml"]);
    assert!(told.status.success(), "{}", printed(&told));
}
