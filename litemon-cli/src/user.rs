//! Who runs this.

use std::fs;

/// The name of this process's user by `/etc/passwd`, where the environment has no `USER`.
pub fn name() -> Option<String> {
    let text = fs::read_to_string("/etc/passwd").ok()?;
    in_passwd(&text, rustix::process::getuid().as_raw())
}

fn in_passwd(text: &str, id: u32) -> Option<String> {
    let id = id.to_string();
    let mine = |line: &&str| line.split(':').nth(2) == Some(&id);
    let name = text.lines().find(mine)?.split(':').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::in_passwd;

    #[test]
    fn by_number() {
        let text = "root:x:0:0:root:/root:/bin/sh\n+\nmon:x:10:10::/:/bin/sh\n";
        assert_eq!(in_passwd(text, 10).as_deref(), Some("mon"));
        assert_eq!(in_passwd(text, 1), None);
    }
}
