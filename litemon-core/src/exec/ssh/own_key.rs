//! litemon's own key, which it installs on servers.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use russh::keys::{Algorithm, PrivateKey, ssh_key::LineEnding};

use super::auth;

/// The public line of the private key in a file; a new ed25519 key is made there (0600, without
/// passphrase, the public line beside it) if there is none. It blocks.
///
/// # Errors
/// One line that says why the key cannot be read or made.
pub fn own_key(path: &Path) -> Result<String, String> {
    let cannot = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    if !path.try_exists().map_err(|error| cannot(&error))? {
        make(path).map_err(|error| cannot(&error))?;
    }
    public_line(path)
}

/// The public line of the private key in a file. It blocks.
///
/// # Errors
/// One line that says why the key cannot be read.
pub fn public_line(path: &Path) -> Result<String, String> {
    let cannot = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".pub");
    // An encrypted key tells its public part only there.
    let line = match fs::read_to_string(&beside) {
        Ok(text) => text,
        Err(_) => {
            let key = auth::read_key(path, None).map_err(|error| cannot(&error))?;
            key.public_key().to_openssh().map_err(|error| cannot(&error))?
        }
    };
    let line = line.trim();
    let good = line.parse::<russh::keys::PublicKey>().is_ok() && !line.contains(['\n', '\0']);
    if good { Ok(line.to_owned()) } else { Err(cannot(&"its .pub file is no public key")) }
}

/// Whether a text is a private key that can be used without a passphrase.
///
/// # Errors
/// One line that says why not; nothing of the key is in it.
pub fn vet_private_key(text: &str) -> Result<(), String> {
    auth::decode_key(text, None).map(drop)
}

fn make(path: &Path) -> io::Result<()> {
    let mut key =
        PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519).map_err(io::Error::other)?;
    key.set_comment("litemon");
    let public = key.public_key().to_openssh().map_err(io::Error::other)?;
    let private = key.to_openssh(LineEnding::LF).map_err(io::Error::other)?;
    // Whoever is first makes it; another process finds a whole file or none.
    let draft = path.with_extension(std::process::id().to_string());
    let _ = fs::remove_file(&draft);
    write(&draft, 0o600, private.as_bytes())?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => {
            let mut beside = path.as_os_str().to_owned();
            beside.push(".pub");
            let _ = fs::remove_file(&beside);
            write(Path::new(&beside), 0o644, format!("{public}\n").as_bytes())
        }
    }
}

fn write(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
