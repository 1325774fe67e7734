//! What notifiers do from a moment on: ways out, what is reported of what arrived, remedies.

use super::{
    action::{Known, Wrong, matching},
    file::{Moment, Word},
    scene::{Cure, Effect, REPORTED, Reporting, Way},
    timeline::Action,
};
use crate::{
    config::{NotifierPlan, OneOrMany},
    model::Name,
    notify::report::Report,
};

/// What a moment about notifiers says, or what is wrong with it.
pub(super) fn understand(moment: &Moment, known: &Known<'_>, wrong: &mut Wrong) -> Option<Action> {
    if let Some(OneOrMany(names)) = &moment.remedy {
        let commands = of_kind(known, |planned| !planned.tells_people);
        let remedies = matching("remedy", names, commands.iter().copied(), wrong)?;
        return Some(Action::Remedy(remedies, cure(moment, wrong)?));
    }
    let OneOrMany(names) = moment.notifier.as_ref()?;
    let notifiers = matching("notifier", names, known.notifiers.keys(), wrong)?;
    let gateway = match moment.gateway {
        Some(number) => Some(place(number, &notifiers, known, wrong)?),
        None => None,
    };
    if moment.reports.is_some() {
        return Some(Action::Reports(notifiers.clone(), gateway, reporting(moment, wrong)?))
            .filter(|_| asked(&notifiers, known, wrong));
    }
    let way = way(moment, wrong)?;
    Some(match gateway {
        Some(place) => Action::Gateway(notifiers, place, way),
        None => Action::Way(notifiers, way),
    })
}

fn of_kind<'a>(known: &'a Known<'_>, which: impl Fn(&NotifierPlan) -> bool) -> Vec<&'a Name> {
    known.notifiers.iter().filter(|(_, planned)| which(planned)).map(|(name, _)| name).collect()
}

/// The place of a gateway that people call by its number, from 1.
fn place(number: usize, notifiers: &[Name], known: &Known<'_>, wrong: &mut Wrong) -> Option<usize> {
    let planned = notifiers.iter().filter_map(|name| known.notifiers.get(name));
    let fewest = planned.map(|planned| planned.recipe.outlets().gateways.len()).min().unwrap_or(1);
    if (1..=fewest).contains(&number) {
        return number.checked_sub(1);
    }
    let expected = match fewest {
        1 => "it has one gateway only".to_owned(),
        many => format!("expected 1 to {many}"),
    };
    wrong.push((Some("gateway"), expected));
    None
}

/// Whether there is anything to be reported.
fn asked(notifiers: &[Name], known: &Known<'_>, wrong: &mut Wrong) -> bool {
    let asks = |name: &Name| {
        known.notifiers.get(name).is_some_and(|planned| planned.recipe.asks_for_reports())
    };
    let all = notifiers.iter().all(asks);
    if !all {
        let text = "no gateway is asked to report; expected {{ dlr_url }} in its query, form or \
                    json";
        wrong.push((Some("reports"), text.to_owned()));
    }
    all
}

fn reporting(moment: &Moment, wrong: &mut Wrong) -> Option<Reporting> {
    if moment.is.is_some() {
        wrong.push((Some("is"), "does not go with reports; say it in another [[at]]".to_owned()));
        return None;
    }
    let word = moment.reports.as_ref().map(|Word(word)| word.as_str());
    let what = match word {
        Some("delivered") => Some(Report::Delivered),
        Some("failed") => Some(Report::Failed),
        Some("none") => None,
        _ => {
            wrong.push((Some("reports"), "expected delivered, failed or none".to_owned()));
            return None;
        }
    };
    let after = moment.takes.map_or(REPORTED, |takes| takes.0);
    Some(Reporting { what, after })
}

fn cure(moment: &Moment, wrong: &mut Wrong) -> Option<Cure> {
    let effect = match moment.is.as_ref().map(|Word(word)| word.as_str()) {
        Some("helps") => Effect::Helps,
        Some("fails") => Effect::Fails,
        Some("useless") => Effect::Useless,
        _ => {
            wrong.push((Some("is"), "expected helps, fails or useless".to_owned()));
            return None;
        }
    };
    let detail = moment.detail.clone();
    if detail.is_some() && effect != Effect::Fails {
        wrong.push((Some("detail"), "says why it fails, and it does not".to_owned()));
    }
    Some(Cure { effect, detail, takes: moment.takes.map(|takes| takes.0) })
}

