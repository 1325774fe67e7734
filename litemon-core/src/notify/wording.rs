//! What notices read like where somebody has words of his own: a template for each sort of notice, and
//! litemon's own line where there is none.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde_json::Value;

use super::{
    NotifierSite, Words, event_json,
    template::{Place, Templates, plain_fields},
    text::{self, SmsLength},
};
use crate::model::{
    CheckId, CheckKind, Digest, DigestPart, Happening, JobEnd, JobFailure, Language, Name, Notice,
    Observation, Reason, Remedied, RemedyOutcome, Status, Timestamp, Zone, is_bidi,
};

/// The longest text that a template may make, in characters.
const LONGEST: usize = 1_000;

/// A sort of text that may have a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Text {
    /// Something is wrong.
    Problem,
    /// It became worse; else as `Problem`.
    Escalated,
    /// Another notifier could not tell it; else as `Problem`.
    Undelivered,
    /// It goes on, and nobody took it.
    Reminder,
    /// Nobody took it, so that others are told; else as `Reminder`.
    Unacknowledged,
    /// Somebody took it.
    Acknowledged,
    /// It comes and goes.
    Flapping,
    /// A remedy did not help; else as `Reminder`.
    RemedyFailed,
    /// It is over.
    Recovery,
    /// It was over before it could be told; else as `Recovery`.
    Over,
    /// Several of these in one message.
    Digest,
    /// A job ended.
    Job,
}

impl Text {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Problem,
        Self::Escalated,
        Self::Undelivered,
        Self::Reminder,
        Self::Unacknowledged,
        Self::Acknowledged,
        Self::Flapping,
        Self::RemedyFailed,
        Self::Recovery,
        Self::Over,
        Self::Digest,
        Self::Job,
    ];

    /// The key of its template.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::Escalated => "escalated",
            Self::Undelivered => "undelivered",
            Self::Reminder => "reminder",
            Self::Unacknowledged => "unacknowledged",
            Self::Acknowledged => "acknowledged",
            Self::Flapping => "flapping",
            Self::RemedyFailed => "remedy_failed",
            Self::Recovery => "recovery",
            Self::Over => "over",
            Self::Digest => "digest",
            Self::Job => "job",
        }
    }

    /// What a notice is; `None` where litemon's own line is all there is.
    const fn of(notice: &Notice) -> Option<Self> {
        // What is said of one problem would be wrong of several.
        if notice.digest.is_some() {
            return Some(Self::Digest);
        }
        Some(match notice.reason {
            Reason::Raised => Self::Problem,
            Reason::Escalated => Self::Escalated,
            Reason::Undelivered => Self::Undelivered,
            Reason::Reminder => Self::Reminder,
            Reason::Unacknowledged => Self::Unacknowledged,
            Reason::Acknowledged => Self::Acknowledged,
            Reason::Flapping => Self::Flapping,
            Reason::RemedyFailed => Self::RemedyFailed,
            Reason::Recovered => Self::Recovery,
            Reason::RaisedAndRecovered => Self::Over,
            Reason::JobEnded => Self::Job,
            Reason::Remedy | Reason::Test => return None,
        })
    }

    /// A notice of this sort that has every field.
    fn sample(self) -> Notice {
        match self {
            Self::Problem => sample(Reason::Raised),
            Self::Escalated => sample(Reason::Escalated),
            Self::Undelivered => sample(Reason::Undelivered),
            Self::Reminder => sample(Reason::Reminder),
            Self::Unacknowledged => sample(Reason::Unacknowledged),
            Self::Acknowledged => sample(Reason::Acknowledged),
            Self::Flapping => sample(Reason::Flapping),
            Self::RemedyFailed => sample(Reason::RemedyFailed),
            Self::Recovery => sample(Reason::Recovered),
            Self::Over => sample(Reason::RaisedAndRecovered),
            Self::Digest => several(),
            Self::Job => ended(),
        }
    }

    /// Whose template is used where it has none. What is said of a problem would be wrong of its
    /// reminder or its end.
    const fn broader(self) -> Option<Self> {
        match self {
            Self::Escalated | Self::Undelivered => Some(Self::Problem),
            Self::Unacknowledged | Self::RemedyFailed => Some(Self::Reminder),
            Self::Over => Some(Self::Recovery),
            _ => None,
        }
    }
}

