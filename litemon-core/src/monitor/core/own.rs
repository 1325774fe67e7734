//! Faults of the monitor itself.

use super::{Core, Effects};
use crate::{
    model::{
        CheckId, CheckKind, CloseReason, Failure, FailureKind, Incident, Notice, Reason, Status,
        Timestamp,
    },
    monitor::setup::NotifierSetup,
};

impl Core {
    /// Something is wrong with (or, with `None`, right again with) a part of the monitor itself.
    /// With `tell`, everybody who can be told is.
    pub(in crate::monitor) fn own_fault(
        &mut self,
        part: &'static str,
        fault: Option<String>,
        tell: bool,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let had = match &fault {
            Some(line) => self.own_faults.insert(part, line.clone()).is_some(),
            None => self.own_faults.remove(part).is_some(),
        };
        if tell && had != fault.is_some() {
            self.tell_own_fault(part, fault, now, now, effects);
        }
    }

    pub(super) fn tell_own_fault(
        &mut self,
        part: &'static str,
        fault: Option<String>,
        since: Timestamp,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let check = CheckId::own(part);
        let open = self.book.incidents().find(|incident| incident.check == check).cloned();
        let (incident, reason, was) = match (open, fault) {
            (Some(mut incident), None) => {
                incident.closed = Some((now, CloseReason::Recovered));
                incident.status = Status::Ok;
                (incident, Reason::Recovered, Some(Status::Critical))
            }
            (None, Some(line)) => {
                let number = self.book.next_number(effects);
                (own_incident(number, check, &line, (since, now)), Reason::Raised, None)
            }
            _ => return,
        };
        let notice = Notice { reason, was, ..self.notice(&incident, now) };
        if reason == Reason::Raised {
            self.book.write(incident, effects);
            self.book.tell(&notice, people(&self.notifiers), effects);
        } else {
            self.book.tell(&notice, people(&self.notifiers), effects);
            self.book.write(incident, effects);
        }
    }
}

fn own_incident(
    number: i64,
    check: CheckId,
    line: &str,
    (since, raised): (Timestamp, Timestamp),
) -> Incident {
    Incident {
        number,
        check,
        kind: CheckKind::Own,
        since,
        raised,
        status: Status::Critical,
        worst: Status::Critical,
        last: Err(Failure::new(FailureKind::Internal, line)),
        limit: None,
        closed: None,
    }
}

fn people(notifiers: &[NotifierSetup]) -> impl Iterator<Item = &NotifierSetup> {
    notifiers.iter().filter(|setup| setup.tells_people)
}
