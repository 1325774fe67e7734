//! axe-core, which looks for what keeps people from using a page. It is fetched once, with npm, into
//! the build folder, and brought into a page by the browser's driver, so that the page's policy on
//! scripts stays as it is.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use super::chromium::{Browser, BrowserError};

const PACKAGE: &str = "axe-core@4";

/// What it finds on the page that a browser shows, a line each.
pub async fn violations(browser: &Browser) -> Result<Vec<String>, BrowserError> {
    browser.eval(source()).await?;
    let run = "return axe.run(document, { resultTypes: ['violations'] }).then(found =>\
               found.violations.map(one => one.id + ': ' + one.nodes.map(node =>\
               node.target.join(' ') + ' ' + node.failureSummary).join('; ')))";
    let found = browser.eval(run).await?;
    let Some(found) = found.as_array() else { return Err(BrowserError(found.to_string())) };
    Ok(found.iter().filter_map(|one| one.as_str()).map(str::to_owned).collect())
}

fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe.min.js");
        if !file.exists() {
            fetch(&file);
        }
        std::fs::read_to_string(&file).unwrap()
    })
}

/// Packs it into a folder of its own and moves the one file that is needed, so that a fetch that
/// breaks leaves nothing.
fn fetch(file: &Path) {
    let folder = tempfile::tempdir_in(file.parent().unwrap()).unwrap();
    run(Command::new("npm").args(["pack", PACKAGE, "--silent"]).current_dir(folder.path()));
    let mut packed = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let is_packed = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "tgz");
    let packed = packed.find(is_packed).expect("npm packs a .tgz");
    let inside = "package/axe.min.js";
    run(Command::new("tar").arg("-xzf").arg(packed).arg(inside).current_dir(folder.path()));
    std::fs::rename(folder.path().join(inside), file).unwrap();
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
