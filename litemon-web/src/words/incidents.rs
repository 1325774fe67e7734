//! Words of the pages about incidents.

use litemon_core::model::{CloseReason, Reason};

super::area::words! {
    /// See [`Words`](super::Words).
    IncidentWords "incidents" {
        incidents,
        none_open,
        none_open_hint,
        none_yet,
        none_found,
        open,
        closed,
        older,
        newest,
        server,
        any,
        show,
        show_all,
        away,
        history_away,
        away_hint,
        unknown_number,
        unknown_number_hint,
        to_list,
        was_off,
        was_unreachable,
        was_unknown,
        had_failed,
        had_warned,
        was,
        end_unknown,
        told_head,
        timeline,
        first_bad,
        raised,
        became,
        accepted,
        queued,
        try_failed,
        given_up,
        notice_raised,
        notice_escalated,
        notice_reminder,
        notice_unacknowledged,
        notice_acknowledged,
        notice_flapping,
        notice_remedy,
        notice_remedy_failed,
        notice_recovered,
        notice_raised_and_recovered,
        notice_undelivered,
        notice_job_ended,
        notice_test,
        notice_other,
        end_recovered,
        end_withdrawn,
        end_other,
    }
    with {
        open_count(count),
        attempt(count),
    }
}

impl IncidentWords {
    pub(crate) const fn notice(&self, reason: Reason) -> &'static str {
        match reason {
            Reason::Raised => self.notice_raised,
            Reason::Escalated => self.notice_escalated,
            Reason::Reminder => self.notice_reminder,
            Reason::Unacknowledged => self.notice_unacknowledged,
            Reason::Acknowledged => self.notice_acknowledged,
            Reason::Flapping => self.notice_flapping,
            Reason::Remedy => self.notice_remedy,
            Reason::RemedyFailed => self.notice_remedy_failed,
            Reason::Recovered => self.notice_recovered,
            Reason::RaisedAndRecovered => self.notice_raised_and_recovered,
            Reason::Undelivered => self.notice_undelivered,
            Reason::JobEnded => self.notice_job_ended,
            Reason::Test => self.notice_test,
            _ => self.notice_other,
        }
    }

    pub(crate) const fn end(&self, reason: CloseReason) -> &'static str {
        match reason {
            CloseReason::Recovered => self.end_recovered,
            CloseReason::Withdrawn => self.end_withdrawn,
            _ => self.end_other,
        }
    }
}
