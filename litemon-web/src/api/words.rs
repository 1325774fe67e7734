//! The words of closed lists, for the schema.

use std::borrow::Cow;

use litemon_core::model::{
    AttemptResult, CheckKind, CloseReason, FailureKind, NoticeState, Reason, Status,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

macro_rules! words {
    ($name:ident, $title:literal, $list:expr) => {
        pub(super) enum $name {}

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                $title.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words = $list.map(|word| word.as_str());
                json_schema!({ "type": "string", "enum": words })
            }
        }
    };
}

words!(StatusWord, "Status", [Status::Ok, Status::Warning, Status::Unknown, Status::Critical]);

words!(
    KindWord,
    "CheckKind",
    [
        CheckKind::Ssh,
        CheckKind::Resource,
        CheckKind::Service,
        CheckKind::Messaging,
        CheckKind::Statistic,
        CheckKind::Other,
        CheckKind::Own,
    ]
);

words!(FailureWord, "FailureKind", FailureKind::ALL);

words!(CloseWord, "CloseReason", [CloseReason::Recovered, CloseReason::Withdrawn]);

words!(
    ReasonWord,
    "NoticeReason",
    [
        Reason::Raised,
        Reason::Escalated,
        Reason::Reminder,
        Reason::Unacknowledged,
        Reason::Acknowledged,
        Reason::Flapping,
        Reason::Remedy,
        Reason::RemedyFailed,
        Reason::Recovered,
        Reason::RaisedAndRecovered,
        Reason::Undelivered,
        Reason::JobEnded,
        Reason::Test,
    ]
);

words!(
    NoticeWord,
    "NoticeState",
    [
        NoticeState::Held,
        NoticeState::Gathered,
        NoticeState::Pending,
        NoticeState::Accepted,
        NoticeState::Queued,
        NoticeState::Delivered,
        NoticeState::Undelivered,
        NoticeState::Dead,
        NoticeState::Superseded,
    ]
);

words!(
    AttemptWord,
    "AttemptResult",
    [
        AttemptResult::Accepted,
        AttemptResult::Queued,
        AttemptResult::Retry,
        AttemptResult::Permanent,
    ]
);
