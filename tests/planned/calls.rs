//! Jobs that are called, as a service elsewhere calls them.

use std::fs;

use reqwest::Client;
use serde_json::{Value, json};

use super::PATIENCE;
use crate::support::{chromium, eventually, litemon::Litemon};

struct Caller {
    folder: tempfile::TempDir,
    client: Client,
    litemon: Litemon,
    token: String,
}

impl Caller {
    /// What `litemon job token` made, in a configuration.
    async fn start() -> Self {
        let first = Litemon::prepare("[servers.here]\naddress = \"local\"\n", &[]);
        let made = first.command(&["job", "token", "greet"]).output().unwrap();
        let made = String::from_utf8(made.stdout).unwrap();
        let mut lines = made.lines().filter_map(|line| line.strip_prefix("    "));
        let token = lines.next().unwrap().to_owned();
        let table = lines.skip(1).collect::<Vec<_>>().join("\n");
        assert!(table.starts_with("[jobs.greet]\ntoken_sha256 = ") && !table.contains(&token));
        // Commands of this machine run in `/`.
        let folder = tempfile::tempdir().unwrap();
        let (greeted, wait) = (folder.path().join("greeted"), folder.path().join("wait"));
        let (greeted, wait) = (greeted.display(), wait.display());
        let text = format!(
            "[servers.here]\naddress = \"local\"\n\
             [actions.greet]\ncommand = \"echo $1 >> {greeted}; while test -e {wait}; do sleep 0.1; done\"\n\
             [actions.greet.params.whom]\npattern = \"[a-z]+\"\n\
             [actions.greet.params.how]\nchoice = [\"well\"]\ndefault = \"well\"\n\
             {table}\naction = \"greet\"\nservers = \"here\"\nmay_set = \"whom\"\n"
        );
        let litemon = Litemon::start(&text, &[]).await;
        Self { folder, client: chromium::client(), litemon, token }
    }

    async fn call(&self, query: &str, key: Option<&str>, body: Value) -> (u16, Value) {
        let url = self.litemon.url(&format!("/hooks/job/{}{query}", self.token));
        let mut request = self.client.post(url).json(&body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    fn greeted(&self) -> String {
        fs::read_to_string(self.folder.path().join("greeted")).unwrap_or_default()
    }
}

#[tokio::test]
async fn a_call_runs_a_job_once_with_what_the_caller_may_say() {
    let caller = Caller::start().await;
    let ann = json!({ "params": { "whom": "ann" }, "ref": "main" });
    let (status, would) = caller.call("?dry_run=1", None, ann.clone()).await;
    assert_eq!((status, &would["what"]), (200, &json!("greet whom=ann")), "{would}");
    assert_eq!(would["servers"], json!([{ "server": "here", "concerns": [] }]));
    for (body, says) in [
        (json!({}), "whom is needed"),
        (json!({ "params": { "whom": "ann; rm" } }), "whom cannot be"),
        (json!({ "params": { "whom": "ann", "how": "well" } }), "may not be given by a caller"),
    ] {
        let (status, answer) = caller.call("", None, body).await;
        let line = answer["error"].as_str().unwrap();
        assert!(status == 400 && line.contains(says), "{status} {answer}");
    }
    assert_eq!(caller.greeted(), "");
    fs::write(caller.folder.path().join("wait"), "").unwrap();
    let (status, begun) = caller.call("", Some("build-7"), ann.clone()).await;
    assert_eq!((status, &begun["begun"]), (202, &json!(true)), "{begun}");
    let job = begun["job"].as_i64().unwrap();
    // The same call again is the same job, and another one waits for nobody.
    let again = caller.call("", Some("build-7"), ann.clone()).await;
    assert_eq!(again, (202, json!({ "job": job, "begun": false })));
    let (status, other) = caller.call("", Some("build-8"), ann.clone()).await;
    assert_eq!((status, &other["job"]), (409, &json!(job)), "{other}");
    fs::remove_file(caller.folder.path().join("wait")).unwrap();
    let ended = caller.litemon.ended(job).await;
    assert_eq!((&ended["by"], &ended["planned"]), (&json!("trigger:greet"), &json!("greet")));
    assert_eq!(ended["results"][0]["outcome"], "ok", "{ended}");
    let again = caller.call("", Some("build-7"), ann.clone()).await;
    assert_eq!(again, (202, json!({ "job": job, "begun": false })));
    eventually("the greeting", PATIENCE, async || (caller.greeted() == "ann\n").then_some(()))
        .await;
    let url = caller.litemon.url("/hooks/job/AAAAAAAAAAAAAAAAAAAAAA");
    let wrong = caller.client.post(url).send().await.unwrap();
    assert_eq!(wrong.status(), 404);
    assert!(!caller.litemon.log().contains(&caller.token));
}
