//! What the tests of this module tree share.

use std::time::Duration;

use crate::model::{
    CheckId, CheckKind, Gathering, Name, Notice, Observation, OutboxEntry, OutboxState, Reason,
    Status, Timestamp,
};

/// 2016-04-14 05:33:00 UTC.
pub(crate) const SINCE: Timestamp = Timestamp::from_millis(1_460_611_980_000);

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A service that is off.
pub(crate) fn off() -> Notice {
    Notice {
        reason: Reason::Raised,
        incident: Some(17),
        check: CheckId::parse("web-1/nginx").unwrap(),
        kind: CheckKind::Service,
        server: Some(name("web-1")),
        status: Status::Critical,
        was: None,
        seen: Ok(Observation::Switch { on: false, detail: Some("exit 3: inactive".into()) }),
        limit: None,
        since: SINCE,
        at: SINCE.plus(Duration::from_secs(4)),
        unjournaled: false,
        by: None,
        job: None,
        digest: None,
        remedy: None,
    }
}

/// The same, over after four minutes.
pub(crate) fn on_again() -> Notice {
    Notice {
        reason: Reason::Recovered,
        status: Status::Ok,
        was: Some(Status::Critical),
        at: SINCE.plus(Duration::from_secs(240)),
        ..off()
    }
}

pub(crate) fn entry(id: i64, notifier: &str, recipient: &str, notice: Notice) -> OutboxEntry {
    OutboxEntry {
        id,
        notifier: name(notifier),
        recipient: recipient.to_owned(),
        next_at: notice.at,
        notice,
        state: OutboxState::Pending,
        attempts: 0,
        gathering: Gathering::default(),
        first: false,
        way: 0,
        report_by: None,
    }
}
