//! What a timeline is expected to come to, and whether it did. Pure.

use std::time::Duration;

use regex::Regex;

use super::{
    names,
    promises::Broken,
    report::{Happening, Held, Message, Outcome, Report, Row},
};
use crate::config::{Place, TimeSpan};

/// How much later than expected is as expected.
pub(super) const WITHIN: Duration = Duration::from_secs(1);

/// All that is expected.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) all: Vec<Expectation>,
    /// So many messages in all.
    pub(super) messages: Option<usize>,
    /// Every message is expected by one of the expectations.
    pub(super) nothing_else: bool,
    /// Nothing happens that may never happen.
    pub(super) invariants: bool,
}

/// One thing that is expected.
#[derive(Debug)]
pub(super) struct Expectation {
    /// Where it was written.
    pub(super) place: Option<Place>,
    pub(super) what: What,
    /// From when on, after the start.
    pub(super) at: Option<Duration>,
    /// And how much later at most.
    pub(super) within: Duration,
}

#[derive(Debug)]
pub(super) enum What {
    /// A message, to each of these notifiers or recipients; to anybody when there are none.
    Sent { text: Words, to: Vec<String> },
    /// A check, or a part of litemon, of which something is not told.
    NotTold { check: String, why: Option<String> },
    /// What an SMS of one of these numbers is answered, of anybody when there are none; that it is
    /// not, when there is no text.
    Reply { text: String, to: Vec<String> },
}

#[derive(Debug)]
pub(super) enum Words {
    Any,
    Exactly(String),
    Matching(Regex),
}

impl Words {
    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(words) => words == text,
            Self::Matching(pattern) => pattern.is_match(text),
        }
    }
}

impl Expectation {
    fn in_time(&self, row: &Row) -> bool {
        self.at.is_none_or(|at| (at..=at + self.within).contains(&row.after))
    }

    fn words(&self) -> String {
        let what = match &self.what {
            What::Sent { text, to } => {
                let to =
                    if to.is_empty() { String::new() } else { format!(" to {}", to.join(", ")) };
                match text {
                    Words::Any => format!("a message{to}"),
                    Words::Exactly(text) => format!("{text:?}{to}"),
                    Words::Matching(pattern) => {
                        format!("a message like {:?}{to}", pattern.as_str())
                    }
                }
            }
            What::Reply { text, to } => {
                let to =
                    if to.is_empty() { String::new() } else { format!(" to {}", to.join(", ")) };
                if text.is_empty() {
                    format!("no reply{to}")
                } else {
                    format!("the reply {text:?}{to}")
                }
            }
            What::NotTold { check, why } => {
                let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
                format!("{check} not told{why}")
            }
        };
        let at = self.at.map(|at| format!(", {} after the start", TimeSpan(at)));
        format!("{what}{}", at.unwrap_or_default())
    }
}

/// Holds what happened against what was expected. A message is counted for one expectation only.
pub(super) fn judge(expected: &Expected, report: &mut Report) {
    let mut taken = vec![false; report.rows.len()];
    let mut held: Vec<Held> = Vec::new();
    for one in &expected.all {
        let missing = match &one.what {
            What::Sent { text, to } => sent(one, text, to, &report.rows, &mut taken),
            What::Reply { text, to } => replied(one, text, to, &report.rows, &mut taken),
            What::NotTold { check, why } => not_told(one, check, why.as_deref(), &report.rows),
        };
        let place = one.place.as_ref().map(ToString::to_string);
        held.push(Held {
            place,
            expected: one.words(),
            holds: missing.is_none(),
            instead: missing,
        });
    }
    held.extend(expected.messages.map(|wanted| counted(wanted, report)));
    if expected.nothing_else {
        held.push(nothing_else(&report.rows, &taken));
    }
    report.held = held;
}

/// Takes the messages that fit; else says what there was instead.
fn sent(
    one: &Expectation,
    text: &Words,
    to: &[String],
    rows: &[Row],
    taken: &mut [bool],
) -> Option<String> {
    let anybody = String::new();
    let whom = if to.is_empty() { std::slice::from_ref(&anybody) } else { to };
    for name in whom {
        let mut reached: Vec<&Message> = Vec::new();
        for (row, taken) in rows.iter().zip(taken.iter_mut()) {
            let Some(message) = done(row).filter(|_| !*taken && one.in_time(row)) else {
                continue;
            };
            let same = |other: &&Message| {
                other.notifier == message.notifier && other.recipient == message.recipient
            };
            if text.fits(&message.text) && is_to(message, name) && !reached.iter().any(same) {
                *taken = true;
                reached.push(message);
            }
        }
        if reached.is_empty() {
            return Some(nearest(text, name, rows));
        }
    }
    None
}

