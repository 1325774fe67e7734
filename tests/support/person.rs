//! Somebody who has logged in, with a browser.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use litemon_core::{
    clock::SystemClock,
    manage::{KeyFiles, Manage, Principal, Role, accounts::NewUser},
    model::Name,
    secret::Secret,
};

use super::{
    axe::violations,
    chromium::{Browser, Options},
    eventually,
    litemon::Litemon,
    sshd::Sshd,
};

/// How long anything here may take on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "a robin on the fence";

/// A browser in which an account of a running litemon is logged in.
pub struct Person {
    /// The browser.
    pub browser: Browser,
    base: String,
}

impl Person {
    /// Adds the account `ann` with a role and logs in as her.
    pub async fn log_in(litemon: &Litemon, role: Role) -> Self {
        let clock = Arc::new(SystemClock);
        let manage = Manage::open(&litemon.state_dir(), &KeyFiles::default(), clock).await.unwrap();
        let password = Secret::new(PASSWORD.to_owned());
        let mut new = NewUser::new(Name::new("ann").unwrap(), role, password);
        new.must_change = false;
        manage.add_user(&Principal::system(Some(0)), new).await.unwrap();
        let browser = Browser::start(Options::default()).await.unwrap();
        let person = Self { browser, base: litemon.url("") };
        person.open("/login").await;
        person.fill(&[("name", "ann"), ("password", PASSWORD)]).await;
        person.run("document.querySelector('form.entry').requestSubmit()").await;
        person.until("the login", "return document.querySelector('form.person') !== null").await;
        person
    }

    /// Opens an address of this litemon.
    pub async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// Runs a script.
    pub async fn run(&self, script: &str) {
        self.browser.eval(script).await.unwrap();
    }

    /// Fills the first field of each name; a box is ticked where its value is the one given.
    pub async fn fill(&self, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            let (name, value) = (serde_json::json!(name), serde_json::json!(value));
            let script = format!(
                "const all = [...document.getElementsByName({name})].filter(e => e.type !== 'hidden'); const v = {value};
                 if (!all.length) throw new Error('no field ' + {name});
                 if (all[0].type === 'checkbox') all.find(e => e.value === v).checked = true;
                 else all[0].value = v;"
            );
            self.run(&script).await;
        }
    }

    /// Presses what a selector finds, which leads to another page.
    pub async fn press(&self, what: &str) {
        let what = serde_json::json!(what);
        self.run("document.documentElement.dataset.old = 'yes'").await;
        self.run(&format!("document.querySelector({what}).click()")).await;
        let new = "return document.documentElement.dataset.old === undefined \
                   && document.readyState === 'complete'";
        self.until(&format!("the page behind {what}"), new).await;
    }

    /// On the page of a server: tests it, compares the fingerprint with that of the key, trusts it,
    /// and sees that all steps work then.
    pub async fn trust(&self, sshd: &Sshd) {
        self.press("form[action$='/test'] button").await;
        self.says("not trusted yet").await;
        self.says(&fingerprint(&sshd.path("host.pub"))).await;
        self.says("not tried").await;
        self.press("form.pin button").await;
        let steps = "return [...document.querySelectorAll('.tested dd')].map(e => e.innerText.split('\\n')[0].trim()).join()";
        assert_eq!(self.browser.eval(steps).await.unwrap(), "works,trusted,works,works");
    }

    /// Waits until the page says something.
    pub async fn says(&self, text: &str) {
        let shown = async || {
            let text = self.browser.eval("return document.body.innerText").await.ok()?;
            Some(text.as_str()?.to_owned())
        };
        let wanted = text;
        let waiting = format!("the page to say {wanted:?}");
        eventually(&waiting, PATIENCE, async || {
            shown().await.filter(|text| text.contains(wanted)).map(|_| ())
        })
        .await;
    }

    /// The whole page as it was sent, fields and all.
    pub async fn source(&self) -> String {
        let all = self.browser.eval("return document.documentElement.outerHTML").await.unwrap();
        all.as_str().unwrap().to_owned()
    }

    async fn until(&self, what: &str, script: &str) {
        eventually(what, PATIENCE, async || {
            self.browser.eval(script).await.ok()?.as_bool().filter(|so| *so).map(|_| ())
        })
        .await;
    }

    /// Sees that nothing keeps anybody from using the page and that nothing is wider than the
    /// window, on a desk and a phone, light and dark. Pictures go to `$LITEMON_PICTURES`, if that is
    /// set.
    pub async fn looks_at(&self, name: &str) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = std::env::var_os("LITEMON_PICTURES")
            .map_or_else(|| temporary.path().to_owned(), PathBuf::from);
        fs::create_dir_all(&folder).unwrap();
        for (width, dark) in [(1280, false), (1280, true), (390, false), (390, true)] {
            let scheme = if dark { "-dark" } else { "" };
            let file = folder.join(format!("{name}-{width}{scheme}.png"));
            self.browser.screenshot(&file, width, 844, dark).await.unwrap();
            let wide = "return document.documentElement.scrollWidth";
            assert_eq!(self.browser.eval(wide).await.unwrap(), width, "{name} overflows");
            let found = violations(&self.browser).await.unwrap();
            assert_eq!(found, Vec::<String>::new(), "{name}, {width} px, dark: {dark}");
        }
        self.browser.resize(1280, 900, false).await.unwrap();
    }

    /// What the browser complains about, but for answers that refuse what was sent.
    pub async fn complaints(&self) -> Vec<String> {
        let said = self.browser.console().await.unwrap();
        let refused = |line: &String| ["422", "409"].iter().any(|status| line.contains(status));
        said.into_iter().filter(|line| !refused(line)).collect()
    }
}

fn fingerprint(public: &Path) -> String {
    let output = Command::new("ssh-keygen").arg("-lf").arg(public).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().nth(1).unwrap().to_owned()
}
