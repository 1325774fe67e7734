//! A notice as data, for programs: what the `exec` notifier hands to a command, and the facts that a
//! gateway's templates may use.

use serde_json::{Map, Value, json};

use crate::model::{CheckId, Digest, DigestPart, EventKind, Notice, Observation, is_bidi};

/// The version of [`event_json`]'s shape. It grows when a field changes its meaning or goes; new
/// fields may come without that.
pub const EVENT_VERSION: u32 = 1;

/// The notice as JSON.
///
/// ```json
/// {"version": 1, "event": "problem", "reason": "raised", "incident": 17,
///  "check": "web-1/nginx", "kind": "service", "server": "web-1", "name": "nginx",
///  "status": "critical", "was": null, "on": false, "value": null, "unit": null, "limit": null,
///  "failure": null, "detail": "exit 3: inactive",
///  "since": "2016-04-14T05:33:14Z", "at": "2016-04-14T05:33:18Z", "unjournaled": false,
///  "text": "PROBLEM web-1 nginx Off since 05:33 #17"}
/// ```
///
/// - `event`: `problem` or `recovery`; `reason`: `raised`, `escalated`, `recovered`,
///   `raised_and_recovered`, `reminder`, `unacknowledged`, `acknowledged` (then there is `by`: who
///   takes it), `flapping`, `remedy` (for a remedy that is limited and verified),
///   `remedy_failed`, `undelivered` (then `detail` names the notifier that failed), `test`,
///   `job_ended` (then `event` is `job`, and there is `job`: how it ended).
/// - `status`, `was`: `ok`, `warning`, `unknown`, `critical`; `was` is the worst before, on a
///   recovery or an escalation.
/// - `on` or `value` with `unit`, or `failure` (a word of
///   [`FailureKind`](crate::model::FailureKind)): what was seen, on a recovery the problem that is
///   over; `detail` is the line beside it, which may hold bytes from the server.
/// - `digest`, only where several notices are told as one: then `incident` is null and the other fields
///   are those of the weightiest. `count` of them; `incidents`, their numbers as ranges, each its first
///   and last; `groups` of their servers; `parts`, each with `what` happened (a word of
///   [`Happening`](crate::model::Happening)), its `event`, to how many (`count`), and the `first` checks.
/// - `remedy`, `remedy_outcome` (`helped`, `did_not_help`, `failed`, `given_up`), `remedy_runs`: what
///   a remedy did, only where that is known.
/// - `since` (the first result that was not OK) and `at` (the decision to tell): RFC 3339, UTC.
#[must_use]
pub fn event_json(notice: &Notice, text: &str) -> Value {
    let mut event = json!({
        "version": EVENT_VERSION,
        "event": event_word(notice.reason.event()),
        "reason": notice.reason.as_str(),
        "incident": notice.incident,
        "check": notice.check.as_str(),
        "kind": notice.kind.as_str(),
        "server": notice.server.as_ref().map(AsRef::<str>::as_ref),
        "name": notice.check.name(),
        "status": notice.status.as_str(),
        "was": notice.was.map(crate::model::Status::as_str),
        "limit": notice.limit,
        "since": notice.since.to_string(),
        "at": notice.at.to_string(),
        "unjournaled": notice.unjournaled,
        "text": text,
    });
    if let Value::Object(fields) = &mut event {
        fields.append(&mut seen(notice));
        fields.extend(notice.digest.iter().map(|of| ("digest".to_owned(), digest(of))));
        fields.extend(notice.by.iter().map(|by| ("by".to_owned(), by.as_str().into())));
        fields.extend(notice.job.iter().map(|job| ("job".to_owned(), json!(job))));
        if let Some(remedy) = &notice.remedy {
            fields.insert("remedy".to_owned(), remedy.name.as_str().into());
            fields.insert("remedy_outcome".to_owned(), remedy.outcome.word().into());
            fields.insert("remedy_runs".to_owned(), remedy.runs.into());
        }
    }
    event
}