fn is_to(message: &Message, name: &str) -> bool {
    name.is_empty() || message.notifier.as_str() == name || message.recipient == name
}

/// Takes the replies that fit; else says what there was instead.
fn replied(
    one: &Expectation,
    text: &str,
    to: &[String],
    rows: &[Row],
    taken: &mut [bool],
) -> Option<String> {
    let mut found = false;
    let mut other = None;
    for (row, taken) in rows.iter().zip(taken.iter_mut()) {
        let Happening::Reply { to: whom, text: reply, .. } = &row.happening else { continue };
        let reply = reply.as_deref().unwrap_or_default();
        if *taken || !(to.is_empty() || to.contains(whom)) {
            continue;
        }
        if reply == text && one.in_time(row) {
            *taken = true;
            found = true;
            break;
        }
        let after = TimeSpan(whole(row.after));
        other = Some(format!("there was {reply:?} to {whom}, {after} after the start"));
    }
    if found { None } else { other.or_else(|| Some("nobody answered".to_owned())) }
}

/// The message that arrived, if the row tells of one.
fn arrived(row: &Row) -> Option<&Message> {
    match &row.happening {
        Happening::Message(message) => message.outcome.has_arrived().then_some(message),
        _ => None,
    }
}

/// The same, or a command that was run in the place of one.
fn done(row: &Row) -> Option<&Message> {
    match &row.happening {
        Happening::Message(message) if message.outcome == Outcome::Ran => Some(message),
        _ => arrived(row),
    }
}

/// The same text at another time or to somebody else, else what the same were told.
fn nearest(text: &Words, name: &str, rows: &[Row]) -> String {
    let all = || rows.iter().filter_map(|row| Some((row, done(row)?)));
    let words = all().find(|(_, message)| text.fits(&message.text));
    match words.or_else(|| all().rfind(|(_, message)| is_to(message, name))) {
        Some((row, message)) => format!(
            "there was {:?} to {} {}, {} after the start",
            message.text,
            message.notifier,
            message.recipient,
            TimeSpan(whole(row.after))
        ),
        None => "there was no message".to_owned(),
    }
}

fn whole(after: Duration) -> Duration {
    Duration::from_secs(after.as_secs())
}

fn not_told(one: &Expectation, check: &str, why: Option<&str>, rows: &[Row]) -> Option<String> {
    let reasons = rows.iter().filter_map(|row| match &row.happening {
        Happening::NotTold { check: subject, why, .. } if names::fits(subject, check) => {
            Some((row, why))
        }
        _ => None,
    });
    let mut other = None;
    for (row, reason) in reasons {
        if why.is_none_or(|why| reason.contains(why)) && one.in_time(row) {
            return None;
        }
        other = Some(format!(
            "it was not told as {reason}, {} after the start",
            TimeSpan(whole(row.after))
        ));
    }
    Some(other.unwrap_or_else(|| "nothing of it was held back".to_owned()))
}

/// What may never happen; each time that it did.
pub(super) fn kept(broken: &[Broken]) -> Vec<Held> {
    let held = |instead| Held {
        place: None,
        expected: "what never may happen not to happen".to_owned(),
        holds: Option::is_none(&instead),
        instead,
    };
    let each = |one: &Broken| {
        held(Some(format!("{}, {} after the start", one.what, TimeSpan(whole(one.after)))))
    };
    if broken.is_empty() { vec![held(None)] } else { broken.iter().map(each).collect() }
}

fn counted(wanted: usize, report: &Report) -> Held {
    let found = report.rows.iter().filter_map(arrived).count();
    Held {
        place: None,
        expected: format!("messages: {wanted}"),
        holds: found == wanted,
        instead: (found != wanted).then(|| format!("there were {found}")),
    }
}

fn nothing_else(rows: &[Row], taken: &[bool]) -> Held {
    let further: Vec<String> = rows
        .iter()
        .zip(taken)
        .filter_map(|(row, taken)| arrived(row).filter(|_| !taken))
        .map(|message| format!("{:?} to {} {}", message.text, message.notifier, message.recipient))
        .collect();
    Held {
        place: None,
        expected: "no other message".to_owned(),
        holds: further.is_empty(),
        instead: (!further.is_empty()).then(|| format!("there was {}", further.join(", "))),
    }
}
