//! What the documents say is true of the program, and their links lead somewhere.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Place;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The first block of a language.
fn block(text: &str, language: &str) -> String {
    let (_, rest) = text.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn the_readmes_configuration_is_good() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let place = Place::with(&block(&readme, "toml")).set("SMS_KEY", "key");
    let said = place.run("config check").good();
    assert!(said.contains("web-1/nginx") && said.contains("Good: "), "{said}");
}

#[test]
fn the_example_is_good() {
    let text = fs::read_to_string(root().join("docs/example.toml")).unwrap();
    let place = Place::with(&text).set("SMS_KEY", "key").set("LITEMON_DB_PASSWORD", "word");
    let said = place.run("config check").good();
    assert!(said.contains("web-1/cpu") && said.contains("Good: "), "{said}");
}

/// The targets of `[text](target)` outside code blocks.
fn links(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2).collect::<String>();
    let inline = prose.split('`').step_by(2).collect::<String>();
    let link = regex::Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    link.captures_iter(&inline).map(|found| found[1].to_owned()).collect()
}

/// How the web turns a heading into an anchor.
fn anchors(text: &str) -> Vec<String> {
    let heading = |line: &str| line.trim_start_matches('#').trim().to_lowercase();
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let anchor =
        |line: &str| heading(line).chars().filter(kept).collect::<String>().replace(' ', "-");
    text.lines().filter(|line| line.starts_with('#')).map(anchor).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let root = root();
    let mut documents: Vec<PathBuf> = ["", "docs"]
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    documents.sort();
    assert!(documents.len() >= 8, "{documents:?}");
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{}: {link}", document.display());
            let there = || anchors(&fs::read_to_string(&target).unwrap());
            let found = anchor.is_empty() || there().iter().any(|there| there == anchor);
            assert!(found, "{}: {link}", document.display());
        }
    }
}

#[test]
fn what_the_map_names_is_there() {
    let map = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let name =
        regex::Regex::new(r"`((?:litemon-(?:core|web|cli)|tests|docs|examples|benches)/[^`\s*]*)`")
            .unwrap();
    let mut found = 0;
    for named in name.captures_iter(&map) {
        assert!(root().join(&named[1]).exists(), "{} is not there", &named[1]);
        found += 1;
    }
    assert!(found > 20, "{found}");
}
