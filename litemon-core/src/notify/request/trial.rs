//! The variables of requests, and the notices that their templates are tried with.

use serde_json::Value;

use crate::{
    model::{CheckId, CheckKind, Name, Notice, Observation, Reason, Status, Timestamp},
    notify::{
        event_json,
        template::{Place, Templates, plain_fields},
    },
};

/// `to`, `text`, `dlr_url` (empty where no reports are taken), and the fields of the event.
pub(crate) fn variables(notice: &Notice, to: &str, text: &str, dlr_url: &str) -> Value {
    let mut variables = plain_fields(event_json(notice, text));
    if let Value::Object(fields) = &mut variables {
        fields.insert("to".to_owned(), to.into());
        fields.insert("dlr_url".to_owned(), dlr_url.into());
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
    let to = "+628123456789";
    let url = "https://litemon.example/hooks/dlr/17-AAAAAAAAAAAAAAAAAAAAAA";
    [variables(&problem, to, text, url), variables(&over, to, "OK web-1", url)]
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
        remedy: None,
    }
}
