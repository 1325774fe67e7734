use proptest::prelude::*;

use super::*;

#[test]
fn later_files_win_and_paths_count_from_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("conf.d")).unwrap();
    std::fs::write(root.join("base.toml"), "state_dir = \"s\"\nssh.user = \"a\"\n").unwrap();
    std::fs::write(root.join("conf.d/2.toml"), "ssh.identity = \"key\"\nssh.user = \"c\"\n")
        .unwrap();
    std::fs::write(root.join("conf.d/1.toml"), "ssh.user = \"b\"\n[servers.x]\naddress = \"h\"\n")
        .unwrap();
    std::fs::write(root.join("conf.d/note.txt"), "not = [read\n").unwrap();
    let files = vec!["base.toml".into(), "conf.d".into()];
    let env = environment(&[("LITEMON__SSH__PASSWORD", "0812"), ("LITEMON_CONFIG", "none")]);
    let loaded = load(&Inputs::new(files, env, root.to_owned())).unwrap();
    assert_eq!(loaded.files().len(), 3);
    let (secrets, kinds) = (known(), Kinds::builtin());
    let around = Surroundings::of(&environment(&[]), Zone::utc(), &secrets, &kinds);
    let plan = loaded.plan(&around).unwrap();
    let ssh = &plan.servers[0].ssh;
    assert_eq!(ssh.user, "c");
    assert_eq!(ssh.identities, [root.join("conf.d/key")]);
    assert_eq!(ssh.password.as_ref().unwrap().expose(), "0812");
    assert_eq!(plan.state_dir, root.join("s"));
}

#[test]
fn the_usual_places() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let env = environment(&[("HOME", root.to_str().unwrap())]);
    let mut inputs = Inputs::new(Vec::new(), env, root.join("work"));
    let error = inputs.find().unwrap_err().to_string().replace(root.to_str().unwrap(), "HOME");
    assert_eq!(
        error,
        "no configuration found: looked for -c/--config, $LITEMON_CONFIG, ./litemon.toml, \
         HOME/.config/litemon/litemon.toml, /etc/litemon/litemon.toml; \
         `litemon quickstart` writes a first one"
    );
    let at_home = root.join(".config/litemon/litemon.toml");
    std::fs::create_dir_all(at_home.parent().unwrap()).unwrap();
    std::fs::write(&at_home, "").unwrap();
    assert_eq!(inputs.find().unwrap(), [at_home]);
    std::fs::create_dir(root.join("work")).unwrap();
    std::fs::write(root.join("work/litemon.toml"), "").unwrap();
    assert_eq!(inputs.find().unwrap(), [PathBuf::from("litemon.toml")]);
    inputs.environment.insert("LITEMON_CONFIG".into(), "missing.toml".into());
    assert!(matches!(inputs.find(), Err(FindError::Unreadable { .. })));
}

#[test]
fn numbers_in_the_environment() {
    let env = [
        ("LITEMON__DEFAULTS__ATTEMPTS", "3"),
        ("LITEMON__SERVERS__A__SSH__USER", "1001"),
        ("LITEMON__SERVERS__A__ENABLED", "true"),
        ("LITEMON__SERVERS__A__ADDRESS", "h"),
        ("LITEMON__SERVERS__A__RESOURCES__CPU__THRESHOLD", "50"),
        ("LITEMON__SERVERS__A__PROFILES", "[\"linux\"]"),
    ];
    let plan = planned_with("", &env, &Kinds::builtin()).unwrap();
    assert_eq!(plan.servers[0].ssh.user, "1001");
    assert_eq!(plan.checks.len(), 4);
    assert_eq!(plan.checks[1].schedule.attempts, 3);
}

#[test]
fn the_state_folder_of_a_service_manager() {
    let (secrets, kinds) = (known(), Kinds::builtin());
    let machine = environment(&[("STATE_DIRECTORY", "/var/lib/litemon:/var/lib/other")]);
    let around = Surroundings::of(&machine, Zone::utc(), &secrets, &kinds);
    let written = "state_dir = \"here\"";
    let plan = loaded(written, &[]).unwrap().plan(&around).unwrap();
    assert_eq!(plan.state_dir, PathBuf::from("/var/lib/litemon"));
    let plan = loaded(written, &[("LITEMON__STATE_DIR", "/x")]).unwrap().plan(&around).unwrap();
    assert_eq!(plan.state_dir, PathBuf::from("/x"));
}

#[test]
fn secret_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "hunter2\n").unwrap();
    let machine = MachineSecrets::new(environment(&[("EMPTY", "")]));
    for (mode, readable) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        match machine.file(&path) {
            Ok(secret) => assert!(readable && secret.expose() == "hunter2", "{mode:o}"),
            Err(error) => assert!(!readable && !error.to_string().contains("hunter2"), "{error}"),
        }
    }
    assert!(matches!(machine.variable("EMPTY"), Err(SecretError::Empty(_))));
    assert!(matches!(machine.file(folder.path()), Err(SecretError::Unreadable { .. })));
}

#[test]
fn shown_urls() {
    assert_eq!(short_url("https://u:p@h:1/path?q=1"), "https://h/***");
    assert_eq!(short_url("nonsense"), "***");
}

fn key() -> impl Strategy<Value = String> {
    let words = [
        "servers",
        "a",
        "checks",
        "ssh",
        "address",
        "resources",
        "cpu",
        "notifiers",
        "sms",
        "exec",
        "kind",
        "command",
        "for",
        "settings",
        "defaults",
        "notify",
        "web",
        "listen",
        "store",
        "url",
        "groups",
        "profiles",
        "jump",
        "enabled",
        "threshold",
        "password",
        "env",
        "messaging",
        "query",
        "json",
    ];
    proptest::sample::select(words.map(str::to_owned).to_vec())
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("\"x\"".to_owned()),
        Just("\"10s\"".to_owned()),
        Just("\"mysql://u:p@h/d\"".to_owned()),
        Just("-1".to_owned()),
        Just("9223372036854775807".to_owned()),
        Just("nan".to_owned()),
        Just("true".to_owned()),
        Just("2015-01-01".to_owned()),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3)
                .prop_map(|list| format!("[{}]", list.join(", "))),
            (key(), inner).prop_map(|(key, value)| format!("{{ {key} = {value} }}")),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}") {
        let _ = planned(&text).map(|_| ());
    }

    #[test]
    fn no_tree_makes_it_panic(
        lines in proptest::collection::vec((proptest::collection::vec(key(), 1..6), value()), 0..8)
    ) {
        let text: String =
            lines.iter().map(|(path, value)| format!("{} = {value}\n", path.join("."))).collect();
        if let Ok(loaded) = loaded(&text, &[]) {
            let _ = loaded.show();
        }
        let _ = planned(&text).map(|_| ());
    }

    #[test]
    fn no_variable_makes_it_panic(name in "[A-Z_]{0,20}", value in "\\PC{0,20}") {
        let name = format!("LITEMON__{name}");
        let _ = planned_with(EXAMPLE, &[(&name, &value)], &Kinds::builtin()).map(|_| ());
    }
}
