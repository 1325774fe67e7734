//! Scene 4: an SMS that is answered stops the reminders, through the real Kannel; an SMS of somebody
//! who is told nothing does not.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    chromium::client, eventually, kannel::Kannel, litemon::Litemon, phones::Phones,
};

const SOON: Duration = Duration::from_secs(30);
/// A reminder is there by then.
const REMINDED: Duration = Duration::from_secs(75);
const SECRET: &str = "an-SMS-gateway-s-secret";
const ANN: &str = "+628123456789";
const BOB: &str = "+628777000111";
const STRANGER: &str = "+628999999999";

/// A lamp of this machine that is on while a file is there; reminders come each minute.
fn configuration(notifier: &str, folder: &std::path::Path) -> String {
    format!(
        "timezone = \"UTC\"\n{}\
         [hooks.sms]\nsecret = {{ env = \"HOOK\" }}\npeople = {{ ann = \"{ANN}\" }}\n\
         [defaults]\ninterval = \"300ms\"\nattempts = 1\nnotify = \"oncall\"\nflapping = false\n\
         reminders = [\"1m\"]\n\
         [servers.box]\naddress = \"local\"\nservices.lamp.command = \"test -e {}\"\n",
        notifier.replace(&format!("[\"{ANN}\"]"), &format!("[\"{ANN}\", \"{BOB}\"]")),
        folder.join("on").display(),
    )
}

const SECRETS: [(&str, &str); 2] = [("HOOK", SECRET), ("SMS_KEY", Kannel::PASSWORD)];

/// The texts that a phone got.
fn texts(kannel: &Kannel, to: &str) -> Vec<String> {
    kannel.received().into_iter().filter(|sms| sms.to == to).map(|sms| sms.text).collect()
}

/// Waits for a text that starts so on a phone.
async fn gets(kannel: &Kannel, to: &str, start: &str) -> String {
    eventually(&format!("{start:?} at {to}, have {:?}", texts(kannel, to)), SOON, async || {
        texts(kannel, to).into_iter().find(|text| text.starts_with(start))
    })
    .await
}

fn reminders(kannel: &Kannel) -> usize {
    texts(kannel, BOB).iter().filter(|text| text.contains(" still Off since ")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scene_4_an_answer_stops_the_reminders_and_a_strangers_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let lamp = folder.path().join("on");
    fs::write(&lamp, "").unwrap();
    let mut kannel = Kannel::start().await;
    let configuration = configuration(&kannel.notifier("oncall", ANN), folder.path());
    let litemon = Litemon::start(&configuration, &SECRETS).await;
    kannel.hand_over_to(&litemon.url(&format!("/hooks/sms/{SECRET}"))).await;

    fs::remove_file(&lamp).unwrap();
    let told = gets(&kannel, ANN, "PROBLEM box lamp Off since ").await;
    let number = told.rsplit_once('#').unwrap().1.to_owned();

    // Somebody whom nobody tells anything: no answer, and reminders go on.
    kannel.write(STRANGER, &format!("ACK {number}"));
    eventually("the stranger's SMS to be left out", SOON, async || {
        litemon.log().contains("an SMS of somebody who is told nothing was left out").then_some(())
    })
    .await;
    eventually("a reminder", REMINDED, async || (reminders(&kannel) > 0).then_some(())).await;

    // As a phone writes it, and without the plus, as some networks do.
    kannel.write(&ANN[1..], &format!("Ack #{number}"));
    let reply = gets(&kannel, &ANN[1..], "ACK #").await;
    assert_eq!(reply, format!("ACK #{number} box lamp taken"));
    let others = gets(&kannel, BOB, "ACK ").await;
    assert!(
        others.starts_with("ACK box lamp Off since ")
            && others.ends_with(&format!(", taken by ann #{number}")),
        "{others}"
    );
    assert!(!texts(&kannel, ANN).iter().any(|text| text.starts_with("ACK ")), "he knows it");
    let before = reminders(&kannel);
    // What is not to come cannot be waited for: the next one would be there by then.
    tokio::time::sleep(REMINDED).await;
    assert_eq!(reminders(&kannel), before);
    assert_eq!(texts(&kannel, STRANGER), [""; 0]);

    kannel.write(&ANN[1..], "status");
    let status = gets(&kannel, &ANN[1..], "1 problem: ").await;
    assert_eq!(status, format!("1 problem: box lamp Off #{number} taken"));
    let trail = litemon.command(&["audit", "list"]).output().unwrap();
    let trail = String::from_utf8_lossy(&trail.stdout).into_owned();
    assert!(trail.contains("incident.ack") && trail.contains("SMS"), "{trail}");
    for secret in [SECRET, STRANGER, ANN] {
        assert!(!litemon.log().contains(secret), "{secret} is in the log");
    }
    fs::write(&lamp, "").unwrap();
    gets(&kannel, ANN, "OK box lamp On").await;
}

/// What the hook answers to JSON.
async fn says(litemon: &Litemon, path: &str, body: &Value) -> (u16, Value) {
    let request = client().post(litemon.url(path)).json(body);
    let answer = request.header("authorization", format!("Bearer {SECRET}")).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_gateway_hands_over_answers_as_json() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("on"), "").unwrap();
    let phones = Phones::start().await;
    let configuration = configuration(&phones.notifier("oncall"), folder.path());
    let litemon = Litemon::start(&configuration, &SECRETS).await;
    let hook = "/hooks/sms";
    let status = says(&litemon, hook, &json!({ "from": ANN, "text": "STATUS" })).await;
    assert_eq!(status, (200, json!({ "reply": "The server runs" })));
    let box_only = says(&litemon, hook, &json!({ "from": ANN, "text": "status Box" })).await;
    assert_eq!(box_only, (200, json!({ "reply": "box: lamp On" })));

    // One message that comes twice mutes once.
    let mute = json!({ "from": BOB, "text": "mute box 30m", "id": "m-1" });
    let muted = says(&litemon, hook, &mute).await;
    let text = muted.1["reply"].as_str().unwrap().to_owned();
    assert!(text.starts_with("MUTE box until ") && text.ends_with(" (30m)"), "{text}");
    assert_eq!(says(&litemon, hook, &mute).await, muted);
    let list = litemon.command(&["maintenance", "list"]).output().unwrap();
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert_eq!(list.matches("by SMS").count(), 1, "{list}");
    assert!(list.contains("+6287*****111") && !list.contains(BOB), "{list}");

    let old = json!({ "from": ANN, "text": "mute box 1h", "at": "2016-04-14T05:33:00Z" });
    let late = says(&litemon, hook, &old).await;
    assert!(late.1["reply"].as_str().unwrap().starts_with("Not done: "), "{late:?}");
    let stranger = json!({ "from": STRANGER, "text": "STATUS" });
    assert_eq!(says(&litemon, hook, &stranger).await, (204, Value::Null));
    assert_eq!(says(&litemon, hook, &json!({ "from": ANN })).await.0, 400);
    let long = "x".repeat(70_000);
    assert_eq!(says(&litemon, hook, &json!({ "from": ANN, "text": long })).await.0, 413);
    for wrong in ["/hooks/sms/AAAAAAAAAAAAAAAAAAAAAA", "/hooks/sms/x", "/hooks/sms"] {
        let answer = client().get(litemon.url(&format!("{wrong}?from={}&text=STATUS", &ANN[1..])));
        assert_eq!(answer.send().await.unwrap().status().as_u16(), 404, "{wrong}");
    }
    assert!(!litemon.log().contains(SECRET));
}
