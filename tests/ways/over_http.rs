//! `webhook` and `http`.

use std::process::Command;

use serde_json::Value;

use super::{SOON, Watch};
use crate::support::{
    eventually,
    hook::{Asked, Hook},
    run,
};

const SECRET: &str = "wehbook-s3cret-0123";

async fn wait_for(hook: &Hook, count: usize) -> Vec<Asked> {
    eventually(&format!("{count} calls"), SOON, async || {
        let all = hook.asked();
        (all.len() >= count).then_some(all)
    })
    .await
}

/// The signature as somebody else makes it.
fn by_openssl(asked: &Asked) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    let signed = format!("{}.{}", asked.headers["litemon-timestamp"], asked.body);
    std::fs::write(file.path(), signed).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.args(["dgst", "-sha256", "-hmac", SECRET]).arg(file.path());
    format!("v1={}", run(&mut openssl).trim().rsplit_once(' ').unwrap().1)
}

#[tokio::test]
async fn a_webhook_gets_the_event_signed_and_again_until_it_takes_it() {
    let hook = Hook::start().await;
    let table = format!(
        "[notifiers.webhook.own]\nurl = \"{}\"\nsecret = {{ env = \"HOOK_KEY\" }}\n",
        hook.url("/litemon?from=here")
    );
    hook.answer("503 Busy", "not now");
    let watch = Watch::start("\"own\"", &table, &[("HOOK_KEY", SECRET)]).await;
    watch.off();
    wait_for(&hook, 2).await;
    hook.answer("204 No Content", "");
    let before = wait_for(&hook, 3).await.len();
    watch.on();
    let all = eventually("the recovery", SOON, async || {
        let all = hook.asked();
        all.last()?.body.contains("\"event\":\"recovery\"").then_some(all)
    })
    .await;
    assert!(before >= 3);
    for asked in &all {
        assert_eq!(asked.line, "POST /litemon?from=here");
        assert_eq!(asked.headers["content-type"], "application/json");
        assert_eq!(asked.headers["litemon-signature"], by_openssl(asked));
    }
    let event: Value = serde_json::from_str(&all[0].body).unwrap();
    assert_eq!(event["version"], 1);
    assert_eq!((&event["event"], &event["check"]), (&"problem".into(), &"here/lamp".into()));
    assert!(event["text"].as_str().unwrap().starts_with("PROBLEM here lamp Off since "), "{event}");
    let over: Value = serde_json::from_str(&all.last().unwrap().body).unwrap();
    assert_eq!((&over["reason"], &over["incident"]), (&"recovered".into(), &event["incident"]));
    assert!(!watch.litemon.log().contains(SECRET));
}

#[tokio::test]
async fn a_chat_gets_a_message_for_each_room() {
    let hook = Hook::start().await;
    hook.answer("200 OK", "{\"ok\":true}");
    let table = format!(
        "[notifiers.http.chat]\ngather = false\nurl = {{ env = \"CHAT_URL\" }}\nsuccess = '\"ok\":true'\n\
         json = {{ chat_id = \"{{{{ to }}}}\", text = \"{{{{ text }}}}\" }}\nrecipients = [\"-1001\", \"-1002\"]\n\
         [notifiers.http.push]\ngather = false\nurl = \"{}\"\nmethod = \"put\"\nheaders = {{ Title = \"{{{{ check }}}}\" }}\n\
         body = '{{\"title\": \"{{{{ server }}}}\", \"on\": {{{{ on }}}}, \"detail\": {{{{ detail | tojson }}}}}}'\n\
         content_type = \"application/json\"\n",
        hook.url("/push/{{ name }}")
    );
    let url = hook.url("/bot123:t0ken-s3cret/sendMessage");
    let watch = Watch::start("\"chat\", \"push\"", &table, &[("CHAT_URL", &url)]).await;
    watch.off();
    let all = wait_for(&hook, 3).await;
    let (chat, push): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|asked| asked.line == "POST /bot123:t0ken-s3cret/sendMessage");
    let mut rooms: Vec<Value> =
        chat.iter().map(|asked| serde_json::from_str(&asked.body).unwrap()).collect();
    rooms.sort_by_key(|room| room["chat_id"].to_string());
    assert_eq!((&rooms[0]["chat_id"], &rooms[1]["chat_id"]), (&"-1001".into(), &"-1002".into()));
    assert!(rooms[0]["text"].as_str().unwrap().starts_with("PROBLEM here lamp Off since "));
    assert_eq!(push.len(), 1);
    assert_eq!(
        (push[0].line.as_str(), push[0].headers["title"].as_str()),
        ("PUT /push/lamp", "here/lamp")
    );
    let body: Value = serde_json::from_str(&push[0].body).unwrap();
    assert_eq!((&body["title"], &body["on"]), (&"here".into(), &false.into()));
    let page = watch.litemon.get("/incidents/1").await.unwrap().1;
    for secret in ["t0ken-s3cret", "bot123"] {
        assert!(!page.contains(secret) && !watch.litemon.log().contains(secret));
    }
}