/// Templates by what they are for; what has none falls back to the next broader one, and in the end
/// to litemon's own line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordingSettings(BTreeMap<Text, String>);

impl WordingSettings {
    /// With a template for a sort of text.
    #[must_use]
    pub fn with(mut self, of: Text, template: impl Into<String>) -> Self {
        self.0.insert(of, template.into());
        self
    }

    /// With those of `broader` where this one has none.
    #[must_use]
    pub fn or(mut self, broader: &Self) -> Self {
        for (of, template) in &broader.0 {
            self.0.entry(*of).or_insert_with(|| template.clone());
        }
        self
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, notice: &Notice) -> Option<&str> {
        let text = Text::of(notice)?;
        let own = self.0.get(&text);
        own.or_else(|| self.0.get(&text.broader()?)).map(String::as_str)
    }
}

/// Templates that were checked.
#[derive(Clone)]
pub struct Wording {
    settings: WordingSettings,
    templates: Arc<Templates>,
}

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

/// What a template makes of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Example {
    /// Which template: `problem`, `recovery`, …
    pub of: &'static str,
    /// The text.
    pub text: String,
    /// How long it is as an SMS.
    pub length: SmsLength,
}

impl Wording {
    /// Checks the templates: that they can be read, name no unknown variable, end, and say something.
    ///
    /// # Errors
    /// Each mistake: the template's key and what is wrong.
    pub fn new(settings: WordingSettings) -> Result<Self, Vec<(String, String)>> {
        let templates = Templates::new();
        let mut wrong = Vec::new();
        for (of, source) in &settings.0 {
            let key = of.key();
            let known = variables(&of.sample(), Language::English, &Zone::utc(), None);
            let made = templates.names(source, &known);
            let made = made.and_then(|()| templates.render(Place::Plain, source, &known));
            match made {
                Ok(text) if clean(&text).is_empty() => {
                    wrong.push((key.to_owned(), "says nothing".to_owned()));
                }
                Ok(_) => {}
                Err(text) => wrong.push((key.to_owned(), text)),
            }
        }
        if wrong.is_empty() {
            Ok(Self { settings, templates: Arc::new(templates) })
        } else {
            Err(wrong)
        }
    }

    /// The notice in words; litemon's own line for what has no template, and should a template fail.
    fn write(
        &self,
        notice: &Notice,
        (language, zone): (Language, &Zone),
        page: Option<&str>,
        now: Timestamp,
    ) -> String {
        let own = || text::line(notice, language, zone, now);
        let Some(source) = self.settings.of(notice) else { return own() };
        let known = variables_at(notice, language, zone, page, now);
        match self.templates.render(Place::Plain, source, &known) {
            Ok(text) if !clean(&text).is_empty() => clean(&text),
            Ok(_) => own(),
            Err(error) => {
                tracing::warn!("a text template failed, so the usual text is sent: {error}");
                own()
            }
        }
    }

    /// What each template makes of an example.
    #[must_use]
    pub fn examples(&self, language: Language, zone: &Zone) -> Vec<Example> {
        let made = |of: &Text| {
            let notice = of.sample();
            let text = self.write(&notice, (language, zone), None, notice.at);
            let length = SmsLength::of(&text);
            Example { of: of.key(), text, length }
        };
        self.settings.0.keys().map(made).collect()
    }
}

impl Words for Wording {
    fn text(&self, notice: &Notice, site: &NotifierSite, now: Timestamp) -> String {
        self.write(notice, (site.language, &site.zone), site.page.as_deref(), now)
    }
}

fn variables(notice: &Notice, language: Language, zone: &Zone, page: Option<&str>) -> Value {
    variables_at(notice, language, zone, page, notice.at)
}

