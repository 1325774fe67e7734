use std::{path::PathBuf, sync::Mutex};

use super::*;
use crate::{
    clock::SystemClock,
    config::{self, Inputs, Kinds, MachineSecrets, Surroundings},
    manage::{KeyFiles, Via},
    model::Zone,
    secret::Secret,
};

/// A configuration that can be another one the next time it is read.
#[derive(Debug)]
struct Text(Mutex<String>);

impl Planning for Text {
    fn plan(&self, managed: &Managed) -> Result<Plan, PlanningError> {
        let text = self.0.lock().unwrap().clone();
        let inputs = Inputs::new(Vec::new(), Default::default(), PathBuf::from("/tmp"));
        let texts = vec![(PathBuf::from("litemon.toml"), text)];
        let loaded = config::load_texts_with(texts, &inputs, managed)?;
        let secrets = MachineSecrets::new(Default::default());
        let kinds = Kinds::builtin();
        let mut around = Surroundings::of(&Default::default(), Zone::utc(), &secrets, &kinds);
        around.user = Some("monitor".to_owned());
        Ok(loaded.plan(&around)?)
    }
}

struct Site {
    dir: tempfile::TempDir,
    manage: Manage,
    text: Arc<Text>,
}

async fn site(text: &str) -> Site {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock);
    let manage = Manage::open(dir.path(), &KeyFiles::default(), clock).await.unwrap();
    let text = Arc::new(Text(Mutex::new(text.to_owned())));
    manage.set_planning(text.clone());
    Site { dir, manage, text }
}

fn admin() -> Principal {
    Principal::new("ann", Role::Admin, Via::System)
}

fn draft(name: &str) -> ServerDraft {
    let mut draft = ServerDraft::new(Name::new(name).unwrap(), "10.0.0.11:2222");
    draft.groups.push(Name::new("web").unwrap());
    draft.labels.insert("city".to_owned(), "Bogor".to_owned());
    draft.services.insert(Name::new("nginx").unwrap(), ServiceDraft::new("pgrep nginx"));
    draft.resources.insert(Name::new("cpu").unwrap(), ResourceDraft::new(None, Some(50)));
    draft.password = Change::Set(Secret::new("canary-0812".to_owned()));
    draft
}

const FILE: &str =
    "[groups.web]\nprofiles = [\"linux\"]\n[servers.of-file]\naddress = \"10.0.0.9\"\n";

#[tokio::test]
async fn an_added_server_is_planned_as_if_it_stood_in_the_file() {
    let site = site(FILE).await;
    let before = site.manage.inventory_version().await.unwrap();
    site.manage.add_server(&admin(), draft("web-9")).await.unwrap();
    assert_ne!(site.manage.inventory_version().await.unwrap(), before);
    let server = site.manage.planned("web-9").await.unwrap();
    assert_eq!(server.address.to_string(), "10.0.0.11:2222");
    assert_eq!(server.ssh.password.unwrap().expose(), "canary-0812");
    assert!(server.managed);
    let entry = site.manage.server(&admin(), "web-9").await.unwrap();
    let checks: Vec<&str> = entry.checks.iter().map(|id| id.as_str()).collect();
    assert_eq!(checks, ["web-9/ssh", "web-9/cpu", "web-9/mem", "web-9/hdd", "web-9/nginx"]);
    assert!(entry.stored.password && !entry.locked());
    assert!(site.manage.server(&admin(), "of-file").await.unwrap().locked());
    for file in std::fs::read_dir(site.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(11).any(|part| part == b"canary-0812"));
    }
}

