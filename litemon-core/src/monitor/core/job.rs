//! Jobs that ended.

use super::{Core, Effects};
use crate::model::{JobEnd, Name, Timestamp};

impl Core {
    /// A job ended: those are told that it names, by the same outbox as of everything else.
    pub(in crate::monitor) fn job_ended(
        &mut self,
        end: JobEnd,
        notify: &[Name],
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let named = self.notifiers.iter().filter(|setup| notify.contains(&setup.name));
        let whom = named.flat_map(|setup| {
            let to = |recipient| (setup.name.clone(), recipient);
            setup.on_duty(now).into_iter().map(to)
        });
        let whom = whom.collect();
        self.book.tell_to(&end.notice(now), whom, effects);
    }
}
