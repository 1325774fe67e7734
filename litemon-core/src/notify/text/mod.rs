//! What a notice reads like: one line that a tired person understands at night, and that fits into
//! one SMS.
//!
//! `PROBLEM web-1 nginx Off since 05:33 #17`: what, where, since when, and the incident's number for
//! an answer. Too long, it loses detail first, then letters of its names, never status or number.
//! Times of an incident that began a day or longer ago carry their date.

mod digest;
mod fit;
mod gsm;
mod job;
mod length;
mod number;
mod words;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use gsm::{SMS_SEPTETS, char_septets, gsm7, septets};
pub use length::SmsLength;

use crate::model::{
    CheckKind, Failure, FailureKind, Language, Notice, Observation, Reason, Status, Timestamp, Zone,
};
use fit::Line;
pub(crate) use fit::{cut_end, cut_middle};
pub(crate) use number::with_unit;
use words::{Problem, Subject, Words};

/// From when on an hour and a minute alone would mislead.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The part of the monitor that fails when it is isolated.
const NETWORK: &str = "network";
/// How many septets of the name of somebody are shown.
const LONGEST_NAME: usize = 30;

/// How many septets of a detail are looked at, at most.
const LONGEST_DETAIL: usize = SMS_SEPTETS;

/// The notice in one line of at most [`SMS_SEPTETS`] septets, all in the GSM alphabet, ending in
/// `#` and the incident's number (where there is an incident), or the numbers of several.
///
/// `now` is when it is sent: it decides whether the date is needed.
#[must_use]
pub fn line(notice: &Notice, language: Language, zone: &Zone, now: Timestamp) -> String {
    let words = Words(language);
    if notice.reason == Reason::Test {
        return test_line(words, notice, zone);
    }
    if let Some(end) = &notice.job {
        return job::line(words, end, notice.unjournaled);
    }
    if let Some(digest) = &notice.digest {
        return digest::line(words, head(words, notice), notice, digest);
    }
    let problem = problem(notice);
    let mark = notice.unjournaled.then(|| words.unjournaled().to_owned());
    Line {
        head: head(words, notice).to_owned(),
        names: names(notice),
        body: gsm7(&body(words, notice, &problem, &since(notice, zone, now))),
        detail: detail(words, notice, &problem),
        mark,
        number: notice.incident,
        end: None,
    }
    .fitted()
}

/// What a notice that tells of several incidents says, part for part and not cut:
/// `20 servers unreachable: web-1, web-2, ..`. Nothing of any other notice.
#[must_use]
pub fn digest_parts(notice: &Notice, language: Language) -> Vec<String> {
    let digest = notice.digest.as_ref();
    digest.map(|digest| digest::parts(Words(language), digest)).unwrap_or_default()
}

/// The parts of [`line`], for those who put them together in their own way; not cut.
#[cfg(feature = "templates")]
pub(crate) struct Parts {
    /// `PROBLEM` or `OK`.
    pub(crate) head: String,
    /// `Off since 05:33`, `On, was Off 4m`; of several at once each part of what happened.
    pub(crate) what: String,
    /// Since when: `05:33`, with its date if that is a day ago.
    pub(crate) time: String,
    /// What would stand in brackets, or nothing.
    pub(crate) why: String,
}

/// The notice in parts.
#[cfg(feature = "templates")]
pub(crate) fn parts(notice: &Notice, language: Language, zone: &Zone, now: Timestamp) -> Parts {
    let words = Words(language);
    let (problem, time) = (problem(notice), since(notice, zone, now));
    if let Some(end) = &notice.job {
        let (head, why) = (words.job_word().to_owned(), job::failed(words, end));
        let what = words.job_ended(end.ok, end.not_ok);
        return Parts { head, what, why: why.unwrap_or_default(), time };
    }
    let several = notice.digest.as_ref().map(|digest| digest::parts(words, digest).join(", "));
    Parts {
        head: head(words, notice).to_owned(),
        what: several.unwrap_or_else(|| body(words, notice, &problem, &time)),
        why: detail(words, notice, &problem).unwrap_or_default(),
        time,
    }
}

/// What is wrong, in the fewest words: `web-1 nginx` and `Off`. All of it is in the GSM alphabet.
pub(crate) fn brief(notice: &Notice, language: Language) -> (String, String) {
    let what = Words(language).phrase(&problem(notice)).now;
    (names(notice).join(" "), gsm7(&what))
}

