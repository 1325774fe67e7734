use std::time::Duration;

use super::{Target, words::Words};
use crate::{
    model::{CheckKind, IncidentNumber, Language, Notice, Reason, Status, Timestamp, Zone},
    monitor::{CheckView, IncidentView, ServerView, Snapshot},
    notify::text::{self, SMS_SEPTETS, cut_end, cut_middle, gsm7, septets},
    policy::Scope,
};

/// How many septets of a name are shown.
const NAME: usize = 60;
const PERSON: usize = 24;

/// Puts answers into words: one line of at most [`SMS_SEPTETS`] septets, in the GSM alphabet.
#[derive(Clone, Debug)]
pub struct Replies {
    words: Words,
    zone: Zone,
}

impl Replies {
    /// In this language, with the times of this zone.
    #[must_use]
    pub const fn new(language: Language, zone: Zone) -> Self {
        Self { words: Words(language), zone }
    }

    /// `ACK #17 web-1 nginx taken`: it is his from now on, whoever had it before.
    #[must_use]
    pub fn acknowledged(&self, incident: &IncidentView, until: Option<Timestamp>) -> String {
        let until = until.map(|at| self.time(at));
        let before = incident.acknowledged.as_ref();
        let before = before.map(|taken| cut_end(&gsm7(&taken.by), PERSON));
        let (names, _) = text::brief(&facts(incident), self.words.0);
        let taken = self.words.taken(until.as_deref(), before.as_deref());
        let (word, number) = (self.words.acknowledged(), incident.number);
        one_sms(&format!("{word} #{number} {} {taken}", short(&names)))
    }

    /// There is no open problem of that number.
    #[must_use]
    pub fn not_open(&self, number: IncidentNumber) -> String {
        one_sms(&self.words.not_open(number))
    }

    /// He did not say which.
    #[must_use]
    pub fn which(&self, snapshot: &Snapshot) -> String {
        let open: Vec<&IncidentView> = snapshot.incidents.iter().map(AsRef::as_ref).collect();
        if open.is_empty() {
            return one_sms(self.words.nothing_open());
        }
        let items = open.iter().map(|incident| self.item(incident));
        list(&format!("{}:", self.words.which()), items.collect())
    }

    /// `3 problems: …`, or `All 6 servers run`.
    #[must_use]
    pub fn status(&self, snapshot: &Snapshot) -> String {
        let open: Vec<&IncidentView> = snapshot.incidents.iter().map(AsRef::as_ref).collect();
        if !open.is_empty() {
            let items = open.iter().map(|incident| self.item(incident)).collect();
            return list(&format!("{}:", self.words.problems(open.len())), items);
        }
        let not_ok = snapshot.checks().filter(|check| check.status != Status::Ok).count();
        let servers = snapshot.servers.len();
        one_sms(&match (not_ok, servers) {
            (0, 0) if snapshot.others.is_empty() => self.words.no_checks().to_owned(),
            (0, 0) => self.words.all_good(snapshot.others.len()),
            (0, servers) => self.words.all_run(servers),
            (not_ok, _) => self.words.but_not_ok(not_ok),
        })
    }

    /// How one thing is: `web-1: nginx Off #17, cpu 12%`.
    #[must_use]
    pub fn status_of(&self, target: &Target, snapshot: &Snapshot) -> String {
        match target {
            Target::Server(server) => self.server(server, snapshot),
            Target::Check(check) => {
                let name = short(&gsm7(check.id.as_str()));
                one_sms(&format!("{name}: {}", self.check(check, snapshot)))
            }
            Target::Group(group) => {
                let inside = |server: &str| {
                    snapshot.server(server).is_some_and(|server| server.groups.contains(group))
                };
                let mut part = snapshot.clone();
                part.servers.retain(|server| inside(server.name.as_str()));
                part.incidents.retain(|incident| inside(incident.check.owner()));
                part.others.clear();
                self.status(&part)
            }
            Target::All => self.status(snapshot),
        }
    }

    /// `MUTE web-1 until 06:03 (30m)`
    #[must_use]
    pub fn muted(&self, scope: &Scope, until: Timestamp, lasts: Duration) -> String {
        let (word, until) = (self.words.muted(), self.words.until(&self.time(until)));
        let what = short(&gsm7(&scope.to_string()));
        one_sms(&format!("{word} {what} {until} ({})", self.words.duration(lasts)))
    }

    /// What was said is not enough to mute something, or is too long.
    #[must_use]
    pub fn how_to_mute(&self) -> String {
        one_sms(&self.words.how_to_mute())
    }

    /// A problem cannot be taken for so long.
    #[must_use]
    pub fn how_long(&self) -> String {
        one_sms(&self.words.how_long())
    }

    /// Not everything at once.
    #[must_use]
    pub fn not_all(&self) -> String {
        one_sms(self.words.not_all())
    }

    /// There is nothing of that name.
    #[must_use]
    pub fn nothing_called(&self, name: &str) -> String {
        one_sms(&self.words.nothing_called(&short(&gsm7(name))))
    }

