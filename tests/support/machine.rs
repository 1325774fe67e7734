//! A server on which nothing is changed: stand-ins take the place of what would change this machine.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use super::{eventually, sshd::Sshd};

/// For what takes a moment, on a busy machine too.
const SOON: Duration = Duration::from_secs(60);

const SUDO: &str = "[ \"$1\" = -n ] && shift; [ \"$1\" = -- ] && shift; exec \"$@\"";
const CAT: &str =
    "case \"$*\" in /proc/sys/kernel/random/boot_id) exec /bin/cat DIR/boot_id ;; esac
exec /bin/cat \"$@\"";
const SHUTDOWN: &str = "echo \"$*\" >>DIR/shutdown; exit 0";
const APT: &str = "case \"$*\" in
*' -s upgrade') echo 'Inst libc6 [2.36-9] (2.36-10)' ;;
*' update') echo 'Hit:1 http://deb.debian.org' ;;
*) sleep 1; echo \"done as $DEBIAN_FRONTEND\" >>DIR/updated; echo 'Setting up libc6' ;;
esac";

/// An sshd whose commands find stand-ins first: they read and write files of its folder.
pub struct Machine {
    pub sshd: Sshd,
}

impl Machine {
    pub async fn start() -> Self {
        let mut sshd = Sshd::start().await;
        let bin = sshd.path("bin");
        fs::create_dir(&bin).unwrap();
        let folder = sshd.path("").display().to_string();
        let folder = folder.trim_end_matches('/');
        for (name, script) in
            [("sudo", SUDO), ("cat", CAT), ("shutdown", SHUTDOWN), ("apt-get", APT)]
        {
            let path = bin.join(name);
            fs::write(&path, format!("#!/bin/sh\n{}\n", script.replace("DIR", folder))).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        sshd.stop();
        sshd.set_options(&format!("SetEnv PATH={}:/usr/bin:/bin", bin.display()));
        sshd.run().await;
        let machine = Self { sshd };
        machine.boots("one");
        machine
    }

    /// It has started (again) as this.
    pub fn boots(&self, id: &str) {
        fs::write(self.sshd.path("boot_id"), format!("{id}\n")).unwrap();
    }

    /// Waits for a whole file of its folder.
    pub async fn has(&self, file: &str) -> String {
        eventually(&format!("{file}, see {}", self.sshd.log()), SOON, async || {
            fs::read_to_string(self.sshd.path(file)).ok().filter(|text| text.ends_with('\n'))
        })
        .await
    }
}
