use std::{fs, os::unix::fs::PermissionsExt};

use proptest::prelude::*;

use super::*;

fn vault(dir: &Path) -> Vault {
    Vault::open(dir, &KeyFiles::default()).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

#[test]
fn what_was_sealed_opens_in_its_own_place_only() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(dir.path());
    let sealed = vault.seal("server/1/password", &secret("hunter2")).unwrap();
    assert!(!sealed.contains("hunter2"));
    assert_ne!(sealed, vault.seal("server/1/password", &secret("hunter2")).unwrap());
    assert_eq!(vault.unseal("server/1/password", &sealed).unwrap().expose(), "hunter2");
    let moved = vault.unseal("server/2/password", &sealed).unwrap_err();
    assert!(matches!(moved, VaultError::Damaged(_)), "{moved}");
    let mode = fs::metadata(dir.path().join(Vault::FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(vault(dir.path()));
    let path = dir.path().join(Vault::FILE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = Vault::open(dir.path(), &KeyFiles::default()).unwrap_err().to_string();
    assert!(refused.contains("mode 0640") && refused.contains("chmod 600"), "{refused}");
}

#[test]
fn the_key_of_the_file_goes_before_the_credential_and_that_before_an_own_one() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, mode| {
        let path = dir.path().join(name);
        fs::write(&path, Key::generate().line()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let given = put("given.key", 0o400);
    put(Vault::CREDENTIAL, 0o440);
    let credentials = Some(dir.path().to_owned());
    let of = |files: KeyFiles| Vault::open(dir.path(), &files).unwrap().key_id();
    let ids = [
        of(KeyFiles::new(Some(given), None, credentials.clone())),
        of(KeyFiles::new(None, None, credentials)),
        of(KeyFiles::default()),
    ];
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
    let missing = KeyFiles::new(Some(dir.path().join("none")), None, None);
    assert!(matches!(Vault::open(dir.path(), &missing), Err(VaultError::File { .. })));
    fs::write(dir.path().join(Vault::FILE), "short").unwrap();
    let wrong = Vault::open(dir.path(), &KeyFiles::default()).unwrap_err();
    assert!(matches!(wrong, VaultError::Malformed(_)), "{wrong}");
}

#[test]
fn an_exchange_of_keys_is_seen_by_those_who_have_the_vault_open() {
    let dir = tempfile::tempdir().unwrap();
    let (running, command) = (vault(dir.path()), vault(dir.path()));
    let old = running.seal("a", &secret("one")).unwrap();
    command.begin_exchange().unwrap();
    command.begin_exchange().unwrap();
    assert!(!command.is_current(&old));
    let new = command.seal("a", &command.unseal("a", &old).unwrap()).unwrap();
    assert!(command.is_current(&new));
    assert_eq!(running.unseal("a", &new).unwrap().expose(), "one");
    command.end_exchange().unwrap();
    assert!(command.is_current(&running.seal("a", &secret("two")).unwrap()));
    let gone = vault(dir.path()).unseal("a", &old).unwrap_err();
    assert!(gone.to_string().contains("sealed with the key"), "{gone}");
}

proptest! {
    #[test]
    fn a_changed_text_does_not_open(text: String, at: prop::sample::Index, with in any::<u8>()) {
        let key = Key::generate();
        let sealed = key.seal("a", &Secret::new(text.clone())).unwrap();
        let opened = key.open("a", &sealed).unwrap();
        prop_assert_eq!(opened.expose(), &text);
        let mut bytes = sealed.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = with;
        if let Ok(changed) = String::from_utf8(bytes) && changed != sealed {
            // The version and the name of the key are not part of the body; the vault reads them.
            let body = changed.rsplit('.').next() == sealed.rsplit('.').next();
            prop_assert!(body || key.open("a", &changed).is_none());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text: String) {
        let _ = id_of_and_open(&text);
    }
}

fn id_of_and_open(text: &str) -> Option<Secret> {
    key::id_of(text)?;
    Key::generate().open("a", text)
}
