//! The variables of requests, and the notices that their templates are tried with.

use serde_json::Value;

use crate::{
    model::{CheckId, CheckKind, Name, Notice, Observation, Reason, Status, Timestamp},
    notify::{
        event_json,
        template::{Place, Templates, plain_fields},
    },
};

/// `to`, `text`, and the fields of the event.
pub(crate) fn variables(notice: &Notice, to: &str, text: &str) -> Value {
    let mut variables = plain_fields(event_json(notice, text));
    if let Value::Object(fields) = &mut variables {
        fields.insert("to".to_owned(), to.into());
    }
    variables
}

/// Whether a template can be read, names no unknown variable, and can be filled in for a problem and
/// for a recovery. Gives those two texts.
///
/// # Errors
/// What is wrong, in one line.
pub(super) fn check(
    templates: &Templates,
    place: Place,
    source: &str,
) -> Result<[String; 2], String> {
    let [problem, recovery] = samples();
    templates.names(source, &problem)?;
    Ok([templates.render(place, source, &problem)?, templates.render(place, source, &recovery)?])
}

/// The variables of a problem with everything that is hard to write, and of its end.
fn samples() -> [Value; 2] {
    let text = "PROBLEM web-1 nginx Off since 05:33 #17";
    let problem = sample();
    let over = Notice {
        reason: Reason::Recovered,
        status: Status::Ok,
        was: Some(Status::Critical),
        ..sample()
    };
    [variables(&problem, "+628123456789", text), variables(&over, "+628123456789", "OK web-1")]
}

fn sample() -> Notice {
    Notice {
        reason: Reason::Raised,
        incident: Some(17),
        check: CheckId::own("test"),
        kind: CheckKind::Service,
        server: Name::new("web-1").ok(),
        status: Status::Critical,
        was: None,
        seen: Ok(Observation::Switch {
            on: false,
            detail: Some("exit 3: \"it\\s\" <down> & 100% off\n…".to_owned()),
        }),
        limit: None,
        since: Timestamp::default(),
        at: Timestamp::default(),
        unjournaled: false,
        by: None,
        job: None,
        digest: None,
    }
}
