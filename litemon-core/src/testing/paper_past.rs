//! What the history knows in the paper's scene: its open incidents, and some that are over.

use std::time::Duration;

use crate::{
    model::{
        AttemptRecord, AttemptResult, CheckId, CheckKind, CloseReason, Failure, FailureKind,
        HistoryRecord, Incident, IncidentNumber, NameError, NoticeRecord, NoticeState, Observation,
        Reason, Status, StatusChange, Timestamp,
    },
    testing::paper::Stage,
};

/// The records of the scene at a moment, in the order of time.
///
/// # Errors
/// None: the names in it are names.
pub fn paper_past(at: Timestamp) -> Result<Vec<HistoryRecord>, NameError> {
    let story = Telling(Stage(at));
    let mut records = story.over(14, "server1/nginx", CheckKind::Service, 90_000, 86_000)?;
    records.extend(story.over(15, "server4/ssh", CheckKind::Ssh, 50_000, 49_700)?);
    records.extend(story.over(16, "server3/chat", CheckKind::Service, 7_000, 6_700)?);
    records.extend(story.open(17, "server3/chat", CheckKind::Service, 240)?);
    records.extend(story.open(18, "server4/ssh", CheckKind::Ssh, 113)?);
    Ok(records)
}

/// How an incident is told.
struct Telling(Stage);

impl Telling {
    fn over(
        &self,
        number: IncidentNumber,
        check: &str,
        kind: CheckKind,
        began: u64,
        ended: u64,
    ) -> Result<Vec<HistoryRecord>, NameError> {
        let end = self.0.before(ended);
        let closed = Some((end, CloseReason::Recovered));
        let mut records = self.records(number, check, kind, began, closed)?;
        records.push(change(check, end, Status::Ok, "")?);
        records.extend(self.notice(number, check, Reason::Recovered, ended)?);
        Ok(records)
    }

    fn open(
        &self,
        number: IncidentNumber,
        check: &str,
        kind: CheckKind,
        began: u64,
    ) -> Result<Vec<HistoryRecord>, NameError> {
        self.records(number, check, kind, began, None)
    }

    fn records(
        &self,
        number: IncidentNumber,
        check: &str,
        kind: CheckKind,
        began: u64,
        closed: Option<(Timestamp, CloseReason)>,
    ) -> Result<Vec<HistoryRecord>, NameError> {
        let last = match kind {
            CheckKind::Ssh => Err(Failure::new(FailureKind::Refused, "connection refused")),
            _ => Ok(Observation::Switch { on: false, detail: Some("exit 3: inactive".into()) }),
        };
        let since = self.0.before(began);
        let raised = since.plus(Duration::from_secs(4));
        let incident = Incident {
            number,
            check: CheckId::parse(check)?,
            kind,
            since,
            raised,
            status: if closed.is_some() { Status::Ok } else { Status::Critical },
            worst: Status::Critical,
            last,
            limit: None,
            closed,
        };
        let mut records = vec![HistoryRecord::Incident(incident)];
        records.push(change(check, raised, Status::Critical, "exit 3: inactive")?);
        records.extend(self.notice(number, check, Reason::Raised, began.saturating_sub(4))?);
        Ok(records)
    }

    /// Sent at the second attempt.
    fn notice(
        &self,
        number: IncidentNumber,
        check: &str,
        reason: Reason,
        ago: u64,
    ) -> Result<Vec<HistoryRecord>, NameError> {
        let id = number * 2 + i64::from(reason == Reason::Recovered);
        let at = self.0.before(ago);
        let accepted = at.plus(Duration::from_secs(2));
        let attempt = |attempt, at, result, detail: &str| {
            let detail = detail.to_owned();
            HistoryRecord::Attempt(AttemptRecord {
                notice: id,
                attempt,
                at,
                took_ms: 30,
                result,
                detail,
            })
        };
        Ok(vec![
            HistoryRecord::Notice(NoticeRecord {
                id,
                incident: Some(number),
                check: CheckId::parse(check)?,
                notifier: "oncall".into(),
                recipient: "+628123456789".into(),
                reason,
                at,
                state: NoticeState::Accepted,
                state_at: accepted,
                told_in: None,
            }),
            attempt(1, at, AttemptResult::Retry, "connection refused"),
            attempt(2, accepted, AttemptResult::Accepted, "202: 0: Accepted for delivery"),
        ])
    }
}

fn change(
    check: &str,
    at: Timestamp,
    status: Status,
    detail: &str,
) -> Result<HistoryRecord, NameError> {
    let (check, detail) = (CheckId::parse(check)?, detail.to_owned());
    Ok(HistoryRecord::Change(StatusChange { check, at, status, detail }))
}