/// `45s`, `4m`, `3h05m`, `2d3h`
pub(crate) fn duration(lasted: Duration, language: Language) -> String {
    Words(language).duration(lasted)
}

/// The name of the notifier that failed, on a notice of [`Reason::Undelivered`]: it stands where
/// otherwise the detail of what was seen does.
#[must_use]
pub fn undelivered_by(notice: &Notice) -> Option<&str> {
    if notice.reason != Reason::Undelivered {
        return None;
    }
    match &notice.seen {
        Ok(seen) => seen.detail(),
        Err(failure) => Some(&failure.message),
    }
}

fn test_line(words: Words, notice: &Notice, zone: &Zone) -> String {
    Line {
        head: words.test_word().to_owned(),
        body: words.test_body(&zone.hour_minute(notice.at)),
        number: notice.incident,
        ..Line::default()
    }
    .fitted()
}

const fn head(words: Words, notice: &Notice) -> &'static str {
    match notice.reason {
        Reason::Acknowledged => words.acknowledged_word(),
        _ if is_over(notice) => words.ok_word(),
        _ => words.problem_word(),
    }
}

/// Whether the notice says that a problem is over.
const fn is_over(notice: &Notice) -> bool {
    match notice.reason {
        Reason::Recovered | Reason::RaisedAndRecovered => true,
        Reason::Undelivered => matches!(notice.status, Status::Ok),
        _ => false,
    }
}

/// The server and the check, or whatever the check belongs to.
fn names(notice: &Notice) -> Vec<String> {
    let (owner, name) = (notice.check.owner(), notice.check.name());
    let names = match notice.kind {
        CheckKind::Ssh => vec![owner],
        // What is said of it names the network.
        CheckKind::Own if name == NETWORK => vec![owner],
        CheckKind::Other | CheckKind::Messaging if matches!(owner, "checks" | "messaging") => {
            vec![name]
        }
        _ => vec![owner, name],
    };
    // A name is one word, so that the line can be taken apart again.
    names.into_iter().map(|name| gsm7(name).replace(' ', "_")).collect()
}

fn since(notice: &Notice, zone: &Zone, now: Timestamp) -> String {
    if now.max(notice.at).since(notice.since) >= A_DAY {
        zone.format("%Y-%m-%d %H:%M", notice.since)
    } else {
        zone.hour_minute(notice.since)
    }
}

fn body(words: Words, notice: &Notice, problem: &Problem, since: &str) -> String {
    let phrase = words.phrase(problem);
    let lasted = notice.at.since(notice.since);
    match (notice.reason, notice.was) {
        (Reason::RaisedAndRecovered, _) => {
            format!("{} {}", words.recovered(&phrase, lasted), words.since(since))
        }
        _ if is_over(notice) => words.recovered(&phrase, lasted),
        (Reason::Reminder | Reason::RemedyFailed, _) => words.still(&phrase, since),
        (Reason::Unacknowledged, _) => words.unacknowledged(&phrase, since),
        (Reason::Acknowledged, _) if notice.by.is_some() => {
            let by = gsm7(notice.by.as_deref().unwrap_or_default()).replace(' ', "_");
            words.acknowledged(&phrase, since, &cut_end(&by, LONGEST_NAME))
        }
        (Reason::Flapping, _) => words.flapping(since),
        (Reason::Escalated, Some(was)) => words.escalated(&phrase, was, since),
        _ => words.raised(&phrase, since),
    }
}

/// What is wrong; on a recovery, what was.
fn problem(notice: &Notice) -> Problem {
    let status = match notice.status {
        Status::Ok => notice.was.unwrap_or(Status::Critical),
        bad => bad,
    };
    match (notice.kind, &notice.seen) {
        (CheckKind::Ssh, seen) => server_problem(seen),
        (CheckKind::Own, _) if notice.check.name() == NETWORK => Problem::Isolated,
        (CheckKind::Own, _) => Problem::Failed(Subject::Function),
        (_, Ok(Observation::Judged { .. })) if notice.limit.is_none() => Problem::Judged(status),
        (kind, _) if status == Status::Unknown => Problem::Unknown(subject(kind)),
        (CheckKind::Service, _) => Problem::Off,
        (CheckKind::Resource | CheckKind::Statistic, Err(_)) => Problem::Unknown(Subject::Number),
        (kind @ CheckKind::Messaging, Ok(Observation::Switch { .. })) | (kind, Err(_)) => {
            Problem::Failed(subject(kind))
        }
        (_, Ok(seen)) => match measured(notice, seen) {
            Some(measured) => Problem::Over { measured, warning: status == Status::Warning },
            None => Problem::Off,
        },
    }
}

