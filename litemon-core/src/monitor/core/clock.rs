//! The wall clock was set. What lasts goes on as long as it would have; what people gave as a time
//! (windows, the end of an acknowledgement) keeps that time.

use super::{Core, Effects};
use crate::model::{IncidentNumber, Timestamp};

impl Core {
    /// The clock was set forward (or, with a negative number, back) by milliseconds. Reminders and
    /// further steps come neither at once nor hours later; the order in which things happened stays
    /// known; windows open and close at their times.
    pub(in crate::monitor) fn clock_set(&mut self, by: i64, now: Timestamp, effects: &mut Effects) {
        for entry in self.entries.values_mut() {
            entry.clock_set(by);
        }
        self.network_clock_set(by);
        self.book.clock_set(by);
        for server in self.holds.keys().cloned().collect::<Vec<_>>() {
            if let Some(hold) = self.holds.get_mut(&server) {
                hold.view.until = hold.view.until.map(|until| until.moved(by));
            }
            self.write_hold(&server, effects);
        }
        let open: Vec<IncidentNumber> = self.book.incidents().map(|open| open.number).collect();
        for number in open {
            let Some(mut telling) = self.book.telling(number).cloned() else { continue };
            telling.clock_set(by);
            self.keep_telling(number, telling, now, effects);
        }
        self.turn_windows(now, effects);
    }
}