/// The fields of the event, and litemon's own words for a part of it each.
fn variables_at(
    notice: &Notice,
    language: Language,
    zone: &Zone,
    page: Option<&str>,
    now: Timestamp,
) -> Value {
    let line = text::line(notice, language, zone, now);
    let parts = text::parts(notice, language, zone, now);
    let mut variables = plain_fields(event_json(notice, &line));
    if let Value::Object(fields) = &mut variables {
        let link = page.and_then(|page| page_of(notice, page));
        let own = || notice.incident.into_iter().collect();
        let numbers = notice.digest.as_ref().map_or_else(own, |digest| digest.numbers.clone());
        for (name, value) in [
            ("head", parts.head),
            ("what", parts.what),
            ("time", parts.time),
            ("why", parts.why),
            ("link", link.unwrap_or_default()),
            ("numbers", numbers.to_string()),
        ] {
            fields.insert(name.to_owned(), value.into());
        }
    }
    variables
}

/// The page about a notice.
pub(super) fn page_of(notice: &Notice, page: &str) -> Option<String> {
    let incident = notice.incident.map(|incident| format!("{page}/incidents/{incident}"));
    incident.or_else(|| notice.job.as_ref().map(|job| format!("{page}/jobs/{}", job.number)))
}

/// Without control characters but line breaks, and not too long.
fn clean(text: &str) -> String {
    let good = |c: &char| *c == '\n' || !(c.is_control() || is_bidi(*c));
    let text: String = text.trim().chars().filter(good).take(LONGEST).collect();
    text.trim_end().to_owned()
}

/// A notice that has every field.
fn sample(reason: Reason) -> Notice {
    let over =
        reason.event() == crate::model::EventKind::Recovery || reason == Reason::RaisedAndRecovered;
    let since = Timestamp::from_millis(1_460_611_980_000);
    Notice {
        reason,
        incident: Some(17),
        check: CheckId::parse("web-1/cpu").unwrap_or_else(|_| CheckId::own("cpu")),
        kind: CheckKind::Resource,
        server: Name::new("web-1").ok(),
        status: if over { Status::Ok } else { Status::Critical },
        was: Some(if over { Status::Critical } else { Status::Warning }),
        seen: Ok(Observation::percent(93.0, Some("java".to_owned()))),
        limit: Some(50.0),
        since,
        at: since.plus(std::time::Duration::from_secs(240)),
        unjournaled: false,
        by: (reason == Reason::Acknowledged).then(|| "ann".to_owned()),
        job: None,
        digest: None,
        remedy: (reason == Reason::RemedyFailed).then(tried).flatten(),
    }
}

/// Of two servers in one message.
fn several() -> Notice {
    let notice = sample(Reason::Raised);
    let first = ["web-1/ssh", "web-2/ssh"].iter().filter_map(|check| CheckId::parse(check).ok());
    let part = DigestPart::new(Happening::ServersDown, 2, first.collect());
    let groups = Name::new("web").into_iter().collect();
    let digest = Digest::new(vec![part], [17, 18].into_iter().collect(), groups);
    Notice { incident: None, kind: CheckKind::Ssh, digest: Some(Box::new(digest)), ..notice }
}

/// Of a job that failed on one server of ten.
fn ended() -> Notice {
    let failed = Name::new("web-3").map(|server| JobFailure::new(server, "failed", Some(100)));
    let failed: Vec<JobFailure> = failed.into_iter().collect();
    JobEnd::new(12, "update", "ann", 9, &failed).notice(sample(Reason::Raised).at)
}

