//! Services of this machine that a test switches on and off.

use std::{fmt::Write as _, fs, path::PathBuf};

use tempfile::TempDir;

use crate::support::kannel::Kannel;

/// Services `s0`, `s1`, … of the server `here`; each is On while its file is there.
pub struct Switches {
    folder: TempDir,
    count: usize,
}

impl Switches {
    /// So many, all of them on.
    pub fn new(count: usize) -> Self {
        let switches = Self { folder: tempfile::tempdir().unwrap(), count };
        (0..count).for_each(|number| switches.set(number, true));
        switches
    }

    /// Switches one.
    pub fn set(&self, number: usize, on: bool) {
        let file = self.file(&number.to_string());
        if on { fs::write(file, "").unwrap() } else { fs::remove_file(file).unwrap() }
    }

    /// A file beside them.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Their part of a configuration: each is looked at every second, and a problem at once.
    pub fn config(&self, notify: &str) -> String {
        let mut text = format!(
            "timezone = \"UTC\"\n[defaults]\ninterval = \"1s\"\ntimeout = \"5s\"\nattempts = 1\nflapping = false\n\
             notify = {notify}\n[servers.here]\naddress = \"local\"\n"
        );
        for number in 0..self.count {
            let file = self.file(&number.to_string());
            let file = file.display();
            writeln!(text, "[servers.here.services.s{number}]\ncommand = \"test -e {file}\"")
                .unwrap();
        }
        text
    }
}

/// A notifier that sends by Kannel.
pub fn kannel_notifier(kannel: &Kannel, name: &str) -> String {
    format!(
        "[notifiers.sms.{name}]\ngather = false\nbudget = false\nurl = \"{}\"\nquery = {{ username = \"{}\", password = \"{}\", \
         to = \"{{{{ to }}}}\", text = \"{{{{ text }}}}\" }}\nsuccess = \"^0: \"\nqueued = \"^3: \"\n\
         timeout = \"5s\"\nrecipients = [\"+628123456780\"]\n",
        kannel.url(),
        Kannel::USER,
        Kannel::PASSWORD
    )
}

/// Those of the texts that start so.
pub fn starting(texts: Vec<String>, start: &str) -> Vec<String> {
    texts.into_iter().filter(|text| text.starts_with(start)).collect()
}
