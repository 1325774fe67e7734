//! Jobs that nobody has to begin.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{Planner, shipped::built_in_actions};
use crate::{
    config::{
        ActionPlan, JobPlan, JobTimes, JobWhat, KeyPath, PlannedJob, TimeSpan, mistake::Draft,
        values::OneOrMany,
    },
    model::{Cron, Name, Param, Zone},
    probe::push::{Token, TokenHash},
};

/// What is made up for where the file says nothing, and at most.
const CATCH_UP: [Duration; 2] = [Duration::from_secs(3600), Duration::from_secs(24 * 3600)];
/// The longest that a job may take on one server.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// The most servers at once.
const AT_ONCE: usize = 1000;

/// What is known of an action that a job names.
struct Known {
    params: Vec<Param>,
    /// Somebody would be asked.
    asks: bool,
    groups: Vec<Name>,
}

impl Planner<'_> {
    /// `[jobs.NAME]`
    pub(super) fn jobs(&mut self, actions: &[ActionPlan], zone: &Zone) -> Vec<JobPlan> {
        let config = self.config;
        let root = KeyPath::new(["jobs"]);
        let mut plans = Vec::new();
        let mut tokens: Vec<(TokenHash, Name)> = Vec::new();
        for (name, job) in self.ordered(&root, &config.jobs) {
            let at = root.child(name.as_str());
            let plan = self.job(name, job, actions, zone, &at);
            if let Some(token) = plan.token {
                if let Some((_, other)) = tokens.iter().find(|(known, _)| *known == token) {
                    let message = format!("jobs.{other} has the same; expected one of its own");
                    self.wrong(at.child("token"), message);
                }
                tokens.push((token, name.clone()));
            }
            plans.push(plan);
        }
        plans
    }

    fn job(
        &mut self,
        name: &Name,
        job: &PlannedJob,
        actions: &[ActionPlan],
        zone: &Zone,
        at: &KeyPath,
    ) -> JobPlan {
        let servers = self.job_servers(job, at);
        let may_set: Vec<String> = job.may_set.iter().flat_map(|many| many.0.clone()).collect();
        let what = self.job_what(job, &servers, &may_set, actions, at);
        let times = self.job_times(job, zone, at);
        let token = self.job_token(job, at);
        if job.cron.is_none() && job.token.is_none() && job.token_sha256.is_none() {
            let expected = "when it runs, as \"0 3 * * SUN\"; or a token, by which it is called";
            self.drafts.push(Draft::missing(at.child("cron"), expected));
        }
        if job.timeout.is_some_and(|span| span.0 < Duration::from_secs(1) || span.0 > LONGEST) {
            self.wrong(at.child("timeout"), format!("expected 1s to {}", TimeSpan(LONGEST)));
        }
        if job.at_once.is_some_and(|most| most == 0 || most > AT_ONCE) {
            self.wrong(at.child("at_once"), format!("expected 1 to {AT_ONCE}"));
        }
        JobPlan {
            name: name.clone(),
            what,
            sudo: job.sudo.unwrap_or(false),
            servers,
            at_once: job.at_once,
            timeout: job.timeout.map(|span| span.0),
            times,
            token,
            may_set,
            notify: self.job_notify(job.notify.as_ref(), &at.child("notify")),
            notify_on: job.notify_on.unwrap_or_default().into(),
            enabled: job.enabled.unwrap_or(true),
        }
    }

    /// The servers that are meant, in the order of the file.
    fn job_servers(&mut self, job: &PlannedJob, at: &KeyPath) -> Vec<Name> {
        let config = self.config;
        let before = self.drafts.len();
        let servers: Vec<&str> =
            self.enabled_servers().into_iter().map(|(name, _)| name.as_str()).collect();
        self.known(&at.child("servers"), job.servers.as_ref(), "server", &servers);
        let groups: Vec<&str> = config.groups.keys().map(Name::as_str).collect();
        self.known(&at.child("groups"), job.groups.as_ref(), "group", &groups);
        let words = |many: Option<&OneOrMany<String>>| -> BTreeSet<String> {
            many.iter().flat_map(|many| many.0.iter().cloned()).collect()
        };
        let (named, grouped) = (words(job.servers.as_ref()), words(job.groups.as_ref()));
        let nobody = named.is_empty() && grouped.is_empty();
        if job.all == Some(true) && !nobody {
            self.wrong(at.child("all"), "servers or groups are named too; keep one of them");
        }
        let all = job.all == Some(true) || (nobody && !job.labels.is_empty());
        let meant = self.enabled_servers().into_iter().filter(|(name, server)| {
            let of = |group: &String| grouped.contains(group);
            let chosen = all
                || named.contains(name.as_str())
                || server.groups.iter().flat_map(|many| &many.0).any(of);
            let label =
                |(key, text): (&String, &crate::config::Text)| server.labels.get(key) == Some(text);
            chosen && job.labels.iter().all(label)
        });
        let meant: Vec<Name> = meant.map(|(name, _)| name.clone()).collect();
        if meant.is_empty() && self.drafts.len() == before {
            let message = if nobody && job.labels.is_empty() && job.all != Some(true) {
                "no server is chosen; expected servers, groups, labels or all = true"
            } else {
                "no server is meant by its servers, groups and labels"
            };
            self.drafts.push(Draft::key(at.clone(), message));
        }
        meant
    }

    fn job_what(
        &mut self,
        job: &PlannedJob,
        servers: &[Name],
        may_set: &[String],
        actions: &[ActionPlan],
        at: &KeyPath,
    ) -> JobWhat {
        match (&job.action, &job.command) {
            (Some(action), None) => {
                if job.sudo.is_some() {
                    let message = "is for a command; an action says itself whether it becomes root";
                    self.drafts.push(Draft::key(at.child("sudo"), message));
                }
                let params = job.params.iter();
                let params: BTreeMap<String, String> =
                    params.map(|(name, value)| (name.to_string(), value.0.clone())).collect();
                if let Some(known) = self.job_action(action, actions, at) {
                    self.job_params(&known, &params, may_set, at);
                    self.job_allowed(job, &known, servers, at);
                }
                let name = Name::new(action).ok();
                name.map_or_else(
                    || JobWhat::Command(String::new()),
                    |name| JobWhat::Action(name, params),
                )
            }
            (None, Some(line)) => {
                if line.trim().is_empty() || line.contains('\0') {
                    self.wrong(at.child("command"), "is empty; expected a line for a shell");
                }
                if !job.params.is_empty() || !may_set.is_empty() {
                    let key = if job.params.is_empty() { "may_set" } else { "params" };
                    let message = "a command takes no parameters; make it one of [actions]";
                    self.drafts.push(Draft::key(at.child(key), message));
                }
                JobWhat::Command(line.clone())
            }
            (given, _) => {
                if given.is_some() {
                    let message = "there is an action too; keep one of them";
                    self.drafts.push(Draft::key(at.child("command"), message));
                } else {
                    let expected = "the name of an action, or a command in its place";
                    self.drafts.push(Draft::missing(at.child("action"), expected));
                }
                JobWhat::Command(String::new())
            }
        }
    }

    fn job_action(&mut self, name: &str, actions: &[ActionPlan], at: &KeyPath) -> Option<Known> {
        let built_in = built_in_actions();
        if let Some(one) = built_in.iter().find(|one| one.name == name) {
            let params = one.params.clone();
            return Some(Known { params, asks: one.dangerous, groups: Vec::new() });
        }
        if let Some(one) = actions.iter().find(|one| one.name.as_str() == name) {
            let asks = one.dangerous || one.asks_password;
            return Some(Known { params: one.params.clone(), asks, groups: one.groups.clone() });
        }
        // One that is written and wrong was told of already.
        if !self.config.actions.keys().any(|known| known.as_str() == name) {
            let mut valid: Vec<&str> = built_in.iter().map(|one| one.name).collect();
            valid.extend(self.config.actions.keys().map(Name::as_str));
            self.drafts.push(Draft::unknown_word(at.child("action"), "action", name, &valid));
        }
        None
    }

    fn job_params(
        &mut self,
        action: &Known,
        given: &BTreeMap<String, String>,
        may_set: &[String],
        at: &KeyPath,
    ) {
        let valid: Vec<&str> = action.params.iter().map(|param| param.name.as_str()).collect();
        for name in given.keys().filter(|name| !valid.contains(&name.as_str())) {
            let at = at.child("params").child(name);
            self.drafts.push(Draft::key(
                at,
                format!("the action takes no such parameter; it takes: {}", valid.join(", ")),
            ));
        }
        for (i, name) in may_set.iter().enumerate() {
            if !valid.contains(&name.as_str()) {
                let at = at.child("may_set").child(i.to_string());
                self.drafts.push(Draft::unknown_word(at, "parameter", name, &valid));
            }
        }
        for param in &action.params {
            let at = at.child("params").child(&param.name);
            match given.get(&param.name) {
                Some(value) => {
                    if let Err(expected) = param.kind.accepts(value) {
                        self.wrong(at, format!("expected {expected}"));
                    }
                }
                None if param.default.is_none() && !may_set.contains(&param.name) => {
                    self.drafts.push(Draft::missing(at, &param.kind.expected()));
                }
                None => {}
            }
        }
    }

    /// Whether it may be run without anybody who is asked, and there.
    fn job_allowed(&mut self, job: &PlannedJob, action: &Known, servers: &[Name], at: &KeyPath) {
        if action.asks && job.confirm != Some(true) {
            let message = "is dangerous or asks for a password, and nobody will be asked; say \
                           confirm = true if it may run all the same";
            self.wrong(at.child("action"), message);
        }
        let outside = servers.iter().find(|name| {
            let server = self.config.servers.get(*name);
            let mut groups =
                server.iter().flat_map(|server| &server.groups).flat_map(|many| &many.0);
            !groups.any(|group| action.groups.iter().any(|allowed| allowed.as_str() == group))
        });
        if let Some(server) = outside.filter(|_| !action.groups.is_empty()) {
            let groups: Vec<&str> = action.groups.iter().map(Name::as_str).collect();
            let message =
                format!("may not run on {server}: only on servers of {}", groups.join(", "));
            self.wrong(at.child("action"), message);
        }
    }

    fn job_times(&mut self, job: &PlannedJob, zone: &Zone, at: &KeyPath) -> Option<JobTimes> {
        let [usual, most] = CATCH_UP;
        let catch_up = job.catch_up.map_or(usual, |span| span.0);
        if catch_up > most {
            self.wrong(at.child("catch_up"), format!("expected {} at most", TimeSpan(most)));
        }
        let zone = match job.timezone.as_deref().map(Zone::named) {
            Some(Ok(zone)) => zone,
            Some(Err(error)) => {
                self.wrong(at.child("timezone"), error.to_string());
                return None;
            }
            None => zone.clone(),
        };
        match Cron::new(job.cron.as_deref()?, zone) {
            Ok(cron) => Some(JobTimes { cron, catch_up }),
            Err(error) => {
                self.wrong(at.child("cron"), error.to_string());
                None
            }
        }
    }

    fn job_token(&mut self, job: &PlannedJob, at: &KeyPath) -> Option<TokenHash> {
        match (&job.token, &job.token_sha256) {
            (Some(source), None) => {
                let at = at.child("token");
                let secret = self.secret(&at, source)?;
                let token = Token::parse(secret.expose()).map(|token| token.hash());
                token.map_err(|error| self.wrong(at, error.to_string())).ok()
            }
            (None, Some(text)) => {
                let hash = TokenHash::from_hex(&text.0);
                if hash.is_none() {
                    let expected =
                        "expected 64 hexadecimal digits, as `litemon job token` prints them";
                    self.wrong(at.child("token_sha256"), expected);
                }
                hash
            }
            (Some(_), Some(_)) => {
                let message = "there is a token too; keep one of them";
                self.drafts.push(Draft::key(at.child("token_sha256"), message));
                None
            }
            (None, None) => None,
        }
    }

    fn job_notify(&mut self, notify: Option<&OneOrMany<String>>, at: &KeyPath) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for (i, word) in notify.iter().flat_map(|many| &many.0).enumerate() {
            let here = at.child(i.to_string());
            match self.told.get_key_value(word.as_str()) {
                None => {
                    let valid: Vec<&str> = self.told.keys().map(Name::as_str).collect();
                    self.drafts.push(Draft::unknown_word(here, "notifier", word, &valid));
                }
                Some((name, told)) if told.on_server => {
                    let message = format!("{name} runs on the failing server, and a job has none");
                    self.wrong(here, message);
                }
                Some((name, _)) if !names.contains(name) => names.push(name.clone()),
                Some(_) => {}
            }
        }
        names
    }
}