fn way(moment: &Moment, wrong: &mut Wrong) -> Option<Way> {
    let word = moment.is.as_ref().map(|Word(word)| word.as_str());
    match (word, moment.takes) {
        (Some("up"), None) => Some(Way::Up),
        (Some("down"), None) => Some(Way::Down),
        (Some("fails"), None) => Some(Way::Fails),
        (Some("refuses"), None) => Some(Way::Refuses),
        (Some("queues"), None) => Some(Way::Queues),
        (Some("slow"), Some(takes)) => Some(Way::Slow(takes.0)),
        _ => {
            let expected = "expected up, down, fails, refuses, queues, or slow with `takes`";
            wrong.push((Some("is"), expected.to_owned()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::{
        config::Inputs,
        model::Zone,
        simulate::{export, read::read_text, timeline::Timeline},
    };

    const HEAD: &str = r#"
lasts = "1h"
[config]
defaults.notify = ["oncall", "chat", "restart"]
defaults.time_to_notify = "5m"
hooks.report_url = "http://192.0.2.1:8080"
[config.servers.web-1]
address = "192.0.2.11"
[config.notifiers.sms.oncall]
url = "http://192.0.2.250/"
query = { to = "{{ to }}", text = "{{ text }}", dlr-url = "{{ dlr_url }}" }
recipients = ["+628123456789"]
[[config.notifiers.sms.oncall.gateways]]
url = "http://192.0.2.251/"
[config.notifiers.http.chat]
url = "http://192.0.2.252/"
[config.notifiers.exec.restart]
command = ["restart"]
tries = 1
"#;

    /// What is written behind a time.
    fn read(moments: &[&str]) -> Result<Timeline, String> {
        let moments = moments.iter().map(|text| format!("\n[[at]]\ntime = \"1m\"\n{text}\n"));
        let text = format!("{HEAD}{}", moments.collect::<String>());
        let read = read_text(Path::new("x.toml"), &text, &Inputs::default(), &Zone::utc());
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_said_of_ways_out_is_understood_and_written_again() {
        let all = [
            "notifier = \"oncall\"\nis = \"fails\"",
            "notifier = \"oncall\"\ngateway = 2\nis = \"slow\"\ntakes = \"3s\"",
            "notifier = \"oncall\"\nreports = \"failed\"\ntakes = \"7s\"",
            "notifier = \"oncall\"\ngateway = 1\nreports = \"none\"",
            "remedy = \"restart\"\nis = \"fails\"\ndetail = \"exit 5\"\ntakes = \"2s\"",
            "remedy = \"*\"\nis = \"helps\"",
            "network = \"down\"",
            "answer = \"ACK 1\"\nfrom = \"+628123456789\"",
        ];
        let first = read(&all).unwrap();
        assert_eq!(first.events.len(), all.len());
        let written: String = first.events.iter().map(export::moment).collect();
        let again = format!("{HEAD}{written}");
        let again = read_text(Path::new("x.toml"), &again, &Inputs::default(), &Zone::utc());
        assert_eq!(again.unwrap().events, first.events, "{written}");
    }

    #[test]
    fn what_cannot_be_is_a_mistake() {
        for (moment, expected) in [
            ("notifier = \"oncall\"\ngateway = 3\nis = \"up\"", "expected 1 to 2"),
            ("notifier = \"oncall\"\ngateway = 0\nis = \"up\"", "expected 1 to 2"),
            ("notifier = \"chat\"\ngateway = 2\nis = \"up\"", "it has one gateway only"),
            ("notifier = \"chat\"\nreports = \"none\"", "no gateway is asked to report"),
            ("notifier = \"oncall\"\nreports = \"soon\"", "expected delivered, failed or none"),
            ("notifier = \"oncall\"\nreports = \"none\"\nis = \"up\"", "does not go with reports"),
            ("remedy = \"oncall\"\nis = \"helps\"", "there is no remedy \"oncall\""),
            ("remedy = \"restart\"\nis = \"up\"", "expected helps, fails or useless"),
            (
                "remedy = \"restart\"\nis = \"helps\"\ndetail = \"x\"",
                "says why it fails, and it does not",
            ),
            ("answer = \"ACK 1\"", "expected `from`, too"),
            ("network = \"up\"\nis = \"up\"", "has no meaning here"),
        ] {
            let wrong = read(&[moment]).unwrap_err();
            assert!(wrong.contains(expected), "{moment}: {wrong}");
        }
    }
}
