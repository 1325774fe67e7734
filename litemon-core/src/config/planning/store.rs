//! `[store]`

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use percent_encoding::percent_decode_str;

use super::Planner;
use crate::{
    config::{KeyPath, MySqlPlan, StorePlan, TimeSpan, TlsPlan, file::StoreTls, mistake::Draft},
    store::Retention,
};

const EXPECTED: &str = "expected sqlite:FILE or mysql://USER@HOST:PORT/DATABASE";

impl Planner<'_> {
    pub(super) fn store(&mut self, state_dir: &Path) -> Option<StorePlan> {
        let at = KeyPath::new(["store", "url"]);
        let Some(source) = &self.config.store.url else {
            self.no_mysql_keys();
            return Some(StorePlan::Sqlite(state_dir.join("litemon.db")));
        };
        let url = self.secret(&at, source)?;
        let url = url.expose();
        if let Some(file) = url.strip_prefix("sqlite:") {
            self.no_mysql_keys();
            return self.sqlite(at, file, state_dir).map(StorePlan::Sqlite);
        }
        match url::Url::parse(url) {
            Ok(url) if matches!(url.scheme(), "mysql" | "mariadb") => {
                self.mysql(at, &url).map(StorePlan::MySql)
            }
            _ => {
                self.wrong(at, EXPECTED);
                None
            }
        }
    }

    pub(super) fn retention(&mut self) -> Retention {
        let kept = Retention::default();
        let Some(written) = self.config.store.retention else { return kept };
        let or = |written: Option<TimeSpan>, default| written.map_or(default, |span| span.0);
        let raw = or(written.raw, kept.raw);
        // One that is not written follows the finer one where that is longer.
        let minute = or(written.minute, kept.minute.max(raw));
        let hour = or(written.hour, kept.hour.max(minute));
        let mut finer: Option<(&str, Duration)> = None;
        for ((key, least), span) in SHORTEST.into_iter().zip([raw, minute, hour]) {
            let at = KeyPath::new(["store", "retention", key]);
            if span < least {
                self.wrong(at, format!("is too short; expected at least {}", TimeSpan(least)));
            } else if let Some((name, longer)) = finer.filter(|(_, finer)| *finer > span) {
                let message = format!("is shorter than {name} ({})", TimeSpan(longer));
                self.wrong(at, message);
            }
            finer = Some((key, span));
        }
        Retention::new(raw, minute, hour)
    }

    fn sqlite(&mut self, at: KeyPath, file: &str, state_dir: &Path) -> Option<PathBuf> {
        let file = file.strip_prefix("//").unwrap_or(file);
        if file.is_empty() || file.starts_with(':') || file.contains('?') {
            self.wrong(at, "expected sqlite:FILE, the name of a file in state_dir");
            return None;
        }
        Some(state_dir.join(file))
    }

    fn no_mysql_keys(&mut self) {
        let store = &self.config.store;
        let set = [
            ("password", store.password.is_some()),
            ("tls", store.tls.is_some()),
            ("tls_roots", store.tls_roots.is_some()),
        ];
        for (key, _) in set.into_iter().filter(|(_, set)| *set) {
            self.drafts
                .push(Draft::key(KeyPath::new(["store", key]), "is for a mysql:// url only"));
        }
    }

    fn mysql(&mut self, at: KeyPath, url: &url::Url) -> Option<MySqlPlan> {
        let before = self.drafts.len();
        let host = url.host_str().unwrap_or_default();
        let user = decoded(url.username());
        let database = decoded(url.path().trim_start_matches('/'));
        for (what, missing) in [
            ("the host", host.is_empty()),
            ("the user", user.is_empty()),
            ("the database", database.is_empty() || database.contains('/')),
        ] {
            if missing {
                self.wrong(at.clone(), format!("{what} is missing; {EXPECTED}"));
            }
        }
        if url.query().is_some() || url.fragment().is_some() {
            self.wrong(at.clone(), "takes no parameters; TLS has keys of its own (tls, tls_roots)");
        }
        let password = match (&self.config.store.password, url.password()) {
            (Some(_), Some(_)) => {
                let key = KeyPath::new(["store", "password"]);
                self.wrong(key, "stands in the url as well; keep one of them");
                None
            }
            (Some(source), None) => self.secret(&KeyPath::new(["store", "password"]), source),
            (None, in_url) => in_url.map(|text| crate::secret::Secret::new(decoded(text))),
        };
        let tls = self.tls();
        (self.drafts.len() == before).then(|| MySqlPlan {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port().unwrap_or(3306),
            database,
            user,
            password,
            tls,
        })
    }

    fn tls(&mut self) -> TlsPlan {
        let store = &self.config.store;
        let at = KeyPath::new(["store", "tls_roots"]);
        match (store.tls, &store.tls_roots) {
            (Some(StoreTls::Off), Some(_)) => {
                self.wrong(at, "has no meaning with tls = \"off\"");
                TlsPlan::Off
            }
            (Some(StoreTls::Off), None) => TlsPlan::Off,
            (_, Some(roots)) => TlsPlan::Roots(self.resolve(&at, roots)),
            (_, None) => TlsPlan::Default,
        }
    }
}

/// The shortest retentions: hours are made of minutes and these of values, some time after.
const SHORTEST: [(&str, Duration); 3] = [
    ("raw", Duration::from_secs(3600)),
    ("minute", Duration::from_secs(86_400)),
    ("hour", Duration::from_secs(86_400)),
];

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
