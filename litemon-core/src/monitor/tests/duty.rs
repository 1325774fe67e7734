//! People who take turns.

use super::*;
use crate::{
    model::Zone,
    policy::{Acknowledged, Duty, Place, Reminding, Rota},
};

const DAY: i64 = 86_400;

/// Ann (+1) and Budi (+2) take turns day by day; problems are said again each day.
fn site() -> Setup {
    let mut site = setup();
    let (ann, budi) = (name("ann"), name("budi"));
    let turns = vec![ann.clone(), budi.clone()];
    let rota = Rota::new(name("ops"), turns, "1970-01-01T00:00", 1, Zone::utc()).unwrap();
    let rota = Arc::new(rota);
    let places = [ann, budi].map(|person| Place::turn(Arc::clone(&rota), person));
    for setup in &mut site.notifiers {
        if setup.name == name("oncall") {
            setup.duty = Duty::new(places.to_vec());
        }
    }
    for check in &mut site.checks {
        check.notify = vec![name("oncall")];
        check.reminding = Reminding::new(vec![Duration::from_secs(86_400)]);
    }
    site
}

impl Story {
    /// Who was told what, in order.
    fn to_whom(&self) -> Vec<(Reason, &str)> {
        let told = self.all.outbox.values();
        told.map(|entry| (entry.notice.reason, entry.recipient.as_str())).collect()
    }
}

#[test]
fn the_end_goes_to_those_who_were_told_and_reminders_to_who_is_on_duty() {
    let mut story = Story::open(site(), Image::default());
    for second in [100, 104] {
        story.switch(second, "web-1/nginx", false);
    }
    let raised = (Reason::Raised, "+1");
    assert_eq!(story.to_whom(), [raised]);
    // Over a restart, too.
    let mut story = story.resumed_with(site(), DAY);
    story.lapse(DAY + 105);
    let reminder = (Reason::Reminder, "+2");
    assert_eq!(story.to_whom(), [raised, reminder]);
    let mut effects = Effects::default();
    let now = at(2 * DAY + 50);
    story.core.acknowledge(1, Some(Acknowledged::by("budi", now)), now, &mut effects);
    story.take(effects);
    let taken = [(Reason::Acknowledged, "+1"), (Reason::Acknowledged, "+2")];
    assert_eq!(story.to_whom()[2..], taken, "both know of it");
    story.switch(3 * DAY, "web-1/nginx", true);
    let over = [(Reason::Recovered, "+1"), (Reason::Recovered, "+2")];
    assert_eq!(story.to_whom()[4..], over);
}

#[test]
fn who_has_no_turn_is_not_told_of_any_of_it() {
    let mut story = Story::open(site(), Image::default());
    for second in [DAY + 100, DAY + 104] {
        story.switch(second, "web-1/nginx", false);
    }
    story.switch(DAY + 200, "web-1/nginx", true);
    assert_eq!(story.to_whom(), [(Reason::Raised, "+2"), (Reason::Recovered, "+2")]);
    let everybody = site().notifiers[0].everybody();
    assert_eq!(everybody, ["+1", "+2"], "though they may be another time");
}