const fn server_problem(seen: &Result<Observation, Failure>) -> Problem {
    let Err(failure) = seen else { return Problem::Unreachable };
    match failure.kind {
        FailureKind::HostKey => Problem::HostKey,
        FailureKind::Auth => Problem::Login,
        FailureKind::Busy => Problem::Busy,
        FailureKind::Internal | FailureKind::Overrun => Problem::Unknown(Subject::Server),
        _ => Problem::Unreachable,
    }
}

const fn subject(kind: CheckKind) -> Subject {
    match kind {
        CheckKind::Service => Subject::Switch,
        CheckKind::Resource | CheckKind::Statistic => Subject::Number,
        CheckKind::Messaging => Subject::RoundTrip,
        _ => Subject::Function,
    }
}

/// What stands in brackets: why a problem is one, where the status alone does not say it.
fn detail(words: Words, notice: &Notice, problem: &Problem) -> Option<String> {
    let remedy = notice.remedy.as_ref().map(|remedy| words.remedied(remedy, problem));
    let text = if let Some(notifier) = undelivered_by(notice) {
        words.undelivered(notifier)
    } else if matches!(notice.reason, Reason::Acknowledged | Reason::Unacknowledged) {
        return None;
    } else if is_over(notice) || notice.reason == Reason::RemedyFailed {
        remedy?
    } else {
        let why = match &notice.seen {
            Err(failure) => Some(why(words, notice.kind, failure)),
            Ok(seen) => seen_detail(notice, seen, problem),
        };
        [remedy, why].into_iter().flatten().collect::<Vec<_>>().join("; ")
    };
    let text = cut_end(&gsm7(&text), LONGEST_DETAIL);
    (!text.is_empty()).then_some(text)
}

fn seen_detail(notice: &Notice, seen: &Observation, problem: &Problem) -> Option<String> {
    match (problem, seen) {
        // "Off" says it all.
        (Problem::Off, _) => None,
        (Problem::Failed(_), seen) if seen.value().is_some() => measured(notice, seen),
        _ => seen.detail().map(ToOwned::to_owned),
    }
}

/// `93% > 50%`
fn measured(notice: &Notice, seen: &Observation) -> Option<String> {
    let (value, unit) = (seen.value()?, seen.unit());
    Some(
        notice
            .limit
            .map_or_else(|| with_unit(value, unit), |limit| number::over(value, limit, unit)),
    )
}

/// A failure in the language's own words where it has them, else in its own line.
fn why(words: Words, kind: CheckKind, failure: &Failure) -> String {
    // Of others the failure's own line says more, as which phase of a round trip it was.
    let plain = matches!(
        kind,
        CheckKind::Ssh | CheckKind::Resource | CheckKind::Service | CheckKind::Statistic
    );
    if let Some(known) = words.failure(failure.kind).filter(|_| plain) {
        return known.to_owned();
    }
    match (kind, failure.kind) {
        (CheckKind::Messaging, _) => round_trip(words, failure),
        (_, FailureKind::Exit) => exit(&failure.message),
        // That the login is the matter was said before.
        (CheckKind::Ssh, FailureKind::HostKey | FailureKind::Auth | FailureKind::Busy) => {
            failure.message.clone()
        }
        // Its name says that it is litemon's own.
        (CheckKind::Own, FailureKind::Internal) => words.known_parts(&failure.message),
        _ => words.reason(failure.kind, &failure.message),
    }
}

/// Where a round trip ended. That nothing came back, or that there was no connection, needs no name
/// of the phase.
fn round_trip(words: Words, failure: &Failure) -> String {
    let message = failure.message.as_str();
    if message.starts_with("connect: ") {
        let known = words.failure(failure.kind);
        return known.map_or_else(|| words.reason(failure.kind, message), ToOwned::to_owned);
    }
    let back = message.strip_prefix("receive: ").unwrap_or(message);
    match back.strip_prefix("no message back in ") {
        Some(rest) => words.no_message(rest),
        None => words.reason(failure.kind, back),
    }
}

/// `exit 127` and a signal say enough by themselves; of any other exit the first line printed is
/// what helps.
fn exit(message: &str) -> String {
    match message.split_once(": ") {
        Some((how, _)) if how == "exit 126" || how == "exit 127" || how.starts_with("killed") => {
            how.to_owned()
        }
        _ => message.to_owned(),
    }
}
