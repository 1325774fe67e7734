use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use serde_json::json;

use super::*;
use crate::{
    clock::VirtualClock,
    manage::{Manage, Role, Via},
    model::Timestamp,
};

fn root() -> Principal {
    Principal::new("root", Role::Admin, Via::System)
}

async fn open(dir: &Path) -> Result<Manage, ManageError> {
    let clock = Arc::new(VirtualClock::new(Timestamp::from_millis(1_700_000_000_000)));
    Manage::open(dir, &KeyFiles::default(), clock).await
}

/// A trail of six entries.
async fn trail(dir: &Path) -> Manage {
    let manage = open(dir).await.unwrap();
    for about in ["web-1", "web-2", "db"] {
        let (by, detail) = (root(), json!({"n": 1}));
        let work = async { Ok(()) };
        manage.office.audited(&by, "job.start", about, &detail, work).await.unwrap();
    }
    manage
}

async fn fault(manage: &Manage) -> Option<Fault> {
    manage.audit_verify(&root()).await.unwrap().fault
}

async fn sql(manage: &Manage, statement: &'static str) {
    manage.office.database.write(&[(statement, &[])]).await.unwrap();
}

#[tokio::test]
async fn what_was_done_to_the_database_is_found() {
    for (statement, expected) in [
        ("SELECT 1", None),
        ("UPDATE audit SET about = 'web-9' WHERE id = 3", Some(Fault::Changed(3))),
        ("UPDATE audit SET outcome = NULL WHERE id = 6", Some(Fault::Changed(6))),
        ("DELETE FROM audit WHERE id = 2", Some(Fault::Missing { from: 2, to: 2 })),
        ("DELETE FROM audit WHERE id <= 4", Some(Fault::Missing { from: 1, to: 4 })),
        ("DELETE FROM audit WHERE id > 4", Some(Fault::Missing { from: 5, to: 6 })),
        ("DELETE FROM audit", Some(Fault::Missing { from: 1, to: 6 })),
        (
            "INSERT INTO audit (at, who, doing, about, detail, mac)
                SELECT at, who, doing, about, detail, mac FROM audit WHERE id = 1",
            Some(Fault::Changed(7)),
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let manage = trail(dir.path()).await;
        assert_eq!(fault(&manage).await, None);
        sql(&manage, statement).await;
        assert_eq!(fault(&manage).await, expected, "{statement}");
    }
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_not_grown_over() {
    let dir = tempfile::tempdir().unwrap();
    let manage = trail(dir.path()).await;
    sql(&manage, "DELETE FROM audit WHERE id > 4").await;
    for _ in 0..3 {
        manage.office.begin(&root(), "user.add", "eve", &json!({})).await.unwrap();
    }
    assert_eq!(fault(&manage).await, Some(Fault::Changed(6)));
}

#[tokio::test]
async fn the_head_and_the_key_are_needed() {
    let dir = tempfile::tempdir().unwrap();
    drop(trail(dir.path()).await);
    let (head, key) = (dir.path().join("audit.head"), dir.path().join("audit.key"));
    for file in [&head, &key] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let kept = fs::read(&head).unwrap();
    fs::remove_file(&head).unwrap();
    let manage = open(dir.path()).await.unwrap();
    assert_eq!(fault(&manage).await, Some(Fault::NoHead));
    manage.office.begin(&root(), "user.add", "eve", &json!({})).await.unwrap();
    assert_eq!(fault(&manage).await, Some(Fault::NoHead), "it is not made anew");
    fs::write(&head, "4 abc def\n").unwrap();
    assert_eq!(fault(&manage).await, Some(Fault::ForgedHead));
    fs::write(&head, kept).unwrap();
    assert_eq!(fault(&manage).await, None);
    fs::remove_file(&key).unwrap();
    let manage = open(dir.path()).await.unwrap();
    assert_eq!(fault(&manage).await, Some(Fault::Changed(1)), "another key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let error = open(dir.path()).await.unwrap_err().to_string();
    assert!(error.contains("chmod 600") && error.contains("audit.key"), "{error}");
}

#[tokio::test]
async fn entries_are_found_and_exported() {
    let dir = tempfile::tempdir().unwrap();
    let manage = trail(dir.path()).await;
    let ask = async |before, filter: &AuditFilter| {
        let entries = manage.audit_entries(&root(), before, 10, filter).await.unwrap();
        entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>()
    };
    let all = AuditFilter::default();
    assert_eq!(ask(None, &all).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(ask(Some(3), &all).await, [2, 1]);
    let about = |text: &str| AuditFilter { about: Some(text.to_owned()), ..Default::default() };
    assert_eq!(ask(None, &about("WEB")).await, [3, 1]);
    assert_eq!(ask(None, &about("%")).await, [] as [AuditId; 0]);
    let doing = |text: &str| AuditFilter { doing: Some(text.to_owned()), ..Default::default() };
    assert_eq!(ask(None, &doing("job")).await.len(), 6);
    assert_eq!(ask(None, &doing("jo")).await.len(), 0);
    let by = AuditFilter { by: Some("root".to_owned()), ..Default::default() };
    assert_eq!(ask(None, &by).await.len(), 6);
    let mut export = manage.audit_export(&root()).await.unwrap();
    let lines = export.next().await.unwrap().unwrap();
    assert_eq!(export.next().await.unwrap(), None);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(
        (&lines[6]["doing"], &lines[0]["by"]["name"]),
        (&json!("audit.export"), &json!("root"))
    );
    assert!(lines[0]["at"].as_str().unwrap().starts_with("2023-11-14T22:1"), "{}", lines[0]);
}

#[tokio::test]
async fn two_processes_write_one_trail() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()).await.unwrap(), open(dir.path()).await.unwrap());
    let write = async |manage: &Manage| {
        for _ in 0..10 {
            manage.office.begin(&root(), "user.add", "x", &json!({})).await.unwrap();
        }
    };
    tokio::join!(write(&one), write(&two));
    let verified = one.audit_verify(&root()).await.unwrap();
    assert_eq!((verified.entries, verified.fault), (20, None));
}
