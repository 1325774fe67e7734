//! `[manage]`

use std::{path::PathBuf, time::Duration};

use super::Planner;
use crate::config::{KeyPath, ManagePlan, PingPlan, TimeSpan};

/// Less is shorter than a server takes, more keeps alerts for longer than anybody expects.
const BACK_WITHIN: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(6 * 3600)];

impl Planner<'_> {
    pub(super) fn manage(&mut self) -> ManagePlan {
        let (at, manage) = (KeyPath::new(["manage"]), &self.config.manage);
        let usual = ManagePlan::default();
        let key = manage.key.as_ref().map(|key| self.resolve(&at.child("key"), key));
        let audit_key =
            manage.audit_key.as_ref().map(|key| self.resolve(&at.child("audit_key"), key));
        self.two_keys(&at, &key, &audit_key);
        let back_within = manage.back_within.map_or(usual.back_within, |span| span.0);
        let [least, most] = BACK_WITHIN;
        if back_within < least || back_within > most {
            let message = format!("expected {} to {}", TimeSpan(least), TimeSpan(most));
            self.wrong(at.child("back_within"), message);
        }
        ManagePlan {
            enabled: manage.enabled.unwrap_or(usual.enabled),
            key,
            audit_key,
            credentials: self.around.credentials.clone(),
            back_within,
            ping: self.pings(&at.child("ping")),
        }
    }

    /// Whoever gets one of them is not to have the other.
    fn two_keys(&mut self, at: &KeyPath, key: &Option<PathBuf>, audit_key: &Option<PathBuf>) {
        if key.is_some() && key == audit_key {
            self.wrong(at.child("audit_key"), "is the file of `key`; expected one of its own");
        }
    }

    fn pings(&mut self, at: &KeyPath) -> PingPlan {
        let ping = &self.config.manage.ping;
        let usual = PingPlan::default();
        PingPlan {
            gateway: self.ping_host(at.child("gateway"), ping.gateway.as_deref()),
            internet: self
                .ping_host(at.child("internet"), ping.internet.as_deref())
                .unwrap_or(usual.internet),
            main_server: self.ping_host(at.child("main_server"), ping.main_server.as_deref()),
        }
    }

    /// It becomes an argument of `ping`, on servers of any kind: so nothing that looks like an
    /// option, and nothing that a shell would read.
    fn ping_host(&mut self, at: KeyPath, text: Option<&str>) -> Option<String> {
        let text = text?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
        let first = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':');
        if !first || text.len() > 253 || !text.chars().all(plain) {
            self.wrong(at, "expected a host name or an address, as 10.0.0.1");
        }
        Some(text.to_owned())
    }
}
