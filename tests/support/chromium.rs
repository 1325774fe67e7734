//! A headless Chromium, driven by its own driver over WebDriver (W3C).

use std::{io, path::Path, process::Command, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Process, eventually, free_port};

/// What the driver or the browser said when something did not work.
#[derive(Debug)]
pub struct BrowserError(pub String);

impl std::fmt::Display for BrowserError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BrowserError {}

impl From<reqwest::Error> for BrowserError {
    fn from(error: reqwest::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<io::Error> for BrowserError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

type Result<T> = std::result::Result<T, BrowserError>;

/// How the browser is started.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether pages may run scripts.
    pub scripts: bool,
    /// Width of the window in CSS pixels.
    pub width: u32,
    /// Height of the window in CSS pixels.
    pub height: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { scripts: true, width: 1280, height: 900 }
    }
}

/// One browser with one tab and a profile of its own. It ends on drop.
#[derive(Debug)]
pub struct Browser {
    client: reqwest::Client,
    session: String,
    // Fields drop in order: the processes first, then the profile.
    _driver: Process,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts the driver and, through it, the browser.
    pub async fn start(options: Options) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).env("HOME", profile.path());
        let driver = Process::start(&mut command, &profile.path().join("driver.log"))?;
        let client = client();
        let base = format!("http://127.0.0.1:{port}");
        eventually("chromedriver to be ready", Duration::from_secs(20), async || {
            let status: Value =
                client.get(format!("{base}/status")).send().await.ok()?.json().await.ok()?;
            status["value"]["ready"].as_bool().filter(|ready| *ready)
        })
        .await;
        let body =
            json!({ "capabilities": { "alwaysMatch": capabilities(options, profile.path()) } });
        let answer = send(client.post(format!("{base}/session")).json(&body)).await?;
        let id = answer["sessionId"].as_str().unwrap_or_default();
        let session = format!("{base}/session/{id}");
        let browser = Self { client, session, _driver: driver, _profile: profile };
        browser.resize(options.width, options.height, false).await?;
        Ok(browser)
    }

    /// Opens an address and waits until it is loaded.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.post("url", json!({ "url": url })).await.map(|_| ())
    }

    /// Runs a function body in the page and gives what it returns.
    pub async fn eval(&self, script: &str) -> Result<Value> {
        self.post("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// The page's title.
    pub async fn title(&self) -> Result<String> {
        let answer = send(self.client.get(format!("{}/title", self.session))).await?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// What the browser wrote to its console since this was last asked: errors of scripts, refused
    /// requests, and reports of the content security policy.
    pub async fn console(&self) -> Result<Vec<String>> {
        let entries = self.post("se/log", json!({ "type": "browser" })).await?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        Ok(entries
            .iter()
            .filter_map(|entry| entry["message"].as_str())
            .map(str::to_owned)
            .collect())
    }

    /// Writes a picture (PNG) of the whole page at a window's size, light or dark.
    pub async fn screenshot(&self, path: &Path, width: u32, height: u32, dark: bool) -> Result<()> {
        self.resize(width, height, dark).await?;
        let tall = self.eval("return document.documentElement.scrollHeight").await?;
        let tall = tall.as_u64().and_then(|tall| u32::try_from(tall).ok()).unwrap_or(height);
        self.resize(width, tall.clamp(height, 6000), dark).await?;
        let picture = send(self.client.get(format!("{}/screenshot", self.session))).await?;
        let bytes = STANDARD
            .decode(picture.as_str().unwrap_or_default())
            .map_err(|error| BrowserError(error.to_string()))?;
        std::fs::write(path, bytes)?;
        Ok(())
    }

    /// Sets the window's size, and light or dark.
    pub async fn resize(&self, width: u32, height: u32, dark: bool) -> Result<()> {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await
    }

    async fn devtools(&self, command: &str, params: Value) -> Result<()> {
        let body = json!({ "cmd": command, "params": params });
        self.post("goog/cdp/execute", body).await.map(|_| ())
    }

    async fn post(&self, command: &str, body: Value) -> Result<Value> {
        send(self.client.post(format!("{}/{command}", self.session)).json(&body)).await
    }
}

fn capabilities(options: Options, profile: &Path) -> Value {
    let mut arguments = vec![
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--hide-scrollbars".to_owned(),
        format!("--user-data-dir={}", profile.join("profile").display()),
    ];
    arguments.push(format!("--window-size={},{}", options.width, options.height));
    let scripts = if options.scripts { 1 } else { 2 };
    json!({
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": {
            "args": arguments,
            "prefs": { "profile.managed_default_content_settings.javascript": scripts },
        },
    })
}

/// A client that goes to no proxy and needs no TLS provider.
pub fn client() -> reqwest::Client {
    builder().build().unwrap()
}

/// What makes such a client.
pub fn builder() -> reqwest::ClientBuilder {
    let roots = rustls::RootCertStore::empty();
    let tls = rustls::ClientConfig::builder_with_provider(
        rustls::crypto::ring::default_provider().into(),
    )
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth();
    reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .timeout(Duration::from_secs(60))
}

async fn send(request: reqwest::RequestBuilder) -> Result<Value> {
    let answer: Value = request.send().await?.json().await?;
    let value = answer["value"].clone();
    match value.get("error").and_then(Value::as_str) {
        Some(error) => {
            let message = value["message"].as_str().unwrap_or_default();
            Err(BrowserError(format!("{error}: {message}")))
        }
        None => Ok(value),
    }
}
