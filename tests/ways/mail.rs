//! `email`, over a real mail server.

use super::{SOON, Watch};
use crate::support::{
    eventually,
    smtp::{Door, MailServer},
};

fn notifier(server: &MailServer, door: Door, to: &str) -> String {
    let more = match door {
        Door::Plain => "security = \"none\"\n".to_owned(),
        Door::StartTls | Door::Tls => format!(
            "security = \"{}\"\nusername = \"{}\"\npassword = {{ env = \"MAIL_KEY\" }}\nroots = \"{}\"\n",
            if door == Door::Tls { "tls" } else { "starttls" },
            MailServer::USER,
            server.file("cert.pem").display()
        ),
    };
    format!(
        "[notifiers.email.mail]\ngather = false\nserver = \"localhost:{}\"\nfrom = \"Litemon <litemon@example.org>\"\n\
         recipients = [{to}]\n{more}",
        server.port()
    )
}

fn header<'m>(mail: &'m str, name: &str) -> &'m str {
    let mut lines = mail.lines().take_while(|line| !line.is_empty());
    lines.find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default()
}

async fn problem_and_recovery(door: Door) {
    let server = MailServer::start(door).await;
    let table = notifier(&server, door, "\"oncall@example.org\"");
    let watch = Watch::start("\"mail\"", &table, &[("MAIL_KEY", MailServer::PASSWORD)]).await;
    watch.off();
    let problem = server.wait_for(1, SOON).await.remove(0);
    watch.on();
    let recovery = server.wait_for(2, SOON).await.remove(1);
    assert!(header(&problem, "Subject").starts_with("PROBLEM here lamp Off since "), "{problem}");
    assert!(header(&recovery, "Subject").starts_with("OK here lamp On, was Off "), "{recovery}");
    assert_eq!(header(&problem, "To"), "oncall@example.org");
    assert!(problem.contains("Check:         here/lamp\n"), "{problem}");
    let first = header(&problem, "Message-ID");
    assert!(first.ends_with("@example.org>"), "{problem}");
    assert_eq!(header(&recovery, "In-Reply-To"), first);
    assert_eq!(header(&recovery, "References"), first);
    assert_ne!(header(&recovery, "Message-ID"), first);
    assert!(!watch.litemon.log().contains(MailServer::PASSWORD));
}

#[tokio::test]
async fn plain_on_this_machine() {
    problem_and_recovery(Door::Plain).await;
}

#[tokio::test]
async fn starttls_and_a_login() {
    problem_and_recovery(Door::StartTls).await;
}

#[tokio::test]
async fn tls_and_a_login() {
    problem_and_recovery(Door::Tls).await;
}

/// What `incident show` says of a notice.
async fn until_said(watch: &Watch, what: &str) -> String {
    eventually(&format!("{what:?} of incident 1"), SOON, async || {
        let output = watch.litemon.command(&["incident", "show", "1"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.contains(what).then_some(text)
    })
    .await
}

#[tokio::test]
async fn replies_of_4xx_are_tried_again_and_of_5xx_are_not() {
    let server = MailServer::start(Door::Plain).await;
    server.full(true);
    let to = "\"nobody@example.org\", \"temporary@example.org\"";
    let table = notifier(&server, Door::Plain, to);
    let watch = Watch::start("\"mail\"", &table, &[]).await;
    watch.off();
    until_said(&watch, "550 5.1.1 no such user here").await;
    until_said(&watch, "451 4.3.0 try again later").await;
    server.full(false);
    let mails = server.wait_for(1, SOON).await;
    assert_eq!(header(&mails[0], "X-To"), "temporary@example.org");
    assert_eq!(mails.len(), 1);
}

#[tokio::test]
async fn a_server_without_starttls_and_one_that_is_not_trusted_get_nothing() {
    let plain = MailServer::start(Door::Plain).await;
    let table = format!(
        "[notifiers.email.mail]\ngather = false\nserver = \"localhost:{}\"\nfrom = \"a@b.example\"\nrecipients = [\"c@d.example\"]\n",
        plain.port()
    );
    let watch = Watch::start("\"mail\"", &table, &[]).await;
    watch.off();
    until_said(&watch, "STARTTLS").await;
    assert_eq!(plain.mails(), Vec::<String>::new());

    let other = MailServer::start(Door::Tls).await;
    let table = notifier(&other, Door::Tls, "\"c@d.example\"");
    let table: String =
        table.lines().filter(|line| !line.starts_with("roots")).map(|l| format!("{l}\n")).collect();
    let watch = Watch::start("\"mail\"", &table, &[("MAIL_KEY", MailServer::PASSWORD)]).await;
    watch.off();
    until_said(&watch, "ertificate").await;
    assert_eq!(other.mails(), Vec::<String>::new());
}
