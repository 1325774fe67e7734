//! `[heartbeat]`

use url::Url;

use super::Planner;
use crate::{
    config::{KeyPath, file::HeartbeatMethod, mistake::Draft},
    heartbeat::{BUILT_IN, HeartbeatPlan},
};

impl Planner<'_> {
    pub(super) fn heartbeat(&mut self) -> Option<HeartbeatPlan> {
        let written = self.config.heartbeat.as_ref()?;
        let at = KeyPath::new(["heartbeat"]);
        if !BUILT_IN {
            let message = "is not built in; it needs a litemon with the feature \"http\"";
            self.drafts.push(Draft::key(at, message));
            return None;
        }
        let Some(url) = &written.url else {
            self.drafts.push(Draft::missing(at.child("url"), "http://HOST… or https://HOST…"));
            return None;
        };
        let url = self.secret(&at.child("url"), url)?;
        let parsed = Url::parse(url.expose());
        if !parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            self.wrong(at.child("url"), "expected http://HOST… or https://HOST…");
        }
        let mut plan = HeartbeatPlan::new(url);
        plan.post = written.method == Some(HeartbeatMethod::Post);
        for (kept, written) in [
            (&mut plan.interval, written.interval),
            (&mut plan.timeout, written.timeout),
            (&mut plan.max_lag, written.max_lag),
            (&mut plan.max_outbox_age, written.max_outbox_age),
        ] {
            *kept = written.map_or(*kept, |span| span.0);
        }
        if written.timeout.is_none() {
            plan.timeout = plan.timeout.min(plan.interval);
        }
        for (key, text) in plan.mistakes() {
            self.wrong(at.child(key), text);
        }
        Some(plan)
    }
}