    /// What can be asked.
    #[must_use]
    pub fn help(&self) -> String {
        one_sms(self.words.help())
    }

    /// It is no command.
    #[must_use]
    pub fn unclear(&self) -> String {
        one_sms(self.words.unclear())
    }

    /// It could not be done now.
    #[must_use]
    pub fn failed(&self) -> String {
        one_sms(self.words.failed())
    }

    /// It was sent so much before or after now that it does not count.
    #[must_use]
    pub fn late(&self, by: Duration) -> String {
        one_sms(&self.words.late(by))
    }

    fn time(&self, at: Timestamp) -> String {
        self.zone.hour_minute(at)
    }

    fn server(&self, server: &ServerView, snapshot: &Snapshot) -> String {
        let name = short(server.name.as_str());
        if server.checks.is_empty() {
            return one_sms(&format!("{name}: {}", self.words.no_checks()));
        }
        let mut checks: Vec<_> = server.checks.iter().filter(|check| !check.blocked).collect();
        // What is wrong comes first, in an order that stays.
        checks.sort_by_key(|check| std::cmp::Reverse(check.status));
        let problem = |check: &CheckView| check.incident.is_some();
        let only_wrong = checks.iter().any(|check| problem(check));
        let shown = checks.into_iter().filter(|check| !only_wrong || problem(check));
        let shown = shown.filter(|check| check.kind != CheckKind::Ssh || problem(check));
        let items: Vec<String> = shown.map(|check| self.check_of_server(check, snapshot)).collect();
        if items.is_empty() {
            return one_sms(&format!("{name}: OK"));
        }
        list(&format!("{name}:"), items)
    }

    fn check_of_server(&self, check: &CheckView, snapshot: &Snapshot) -> String {
        let how = self.check(check, snapshot);
        match check.kind {
            CheckKind::Ssh => how,
            _ => format!("{} {how}", short(&gsm7(check.id.name()))),
        }
    }

    /// `Off #17`, `12%`, `On`
    fn check(&self, check: &CheckView, snapshot: &Snapshot) -> String {
        let of_check = |incident: &&std::sync::Arc<IncidentView>| incident.check == check.id;
        if let Some(incident) = snapshot.incidents.iter().find(of_check) {
            return self.problem(incident);
        }
        let seen = check.last.as_ref().filter(|_| check.is_current(snapshot.at));
        let seen = seen.and_then(|last| last.result.as_ref().ok());
        match (check.status, seen.and_then(|seen| Some((seen.value()?, seen.unit())))) {
            (Status::Unknown, _) => self.words.unknown().to_owned(),
            (_, Some((value, unit))) => gsm7(&text::with_unit(value, unit)),
            (Status::Ok, None) if check.kind == CheckKind::Service => "On".to_owned(),
            (Status::Ok, None) => "OK".to_owned(),
            (Status::Warning, None) => self.words.warning().to_owned(),
            (Status::Critical, None) => self.words.critical().to_owned(),
        }
    }

    /// `Off #17`, `Off #17 taken`
    fn problem(&self, incident: &IncidentView) -> String {
        let (_, what) = text::brief(&facts(incident), self.words.0);
        let number = incident.number;
        match incident.acknowledged {
            Some(_) => format!("{what} #{number} {}", self.words.in_hands()),
            None => format!("{what} #{number}"),
        }
    }

    fn item(&self, incident: &IncidentView) -> String {
        let (names, _) = text::brief(&facts(incident), self.words.0);
        format!("{} {}", short(&names), self.problem(incident))
    }
}

/// The facts of an incident as the words of notices are made from.
fn facts(incident: &IncidentView) -> Notice {
    Notice {
        reason: Reason::Raised,
        incident: Some(incident.number),
        check: incident.check.clone(),
        kind: incident.kind,
        server: None,
        status: incident.status,
        was: None,
        seen: incident.last.clone(),
        limit: incident.limit,
        since: incident.since,
        at: incident.since,
        unjournaled: false,
        by: None,
        remedy: None,
        job: None,
        digest: None,
    }
}

/// As many of the items as fit, and how many more there are.
fn list(head: &str, items: Vec<String>) -> String {
    let count = items.len();
    let mut text = head.to_owned();
    for (place, item) in items.into_iter().enumerate() {
        let left = count - place - 1;
        let comma = if place == 0 { " " } else { ", " };
        let with = format!("{text}{comma}{item}");
        let tail = if left == 0 { String::new() } else { format!(", +{left}") };
        if septets(&format!("{with}{tail}")).is_none_or(|wide| wide > SMS_SEPTETS) {
            return one_sms(&format!("{text}{comma}+{}", left + 1));
        }
        text = with;
    }
    text
}

/// A name, both ends of it where it is long.
fn short(name: &str) -> String {
    let wide = septets(name).unwrap_or(usize::MAX);
    if wide > NAME { cut_middle(name, NAME) } else { name.to_owned() }
}

fn one_sms(text: &str) -> String {
    cut_end(&gsm7(text), SMS_SEPTETS)
}
