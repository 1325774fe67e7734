//! What a timeline came to, for people.

use litemon_core::{
    model::{Status, Zone},
    simulate::{Happening, Held, Outcome, Report, Row},
};

use crate::terminal;

/// The verdict first, then what did not hold, then everything in order.
pub fn text(report: &Report) -> String {
    let about = report.about.as_ref().map(|about| format!("{}\n", terminal::clean_line(about)));
    let failed: String = report.failed().map(failed).collect();
    let mut text = format!("{}{}\n{failed}", about.unwrap_or_default(), verdict(report));
    if !report.rows.is_empty() {
        let head = ["TIME", "WHAT", "ABOUT", "TEXT", "WHY"];
        let rows: Vec<Vec<String>> = report.rows.iter().map(|row| cells(row, report)).collect();
        let width = terminal::width(&std::io::stdout());
        text.push_str(&format!("\n{}", terminal::table_within(&head, &rows, width)));
    }
    text
}

/// `All 3 expectations hold: 2 messages to 1 recipient.`
fn verdict(report: &Report) -> String {
    let came = counted(report.arrived().count(), "message");
    let mut whom: Vec<_> =
        report.arrived().map(|message| (&message.notifier, &message.recipient)).collect();
    whom.sort();
    whom.dedup();
    let to = if whom.is_empty() {
        String::new()
    } else {
        format!(" to {}", counted(whom.len(), "recipient"))
    };
    let held = match (report.held.len(), report.failed().count()) {
        (0, _) => "Played".to_owned(),
        (1, 0) => "As expected".to_owned(),
        (all, 0) => format!("All {all} expectations hold"),
        (all, failed) => format!("NOT AS EXPECTED: {failed} of {}", counted(all, "expectation")),
    };
    format!("{held}: {came}{to} in {}.", terminal::age(report.lasts))
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    }
}

fn failed(held: &Held) -> String {
    let place = held.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let instead = held.instead.as_ref().map(|instead| format!("; {instead}")).unwrap_or_default();
    terminal::clean_line(&format!("{place}expected {}{instead}", held.expected)) + "\n"
}

fn cells(row: &Row, report: &Report) -> Vec<String> {
    let [what, about, text, why] = match &row.happening {
        Happening::Event { about, text } => {
            [String::new(), about.clone(), text.clone(), String::new()]
        }
        Happening::Message(message) => {
            let done = message.outcome.has_arrived() || message.outcome == Outcome::Ran;
            let status = if done { Status::Ok } else { Status::Critical };
            let to = format!("{} {}", message.notifier, message.recipient);
            [painted(message.outcome, status), to, message.text.clone(), message.why.clone()]
        }
        Happening::Reply { to, text: Some(text), why } => {
            ["reply".to_owned(), to.clone(), text.clone(), why.clone()]
        }
        Happening::Reply { to, text: None, why } => {
            ["no reply".to_owned(), to.clone(), String::new(), why.clone()]
        }
        Happening::NotTold { check, incident, text, why } => {
            let number = incident.map(|number| format!(" #{number}")).unwrap_or_default();
            ["not told".to_owned(), check.clone(), format!("{text}{number}"), why.clone()]
        }
        _ => [(); 4].map(|()| String::new()),
    };
    let clean = |text: String| terminal::clean_line(&text);
    vec![time(row, report), what, clean(about), clean(text), clean(why)]
}

fn painted(outcome: Outcome, status: Status) -> String {
    terminal::painted(outcome.word(), status, terminal::colour(&std::io::stdout()))
}

/// The time of the day; with its date when it is not the first.
fn time(row: &Row, report: &Report) -> String {
    let zone: &Zone = &report.zone;
    if zone.date(row.at) == zone.date(report.start) {
        zone.clock_time(row.at)
    } else {
        zone.date_time(row.at)
    }
}
