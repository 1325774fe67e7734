//! What is run, in words.

use litemon_core::manage::jobs::What;

use crate::words::Words;

/// An action as a thing to do: those that come with litemon in the reader's language, others by
/// their own name.
pub(crate) fn name(words: &Words, action: &str, verb: Option<&str>) -> String {
    let jobs = &words.jobs;
    let known = match (action, verb) {
        ("ping", _) => jobs.do_ping,
        ("restart", _) => jobs.do_restart,
        ("shutdown", _) => jobs.do_shutdown,
        ("cancel-shutdown", _) => jobs.do_cancel_shutdown,
        ("refresh", _) => jobs.do_refresh,
        ("update", _) => jobs.do_update,
        ("full-upgrade", _) => jobs.do_full_upgrade,
        ("service", Some("start")) => jobs.do_service_start,
        ("service", Some("stop")) => jobs.do_service_stop,
        ("service", Some("restart")) => jobs.do_service_restart,
        ("service", _) => jobs.do_service,
        (other, _) => other,
    };
    known.to_owned()
}

/// What a job does, with the parameters that were given.
pub(crate) fn doing(words: &Words, what: &What) -> String {
    match what {
        What::Action { name: action, params } => {
            let verb = params.get("verb").map(String::as_str);
            let mut text = name(words, action.as_str(), verb);
            let told = params.iter().filter(|(key, value)| !is_said(action.as_str(), key, value));
            for (key, value) in told {
                text.push(' ');
                if key != "unit" {
                    text.push_str(key);
                    text.push('=');
                }
                text.push_str(value);
            }
            text
        }
        What::Command(command) => command.clone(),
        _ => String::new(),
    }
}

/// What need not be told: the verb of a service stands in its name, and what is as always goes
/// without saying.
fn is_said(action: &str, key: &str, value: &str) -> bool {
    matches!(
        (action, key, value),
        ("service", "verb", _)
            | ("update" | "full-upgrade", "only-show", "no")
            | ("ping", "target", "server")
            | ("shutdown", "in", "0")
    )
}

/// The same, short enough for a heading or a row.
pub(super) fn short(words: &Words, what: &What) -> String {
    const MOST: usize = 60;
    let text = doing(words, what);
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST && line.len() == text.len() {
        return text;
    }
    line.chars().take(MOST).chain(['…']).collect()
}
