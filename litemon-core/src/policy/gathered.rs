//! What is said of several notices at once, and what becomes of one that waits when another comes.

use std::collections::BTreeSet;

use crate::model::{
    CheckId, Digest, DigestPart, Happening, IncidentNumber, Name, Notice, OutboxEntry, Reason,
    Status, Timestamp,
};

/// So many names of each part are kept; no SMS has room for more.
const FIRST: usize = 20;
/// So many groups are named.
const GROUPS: usize = 20;

/// The notices of these entries as one; `None` when there is none. What is new elsewhere (`first`)
/// is named first, and else web-2 before web-10.
pub(crate) fn digest(
    entries: &[&OutboxEntry],
    first: impl Fn(&OutboxEntry) -> bool,
    now: Timestamp,
) -> Option<Notice> {
    let mut sorted: Vec<&OutboxEntry> = entries.to_vec();
    sorted.sort_by_cached_key(|entry| {
        (Happening::of(&entry.notice), !first(entry), runs(entry.notice.check.as_str()), entry.id)
    });
    let head = &sorted.first()?.notice;
    let notices = || sorted.iter().map(|entry| &entry.notice);
    let parts = parts(notices());
    let numbers = notices().flat_map(numbers).collect();
    let groups: BTreeSet<&Name> = sorted.iter().flat_map(|entry| &entry.gathering.groups).collect();
    let groups = groups.into_iter().take(GROUPS).cloned().collect();
    let by = head.by.clone().filter(|_| notices().all(|notice| notice.by == head.by));
    Some(Notice {
        incident: None,
        status: notices().map(|notice| notice.status).max().unwrap_or(Status::Critical),
        was: notices().filter_map(|notice| notice.was).max(),
        since: notices().map(|notice| notice.since).min().unwrap_or(now),
        at: now,
        by,
        digest: Some(Box::new(Digest::new(parts, numbers, groups))),
        ..head.clone()
    })
}

/// A part of a name: names are in the order in which a person counts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    Number(u64),
    Text(String),
}

fn runs(name: &str) -> Vec<Run> {
    let runs = name.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    runs.map(|run| {
        let text = String::from_utf8_lossy(run);
        text.parse().map_or_else(|_| Run::Text(text.into_owned()), Run::Number)
    })
    .collect()
}

/// Of one incident, or of all that an undelivered digest told.
fn numbers(notice: &Notice) -> Vec<IncidentNumber> {
    let own = || notice.incident.into_iter().collect();
    notice.digest.as_ref().map_or_else(own, |digest| digest.numbers.iter().collect())
}

/// Notices in the order of what happened.
fn parts<'a>(notices: impl Iterator<Item = &'a Notice>) -> Vec<DigestPart> {
    let mut parts: Vec<DigestPart> = Vec::new();
    for notice in notices {
        // An undelivered digest is gathered as what it was.
        let own = || vec![DigestPart::new(Happening::of(notice), 1, vec![notice.check.clone()])];
        let of = notice.digest.as_ref().map_or_else(own, |digest| undelivered(digest));
        for part in of {
            match parts.iter_mut().find(|known| known.what == part.what) {
                Some(known) => join(known, part),
                None => parts.push(part),
            }
        }
    }
    parts.sort_by_key(|part| part.what);
    parts
}

fn undelivered(digest: &Digest) -> Vec<DigestPart> {
    let first = |part: &DigestPart| part.first.clone();
    let names: Vec<CheckId> = digest.parts.iter().flat_map(first).take(FIRST).collect();
    vec![DigestPart::new(Happening::Undelivered, digest.count(), names)]
}

fn join(known: &mut DigestPart, part: DigestPart) {
    known.count += part.count;
    let room = FIRST.saturating_sub(known.first.len());
    known.first.extend(part.first.into_iter().take(room));
}

