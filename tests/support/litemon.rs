//! The program itself, run from a configuration in a temporary folder.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::{Process, chromium, eventually, free_port, namespace::Namespace};

/// How long the start, a reload and the end may take each.
const SOON: Duration = Duration::from_secs(20);

/// A running `litemon run`, killed on drop.
#[derive(Debug)]
pub struct Litemon {
    // Fields drop in order: the process before its folder.
    process: Option<Process>,
    folder: TempDir,
    address: SocketAddr,
    env: Vec<(String, String)>,
    client: reqwest::Client,
}

impl Litemon {
    /// Starts it and waits until `/healthz` says that results arrive.
    ///
    /// The configuration says nothing of `[web] listen`: a free port is chosen. Of the environment
    /// only PATH is handed on.
    pub async fn start(configuration: &str, env: &[(&str, &str)]) -> Self {
        let mut litemon = Self::prepare(configuration, env);
        litemon.run();
        litemon.healthy().await;
        litemon
    }

    /// The same, not started yet.
    pub fn prepare(configuration: &str, env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let litemon = Self {
            process: None,
            address,
            env: env.chain([("LITEMON__WEB__LISTEN".to_owned(), address.to_string())]).collect(),
            client: chromium::client(),
            folder,
        };
        litemon.write(configuration);
        litemon
    }

    /// Starts it (again), and waits for nothing.
    pub fn run(&mut self) {
        let process = Process::start(&mut self.command(&["run"]), &self.path("log")).unwrap();
        self.process = Some(process);
    }

    /// The same in a network namespace: pages are out of reach, `control.sock` is not.
    pub fn run_in(&mut self, namespace: &Namespace) {
        let mut command = namespace.enter(&self.command(&["run"]));
        self.process = Some(Process::start(&mut command, &self.path("log")).unwrap());
    }

    /// Waits until `/healthz` says that results arrive.
    pub async fn healthy(&mut self) {
        let url = self.url("/healthz");
        eventually("litemon to be healthy", SOON, async || {
            let process = self.process.as_mut().expect("it was started");
            assert!(process.runs(), "litemon ended:\n{}", self.log());
            let answer = self.client.get(&url).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// Another command of the program with the same configuration and environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path()).envs(self.env.iter().cloned());
        command.current_dir(self.folder.path()).arg("-c").arg(self.path("litemon.toml"));
        command.args(arguments);
        command
    }

    fn write(&self, configuration: &str) {
        fs::write(self.path("litemon.toml"), configuration).unwrap();
    }

    /// Edits the configuration and sends SIGHUP: whether the new one is in force, or else the old.
    pub async fn reload(&self, configuration: &str) -> bool {
        self.write(configuration);
        let before = self.log().len();
        self.signal(Signal::HUP);
        eventually("the reload", SOON, async || {
            let log = self.log().split_off(before);
            let taken = log.contains("the configuration is reloaded");
            (taken || log.contains("stays in force")).then_some(taken)
        })
        .await
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("it runs").signal(signal);
    }

    /// Ends it in order (SIGTERM); how it ended.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        let mut process = self.process.take().expect("it runs");
        eventually("litemon to end", SOON, async || (!process.runs()).then_some(())).await;
        process.wait().unwrap()
    }

    /// Kills it, as a power cut does.
    pub fn kill9(&mut self) {
        self.signal(Signal::KILL);
        self.process.take().expect("it runs").wait().unwrap();
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.as_ref().expect("it runs").id()
    }

    /// A file of its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its local durable state.
    pub fn state_dir(&self) -> PathBuf {
        self.path("litemon-data")
    }

    /// All that it logged.
    pub fn log(&self) -> String {
        read(&self.path("log"))
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A page's status and text; `None` while nobody answers.
    pub async fn get(&self, path: &str) -> Option<(u16, String)> {
        let answer = self.client.get(self.url(path)).send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// A page that is JSON.
    ///
    /// # Panics
    /// When it is not, or not found.
    pub async fn get_json(&self, path: &str) -> Value {
        let (status, text) = self.get(path).await.unwrap_or_else(|| panic!("{path}: no answer"));
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// Asks over `control.sock`; the status and the text. A body goes as JSON.
    pub async fn control(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, String) {
        let asked = self.ask(method, path, body).await;
        asked.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The same; `None` while nobody answers.
    pub async fn try_control(&self, method: &str, path: &str) -> Option<(u16, String)> {
        self.ask(method, path, None).await.ok()
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<(u16, String)> {
        let socket = self.state_dir().join("control.sock");
        let client = chromium::builder().unix_socket(socket).build().unwrap();
        // No name leads to a socket, so any will do.
        let url = format!("http://anything.example{path}");
        let mut request = client.request(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// Runs something on servers in this process; its job.
    pub async fn job(&self, order: Value) -> i64 {
        let (status, text) = self.control("POST", "/api/v1/jobs", Some(&order)).await;
        assert_eq!(status, 201, "{order}: {text}");
        let job: Value = serde_json::from_str(&text).unwrap();
        job["job"].as_i64().unwrap()
    }

    /// A job, as the program tells it.
    pub async fn show(&self, job: i64) -> Value {
        let (status, text) = self.control("GET", &format!("/api/v1/jobs/{job}"), None).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// What a server put out in a job, as far as one part goes.
    pub async fn output(&self, job: i64, server: &str) -> String {
        let path = format!("/api/v1/jobs/{job}/output/{server}");
        let (status, text) = self.control("GET", &path, None).await;
        assert_eq!(status, 200, "{text}");
        let part: Value = serde_json::from_str(&text).unwrap();
        part["text"].as_str().unwrap().to_owned()
    }

    /// Waits until a server put this out in a job, and gives its output.
    pub async fn puts_out(&self, job: i64, server: &str, what: &str) -> String {
        let waiting = format!("{what:?} of job {job} on {server}");
        eventually(&waiting, 3 * SOON, async || {
            Some(self.output(job, server).await).filter(|said| said.contains(what))
        })
        .await
    }

    /// Waits for the end of a job, and gives it.
    pub async fn ended(&self, job: i64) -> Value {
        eventually(&format!("the end of job {job}"), 3 * SOON, async || {
            Some(self.show(job).await).filter(|job| !job["ended"].is_null())
        })
        .await
    }

    /// Waits until the overview says something.
    pub async fn says(&self, what: &str, limit: Duration) {
        let waiting = format!("the overview to say {what:?}, see the log:\n{}", self.log());
        eventually(&waiting, limit, async || {
            self.get("/").await.filter(|(_, page)| page.contains(what)).map(|_| ())
        })
        .await;
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}