fn tried() -> Option<Remedied> {
    let name = Name::new("restart-java").ok()?;
    let says = Some("restarted java".to_owned());
    Some(Remedied::new(name, says, 1, RemedyOutcome::DidNotHelp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixtures;

    fn wording(problem: &str, recovery: &str) -> Result<Wording, Vec<(String, String)>> {
        let settings = WordingSettings::default().with(Text::Problem, problem);
        Wording::new(settings.with(Text::Recovery, recovery))
    }

    fn said(wording: &Wording, notice: &Notice) -> String {
        let page = Some("https://litemon.example");
        wording.write(notice, (Language::English, &Zone::utc()), page, notice.at)
    }

    #[test]
    fn words_of_ones_own() {
        let own = wording(
            "!! {{ server }}/{{ name }} {{ what }} ({{ status }}{% if link %}, {{ link }}{% endif %})",
            "{{ head }} {{ check }}: {{ what }}\n{{ why }}#{{ incident }}",
        )
        .unwrap();
        let problem = fixtures::off();
        let expected =
            "!! web-1/nginx Off since 05:33 (critical, https://litemon.example/incidents/17)";
        assert_eq!(said(&own, &problem), expected);
        assert_eq!(said(&own, &fixtures::on_again()), "OK web-1/nginx: On, was Off 4m\n#17");
        let test = Notice { reason: Reason::Test, ..problem.clone() };
        assert!(said(&own, &test).starts_with("TEST "));
        let worse = Notice { reason: Reason::Escalated, was: Some(Status::Warning), ..problem };
        assert!(said(&own, &worse).starts_with("!! web-1/nginx "));
        let lengths: Vec<_> = own
            .examples(Language::English, &Zone::utc())
            .into_iter()
            .map(|example| (example.of, example.length.parts))
            .collect();
        assert_eq!(lengths, [("problem", 1), ("recovery", 1)]);
    }

    #[test]
    fn each_text_has_its_template_and_a_problems_words_are_not_its_reminders() {
        let key = |text: Text| (text, Text::of(&text.sample()));
        assert!(Text::ALL.map(key).iter().all(|(text, back)| Some(*text) == *back));
        let all = Text::ALL.iter().fold(WordingSettings::default(), |all, text| {
            let by = if *text == Text::Acknowledged { " {{ by }}" } else { "" };
            all.with(*text, format!("{} of {{{{ check }}}}{by}", text.key()))
        });
        let (all, only) = (Wording::new(all).unwrap(), wording("problem", "recovery").unwrap());
        for text in Text::ALL {
            let notice = text.sample();
            assert!(said(&all, &notice).starts_with(&format!("{} of ", text.key())), "{text:?}");
            let broad = text.broader().unwrap_or(text).key();
            let own = !["problem", "recovery"].contains(&broad);
            assert_eq!(said(&only, &notice) == broad, !own, "{text:?}");
        }
        assert!(said(&all, &sample(Reason::Acknowledged)).ends_with(" ann"));
    }

    #[test]
    fn several_at_once_and_the_end_of_a_job_have_words_of_their_own() {
        let settings = WordingSettings::default()
            .with(
                Text::Digest,
                "{{ head }}! {{ digest.count }} at once: {{ what }} [{{ digest.groups|join(' ') }}] {{ numbers }}",
            )
            .with(Text::Job, "{{ head }} {{ job.name }}: {{ what }} ({{ why }}) {{ link }}");
        let own = Wording::new(settings).unwrap();
        assert_eq!(
            said(&own, &several()),
            "PROBLEM! 2 at once: 2 servers unreachable: web-1, web-2 [web] #17-18"
        );
        assert_eq!(
            said(&own, &ended()),
            "JOB update: ended: 9 ok, 1 failed (web-3 exit 100) https://litemon.example/jobs/12"
        );
        // What is said of one is not said of several.
        let single = wording("problem of {{ check }}", "x").unwrap();
        assert!(said(&single, &several()).starts_with("PROBLEM 2 servers unreachable: web-1"));
    }

    #[test]
    fn what_comes_from_outside_is_cleaned() {
        let own = wording("{{ detail }}", "x").unwrap();
        let mut notice = fixtures::off();
        let detail = format!("a\u{202e}b\u{0}\r\n{}", "c".repeat(2_000));
        notice.seen = Ok(Observation::Switch { on: false, detail: Some(detail) });
        let text = said(&own, &notice);
        assert!(text.starts_with("ab\nccc") && text.chars().count() == LONGEST, "{text}");
        // What says nothing is not sent.
        notice.seen = Ok(Observation::Switch { on: false, detail: None });
        assert_eq!(said(&own, &notice), "PROBLEM web-1 nginx Off since 05:33 #17");
    }

    #[test]
    fn mistakes_are_all_told() {
        let wrong = wording("{{ txt }}", " ").unwrap_err();
        assert_eq!(wrong[0].0, "problem");
        assert!(
            wrong[0].1.starts_with("there is no variable txt; there are at, check, "),
            "{wrong:?}"
        );
        assert_eq!(wrong[1], ("recovery".to_owned(), "says nothing".to_owned()));
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert_eq!(wording(endless, "x").unwrap_err()[0].0, "problem");
    }
}
