//! `/admin/servers` in a real browser, with real servers: added, tested, trusted, edited, removed.

use std::fs;

use litemon_core::manage::Role;

use crate::support::{
    litemon::Litemon,
    person::Person,
    sshd::{Sshd, user},
};

/// What must never come back from a field.
const CANARY: &str = "canary-in-the-mine";

const WATCHED: &str = "[defaults]\ninterval = \"1s\"\nattempts = 1\n[ssh]\nagent = false\n\
    [servers.here]\naddress = \"local\"\n[servers.here.services.up]\ncommand = \"true\"\n\
    [groups.web]\n[groups.db]\n[profiles.app.services.java]\ncommand = \"true\"\n\
    [notifiers.exec.note]\ncommand = [\"true\"]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_are_added_tested_trusted_edited_and_removed() {
    let (one, two) = (Sshd::start().await, Sshd::start().await);
    let litemon = Litemon::start(WATCHED, &[("LITEMON_LOG", "trace")]).await;
    let ann = Person::log_in(&litemon, Role::Admin).await;
    ann.open("/admin/servers").await;
    ann.says("0 added here, 1 from the file").await;
    ann.press("a.button.first").await;
    ann.looks_at("servers-add").await;

    // What runs on the monitor itself comes from files only; what was typed stays.
    let identity = one.path("id").display().to_string();
    let login = [("user", &*user()), ("identity", &identity)];
    ann.fill(&[("name", "web-1"), ("address", "local"), ("groups", "web")]).await;
    ann.fill(&login).await;
    ann.fill(&[("service", "up"), ("service_command", "true"), ("labels", "city=Bogor")]).await;
    ann.press("form.wide button.first").await;
    ann.says("come from the configuration file only").await;
    ann.looks_at("servers-refused").await;
    ann.fill(&[("address", &format!("127.0.0.1:{}", one.port()))]).await;
    ann.press("form.wide button.first").await;
    ann.says("It is added").await;
    ann.looks_at("servers-added").await;
    ann.trust(&one).await;
    ann.looks_at("servers-tested").await;

    // The other with secrets of its own, and first at an address where nothing is.
    let key = fs::read_to_string(two.path("id")).unwrap();
    ann.open("/admin/servers?add").await;
    ann.fill(&[("name", "db-1"), ("address", "127.0.0.1:9"), ("groups", "db")]).await;
    ann.fill(&[("user", &*user()), ("private_key", &key), ("password", CANARY)]).await;
    ann.fill(&[("sudo_password", CANARY), ("profiles", "linux")]).await;
    ann.press("form.wide button.first").await;
    ann.press("form[action$='/test'] button").await;
    ann.says("refused").await;
    ann.looks_at("servers-unreachable").await;
    ann.fill(&[("address", &format!("127.0.0.1:{}", two.port()))]).await;
    ann.press("form.wide button.first").await;
    ann.says("Saved").await;
    ann.trust(&two).await;
    let source = ann.source().await;
    assert!(!source.contains(CANARY) && !source.contains("PRIVATE KEY"), "{source}");
    assert!(source.contains("One is stored"), "{source}");

    // Both are watched without a restart.
    ann.open("/servers/web-1").await;
    ann.says("up").await;
    ann.says("On").await;

    // A name in both is a mistake; one of the file is not edited here.
    ann.open("/admin/servers?add").await;
    ann.fill(&[("name", "here"), ("address", "10.0.0.1")]).await;
    ann.press("form.wide button.first").await;
    ann.says("here is there already").await;
    ann.open("/admin/servers/here").await;
    ann.says("changed there").await;
    assert!(!ann.source().await.contains("entry wide"));
    ann.looks_at("servers-locked").await;
    ann.open("/admin/servers").await;
    ann.looks_at("servers-list").await;

    ann.open("/admin/servers/db-1").await;
    ann.press("a.danger").await;
    ann.says("Remove db-1?").await;
    ann.looks_at("servers-remove").await;
    ann.press("form.entry button.danger").await;
    ann.says("1 added here").await;
    assert!(!ann.source().await.contains("db-1"));

    ann.open("/language?to=id").await;
    for (path, name) in [
        ("/admin/servers", "servers-list-id"),
        ("/admin/servers?add", "servers-add-id"),
        ("/admin/servers/web-1", "servers-one-id"),
    ] {
        ann.open(path).await;
        ann.looks_at(name).await;
    }
    assert_eq!(ann.complaints().await, Vec::<String>::new());
    assert!(!litemon.log().contains(CANARY));
}
