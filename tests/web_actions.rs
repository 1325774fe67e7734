//! `/admin/actions` in a real browser: one with typed parameters is written, run, edited, removed.

use litemon_core::manage::Role;

use crate::support::{litemon::Litemon, person::Person, servers::Servers};

const MORE: &str = "[groups.web]\n[actions.clear-cache]\ncommand = \"true\"\ndescription = \"Clear the cache\"\n\
    [defaults]\ninterval = \"1s\"\n";

/// Fills a row of the parameters.
async fn param(ann: &Person, row: usize, cells: [&str; 5]) {
    let names = ["param", "param_kind", "param_values", "param_default", "param_about"];
    for (name, value) in names.into_iter().zip(cells) {
        let value = serde_json::json!(value);
        ann.run(&format!("document.getElementsByName('{name}')[{row}].value = {value}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_is_written_run_edited_and_removed() {
    let servers = Servers::start(&["web-1"]).await;
    let litemon = Litemon::start(&format!("{}{MORE}", servers.configuration()), &[]).await;
    let ann = Person::log_in(&litemon, Role::Admin).await;
    ann.open("/admin/actions").await;
    ann.says("clear-cache").await;
    ann.press("a.button.first").await;
    ann.looks_at("actions-add").await;

    // A number that is written in another way is told beside its fields; what was typed stays.
    ann.fill(&[("name", "greet"), ("description", "Say hello")]).await;
    ann.fill(&[("command", "echo \"hello $LITEMON_PARAM_WHO\" $2")]).await;
    param(&ann, 0, ["times", "number", "1-9", "", "How often"]).await;
    ann.press("form.wide button.first").await;
    ann.says("times: numbers are written as 1..9").await;
    ann.looks_at("actions-refused").await;
    param(&ann, 0, ["who", "pattern", "[a-z]+", "", "Whom to greet"]).await;
    param(&ann, 1, ["times", "number", "1..9", "3", "How often"]).await;
    ann.press("form.wide button.first").await;
    ann.says("Say hello").await;
    ann.looks_at("actions-list").await;

    // It is among those that are run, and asks for what it needs.
    ann.open("/servers?select=all").await;
    ann.press("button[value=greet]").await;
    ann.says("Whom to greet").await;

    ann.open("/admin/actions/greet").await;
    ann.looks_at("actions-one").await;
    param(&ann, 1, ["", "number", "", "", ""]).await;
    ann.fill(&[("groups", "web"), ("role", "admin"), ("dangerous", "yes")]).await;
    ann.press("form.wide button.first").await;
    ann.says("dangerous").await;
    ann.open("/admin/actions/greet").await;
    let rows = ann.browser.eval("return document.querySelectorAll('.param').length").await.unwrap();
    assert_eq!(rows, 2, "the one that is left, and room for another");

    // What comes with litemon or stands in the file is shown, and locked.
    for (path, why) in [
        ("/admin/actions/clear-cache", "changed there"),
        ("/admin/actions/shutdown", "comes with litemon"),
    ] {
        ann.open(path).await;
        ann.says(why).await;
        assert!(!ann.source().await.contains("entry wide"));
    }
    ann.looks_at("actions-locked").await;

    ann.open("/language?to=id").await;
    ann.open("/admin/actions").await;
    ann.looks_at("actions-list-id").await;
    ann.open("/admin/actions/greet").await;
    ann.looks_at("actions-one-id").await;
    ann.open("/admin/actions/greet?remove").await;
    ann.looks_at("actions-remove-id").await;
    ann.press("form.entry button.danger").await;
    assert!(!ann.source().await.contains("greet"));
    assert_eq!(ann.complaints().await, Vec::<String>::new());
}
