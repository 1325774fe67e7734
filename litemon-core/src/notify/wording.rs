//! What notices read like where somebody has words of his own: a template for each sort of notice, and
//! litemon's own line where there is none.

use std::{fmt, sync::Arc};

use serde_json::Value;

use super::{
    NotifierSite, Words, event_json,
    template::{Place, Templates, plain_fields},
    text::{self, SmsLength},
};
use crate::model::{
    CheckId, CheckKind, Language, Name, Notice, Observation, Reason, Status, Timestamp, Zone,
    is_bidi,
};

/// The longest text that a template may make, in characters.
const LONGEST: usize = 1_000;

/// A template for each sort of notice; what has none falls back to the next broader one, and in the
/// end to litemon's own line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WordingSettings {
    /// Something is wrong.
    pub problem: Option<String>,
    /// It became worse; else as `problem`.
    pub escalated: Option<String>,
    /// Another notifier could not tell it; else as `problem`.
    pub undelivered: Option<String>,
    /// It is over.
    pub recovery: Option<String>,
    /// It was over before it could be told; else as `recovery`.
    pub over: Option<String>,
}

impl WordingSettings {
    /// With those of `broader` where this one has none.
    #[must_use]
    pub fn or(self, broader: &Self) -> Self {
        let or = |own: Option<String>, other: &Option<String>| own.or_else(|| other.clone());
        Self {
            problem: or(self.problem, &broader.problem),
            escalated: or(self.escalated, &broader.escalated),
            undelivered: or(self.undelivered, &broader.undelivered),
            recovery: or(self.recovery, &broader.recovery),
            over: or(self.over, &broader.over),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn of(&self, reason: Reason) -> Option<&str> {
        let (own, broader) = match reason {
            Reason::Test => return None,
            // What is said of a problem would be wrong of its reminder or its end.
            reason if reason.is_for_people() => return None,
            Reason::Escalated => (&self.escalated, &self.problem),
            Reason::Undelivered => (&self.undelivered, &self.problem),
            Reason::RaisedAndRecovered => (&self.over, &self.recovery),
            Reason::Recovered => (&self.recovery, &None),
            _ => (&self.problem, &None),
        };
        own.as_deref().or(broader.as_deref())
    }

    fn named(&self) -> [(&'static str, Option<&str>, Reason); 5] {
        [
            ("problem", self.problem.as_deref(), Reason::Raised),
            ("escalated", self.escalated.as_deref(), Reason::Escalated),
            ("undelivered", self.undelivered.as_deref(), Reason::Undelivered),
            ("recovery", self.recovery.as_deref(), Reason::Recovered),
            ("over", self.over.as_deref(), Reason::RaisedAndRecovered),
        ]
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
        for (key, source, reason) in settings.named() {
            let Some(source) = source else { continue };
            let known = variables(&sample(reason), Language::English, &Zone::utc(), None);
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
        let Some(source) = self.settings.of(notice.reason) else { return own() };
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
        let made = |(of, source, reason): (_, Option<&str>, _)| {
            source?;
            let notice = sample(reason);
            let text = self.write(&notice, (language, zone), None, notice.at);
            let length = SmsLength::of(&text);
            Some(Example { of, text, length })
        };
        self.settings.named().into_iter().filter_map(made).collect()
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
        let link = page.zip(notice.incident);
        let link = link.map(|(page, incident)| format!("{page}/incidents/{incident}"));
        for (name, value) in [
            ("head", parts.head),
            ("what", parts.what),
            ("time", parts.time),
            ("why", parts.why),
            ("link", link.unwrap_or_default()),
        ] {
            fields.insert(name.to_owned(), value.into());
        }
    }
    variables
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
        by: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixtures;

    fn wording(problem: &str, recovery: &str) -> Result<Wording, Vec<(String, String)>> {
        let (problem, recovery) = (Some(problem.to_owned()), Some(recovery.to_owned()));
        let settings = WordingSettings { problem, recovery, ..WordingSettings::default() };
        Wording::new(settings)
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