#[tokio::test]
async fn what_a_file_would_not_be_allowed_is_refused_with_the_same_words() {
    let site = site(FILE).await;
    let refuse = async |change: fn(&mut ServerDraft)| {
        let mut draft = draft("web-9");
        change(&mut draft);
        site.manage.add_server(&admin(), draft).await.unwrap_err().to_string()
    };
    let lines = [
        refuse(|draft| draft.address = "local".to_owned()).await,
        refuse(|draft| draft.address = "a b".to_owned()).await,
        refuse(|draft| draft.groups = vec![Name::new("wob").unwrap()]).await,
        refuse(|draft| draft.name = Name::new("of-file").unwrap()).await,
        refuse(|draft| draft.name = Name::new("stats").unwrap()).await,
        refuse(|draft| draft.identity = Some("id".to_owned())).await,
        refuse(|draft| draft.jump = Some("web-9".to_owned())).await,
        refuse(|draft| draft.private_key = Change::Set(Secret::new("x".to_owned()))).await,
        refuse(|draft| {
            let of_own = ResourceDraft::new(None, None);
            draft.resources.insert(Name::new("gpu").unwrap(), of_own);
        })
        .await,
    ];
    insta::assert_snapshot!(lines.join("\n"));
    assert!(site.manage.managed().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_name_in_both_stops_the_plan_and_says_what_to_do() {
    let site = site(FILE).await;
    site.manage.add_server(&admin(), draft("web-9")).await.unwrap();
    let both = format!("{FILE}[servers.web-9]\naddress = \"10.0.0.1\"\n");
    *site.text.0.lock().unwrap() = both;
    let managed = site.manage.managed().await.unwrap();
    let mistakes = site.text.plan(&managed).unwrap_err().to_string();
    insta::assert_snapshot!(mistakes, @"litemon.toml:5:10: servers.web-9: is the name of a managed server too; expected another name, or: litemon server remove web-9");
    *site.text.0.lock().unwrap() = "[servers.of-file]\naddress = \"10.0.0.9\"\n".to_owned();
    let mistakes = site.text.plan(&managed).unwrap_err().to_string();
    insta::assert_snapshot!(mistakes, @r#"managed server web-9: servers.web-9.groups.0: no group "web"; there is none yet"#);
}

#[tokio::test]
async fn edits_keep_secrets_and_removal_takes_them_away() {
    let site = site(FILE).await;
    site.manage.add_server(&admin(), draft("web-9")).await.unwrap();
    let mut edited = site.manage.server(&admin(), "web-9").await.unwrap().draft.unwrap();
    edited.address = "10.0.0.12".to_owned();
    edited.sudo_password = Change::Set(Secret::new("root-word".to_owned()));
    site.manage.edit_server(&admin(), "web-9", edited.clone()).await.unwrap();
    let server = site.manage.planned("web-9").await.unwrap();
    assert_eq!(server.ssh.password.unwrap().expose(), "canary-0812");
    assert_eq!(server.ssh.sudo_password.unwrap().expose(), "root-word");
    edited.password = Change::Remove;
    edited.sudo_password = Change::Keep;
    site.manage.edit_server(&admin(), "web-9", edited).await.unwrap();
    assert!(site.manage.planned("web-9").await.unwrap().ssh.password.is_none());
    let locked = site.manage.remove_server(&admin(), "of-file").await.unwrap_err();
    assert!(matches!(locked, ManageError::Conflict(_)), "{locked}");
    let mut behind = ServerDraft::new(Name::new("db-1").unwrap(), "10.9.9.9");
    behind.jump = Some("web-9".to_owned());
    site.manage.add_server(&admin(), behind).await.unwrap();
    site.manage.remove_server(&admin(), "db-1").await.unwrap();
    site.manage.remove_server(&admin(), "web-9").await.unwrap();
    let gone = site.manage.remove_server(&admin(), "web-9").await.unwrap_err();
    assert!(matches!(gone, ManageError::NotFound { .. }), "{gone}");
}

#[tokio::test]
async fn all_are_added_or_none_and_only_by_those_who_may() {
    let site = site(FILE).await;
    let mut wrong = draft("web-3");
    wrong.groups = vec![Name::new("none").unwrap()];
    let drafts = vec![draft("web-2"), wrong];
    assert!(site.manage.import_servers(&admin(), drafts, false).await.is_err());
    assert!(site.manage.managed().await.unwrap().is_empty());
    let good = vec![draft("web-2"), draft("web-3")];
    site.manage.import_servers(&admin(), good.clone(), true).await.unwrap();
    assert!(site.manage.managed().await.unwrap().is_empty());
    site.manage.import_servers(&admin(), good, false).await.unwrap();
    assert_eq!(site.manage.managed().await.unwrap().names().count(), 2);
    for role in [Role::Viewer, Role::Operator] {
        let other = Principal::new("bob", role, Via::Session);
        let refused = site.manage.remove_server(&other, "web-2").await.unwrap_err();
        assert!(matches!(refused, ManageError::Forbidden(_)), "{refused}");
    }
}

#[tokio::test]
async fn an_exchange_of_the_key_reseals_every_secret() {
    let site = site(FILE).await;
    site.manage.add_server(&admin(), draft("web-9")).await.unwrap();
    let old = std::fs::read_to_string(site.dir.path().join("manage.key")).unwrap();
    assert_eq!(site.manage.rekey(&admin()).await.unwrap(), 1);
    assert_ne!(std::fs::read_to_string(site.dir.path().join("manage.key")).unwrap(), old);
    let keys = KeyFiles::default();
    let again = Manage::open(site.dir.path(), &keys, Arc::new(SystemClock)).await.unwrap();
    again.set_planning(site.text.clone());
    let server = again.planned("web-9").await.unwrap();
    assert_eq!(server.ssh.password.unwrap().expose(), "canary-0812");
}

#[tokio::test]
async fn what_can_be_chosen_is_what_the_files_name() {
    let site = site(&format!("{FILE}[profiles.app.services.java]\ncommand = \"true\"\n")).await;
    let choices = site.manage.server_choices(&admin()).await.unwrap();
    let names = |names: &[Name]| names.iter().map(Name::to_string).collect::<Vec<_>>();
    assert_eq!(names(&choices.groups), ["web"]);
    assert_eq!(names(&choices.profiles), ["app", "ios", "linux", "routeros"]);
    assert!(choices.notifiers.is_empty());
    let other = Principal::new("bob", Role::Operator, Via::Session);
    assert!(site.manage.server_choices(&other).await.is_err());
}