fn digest(digest: &Digest) -> Value {
    let part = |part: &DigestPart| {
        let first: Vec<&str> = part.first.iter().map(CheckId::as_str).collect();
        json!({
            "what": part.what.as_str(),
            "event": event_word(part.what.event()),
            "count": part.count,
            "first": first,
        })
    };
    let groups: Vec<&str> = digest.groups.iter().map(AsRef::as_ref).collect();
    json!({
        "count": digest.count(),
        "incidents": digest.numbers.ranges(),
        "groups": groups,
        "parts": digest.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn seen(notice: &Notice) -> Map<String, Value> {
    let seen = notice.seen.as_ref();
    let on = match seen {
        Ok(Observation::Switch { on, .. }) => Some(*on),
        _ => None,
    };
    let value = seen.ok().and_then(Observation::value);
    let detail = seen.map_or_else(|failure| Some(failure.message.as_str()), Observation::detail);
    let fields = [
        ("on", json!(on)),
        ("value", json!(value)),
        ("unit", json!(value.and(seen.ok()).map(Observation::unit))),
        ("failure", json!(seen.err().map(|failure| failure.kind.as_str()))),
        ("detail", json!(detail)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

const fn event_word(event: EventKind) -> &'static str {
    match event {
        EventKind::Problem => "problem",
        EventKind::Recovery => "recovery",
        EventKind::Job => "job",
    }
}

/// The fields of [`event_json`] as environment variables: `LITEMON_EVENT_` and the field's name in
/// capitals, without control and bidirectional characters; a field that is null is empty.
#[must_use]
pub fn event_env(notice: &Notice, text: &str) -> Vec<(String, String)> {
    let Value::Object(fields) = event_json(notice, text) else { return Vec::new() };
    fields
        .into_iter()
        .map(|(name, value)| (format!("LITEMON_EVENT_{}", name.to_uppercase()), plain(&value)))
        .collect()
}

fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().filter(|c| !c.is_control() && !is_bidi(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixtures;

    #[test]
    fn the_shape_is_kept() {
        let event = event_json(&fixtures::off(), "PROBLEM …");
        insta::assert_snapshot!("event", serde_json::to_string_pretty(&event).unwrap());
    }

    #[test]
    fn a_digest_says_what_it_tells() {
        let part = DigestPart::new(
            crate::model::Happening::ServersDown,
            3,
            vec![CheckId::parse("web-1/ssh").unwrap()],
        );
        let groups = vec![fixtures::name("web")];
        let digest = Digest::new(vec![part], [40, 41, 70].into_iter().collect(), groups);
        let digest = Some(Box::new(digest));
        let event = event_json(&Notice { digest, incident: None, ..fixtures::off() }, "PROBLEM …");
        insta::assert_snapshot!("digest", serde_json::to_string_pretty(&event["digest"]).unwrap());
    }

    #[test]
    fn variables_hold_no_control_characters() {
        let mut notice = fixtures::off();
        notice.seen =
            Ok(Observation::Switch { on: false, detail: Some("a\nb\u{0}\u{202e}c".into()) });
        let env = event_env(&notice, "text\r\n");
        let get = |name: &str| {
            env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap()
        };
        assert_eq!(get("LITEMON_EVENT_DETAIL"), "abc");
        assert_eq!(get("LITEMON_EVENT_TEXT"), "text");
        assert_eq!(get("LITEMON_EVENT_REASON"), "raised");
        assert_eq!(get("LITEMON_EVENT_CHECK"), "web-1/nginx");
        assert_eq!(get("LITEMON_EVENT_SERVER"), "web-1");
        assert_eq!(get("LITEMON_EVENT_STATUS"), "critical");
        assert_eq!(get("LITEMON_EVENT_INCIDENT"), "17");
        assert_eq!(get("LITEMON_EVENT_WAS"), "");
    }
}
