//! A Prometheus that scrapes one address.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{Process, chromium, eventually, free_port};

const READY: Duration = Duration::from_secs(60);

/// It runs until it is dropped.
#[derive(Debug)]
pub struct Prometheus {
    _process: Process,
    folder: TempDir,
    url: String,
}

impl Prometheus {
    /// Scrapes `/metrics` of `HOST:PORT` each second.
    pub fn start(target: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        let job = format!("{{job_name: litemon, static_configs: [{{targets: ['{target}']}}]}}");
        fs::write(&config, format!("global: {{scrape_interval: 1s}}\nscrape_configs: [{job}]\n"))
            .unwrap();
        let listen = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={listen}"));
        let process = Process::start(&mut command, &folder.path().join("log")).unwrap();
        Self { _process: process, folder, url: format!("http://{listen}/api/v1") }
    }

    async fn ask(&self, path: &str, query: (&str, &str)) -> Option<Value> {
        let url = format!("{}/{path}", self.url);
        let answer = chromium::client().get(url).query(&[query]).send().await.ok()?;
        Some(serde_json::from_str::<Value>(&answer.text().await.ok()?).ok()?["data"].take())
    }

    /// Waits until an expression has a value that is as wanted, and gives it.
    pub async fn until(&self, expression: &str, wanted: impl Fn(f64) -> bool) -> f64 {
        let log = self.folder.path().join("log");
        eventually(&format!("{expression}, see {}", log.display()), READY, async || {
            let data = self.ask("query", ("query", expression)).await?;
            let value = data["result"].get(0)?["value"].get(1)?.as_str()?.parse().ok()?;
            wanted(value).then_some(value)
        })
        .await
    }

    /// What it was told of a family: its type.
    pub async fn kind(&self, family: &str) -> Option<String> {
        let data = self.ask("metadata", ("metric", family)).await?;
        Some(data[family].get(0)?["type"].as_str()?.to_owned())
    }
}

/// What `promtool check metrics` finds in a page of the text format 0.0.4, which is the one that it
/// reads; empty when it finds nothing.
pub fn linted(page: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page");
    fs::write(&file, page).unwrap();
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::from(fs::File::open(&file).unwrap()));
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}