/// What is told of an incident of which something waits already, when there is more to tell.
/// `known` is whether anything of it was told, or is being told.
///
/// One notice is left of both; or none, when it is over and nobody was ever told.
pub(crate) fn follow(waiting: &Notice, new: &Notice, known: bool) -> Option<Notice> {
    use Reason::{Acknowledged, Escalated, Flapping, Raised, Recovered, Reminder, Unacknowledged};
    match (waiting.reason, new.reason) {
        (_, Recovered) => known.then(|| new.clone()),
        (_, Acknowledged | Flapping) => Some(new.clone()),
        // That it goes on is less than what is not known yet.
        (Raised | Escalated | Flapping | Reason::Undelivered, Reminder | Unacknowledged) => {
            Some(waiting.clone())
        }
        (Raised, _) => Some(Notice { reason: Raised, was: None, ..new.clone() }),
        (Escalated, Escalated) => Some(Notice { was: waiting.was.or(new.was), ..new.clone() }),
        _ => Some(new.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixtures;

    fn notice(incident: i64, check: &str, reason: Reason) -> Notice {
        let check = CheckId::parse(check).unwrap();
        let kind = match check.name() {
            "ssh" => crate::model::CheckKind::Ssh,
            _ => crate::model::CheckKind::Service,
        };
        let incident = Some(incident);
        Notice { incident, check, kind, reason, ..fixtures::off() }
    }

    fn entry(id: i64, notice: Notice) -> OutboxEntry {
        let mut entry = fixtures::entry(id, "oncall", "+1", notice);
        entry.gathering.groups = vec![fixtures::name("web")];
        entry
    }

    #[test]
    fn what_is_weightier_comes_first_and_each_number_is_there() {
        let entries: Vec<OutboxEntry> = [
            notice(50, "web-9/nginx", Reason::Recovered),
            notice(40, "web-1/nginx", Reason::Raised),
            notice(41, "web-2/ssh", Reason::Raised),
            notice(42, "db-1/ssh", Reason::Escalated),
        ]
        .into_iter()
        .zip(1..)
        .map(|(notice, id)| entry(id, notice))
        .collect();
        let entries: Vec<&OutboxEntry> = entries.iter().collect();
        let told = digest(&entries, |entry| entry.id == 4, fixtures::SINCE).unwrap();
        assert_eq!((told.reason, told.check.as_str()), (Reason::Escalated, "db-1/ssh"));
        let digest = told.digest.unwrap();
        assert_eq!(digest.numbers.to_string(), "#40-42,50");
        let parts: Vec<_> = digest.parts.iter().map(|part| (part.what, part.count)).collect();
        let expected =
            [(Happening::ServersDown, 2), (Happening::ChecksDown, 1), (Happening::ChecksUp, 1)];
        assert_eq!((parts.as_slice(), digest.count()), (expected.as_slice(), 4));
        assert_eq!(digest.parts[0].first[0].as_str(), "db-1/ssh");
        assert_eq!(digest.groups, [fixtures::name("web")]);
    }

    #[test]
    fn names_are_in_the_order_in_which_a_person_counts() {
        let names = ["web-10", "web-9", "db", "web-2b", "web-2", "web-99999999999999999999"];
        let entries: Vec<OutboxEntry> = (1..)
            .zip(names)
            .map(|(id, name)| entry(id, notice(id, &format!("{name}/ssh"), Reason::Raised)))
            .collect();
        let entries: Vec<&OutboxEntry> = entries.iter().collect();
        let told = digest(&entries, |_| false, fixtures::SINCE).unwrap().digest.unwrap();
        let first: Vec<&str> = told.parts[0].first.iter().map(CheckId::owner).collect();
        let expected = ["db", "web-2", "web-2b", "web-9", "web-10", "web-99999999999999999999"];
        assert_eq!(first, expected);
    }

    #[test]
    fn of_two_notices_about_an_incident_one_is_left() {
        use Reason::{Acknowledged, Escalated, Raised, Recovered, Reminder, Unacknowledged};
        for (waiting, new, known, left) in [
            (Raised, Recovered, false, None),
            (Reminder, Recovered, true, Some(Recovered)),
            (Raised, Escalated, false, Some(Raised)),
            (Escalated, Escalated, true, Some(Escalated)),
            (Raised, Reminder, false, Some(Raised)),
            (Raised, Acknowledged, false, Some(Acknowledged)),
            (Reminder, Unacknowledged, true, Some(Unacknowledged)),
            (Acknowledged, Escalated, true, Some(Escalated)),
        ] {
            let of = |reason| notice(40, "web-1/nginx", reason);
            let found = follow(&of(waiting), &of(new), known).map(|notice| notice.reason);
            assert_eq!(found, left, "{waiting:?} {new:?}");
        }
    }
}
