//! Much at once: gathered into few messages, within a budget.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::*;
use crate::{
    model::{Happening, OutboxEntry},
    notify::delivery::{Settlement, settle_recovery},
    policy::{Budget, Channel, FlowRules},
};

const GATHER: FlowRules = FlowRules::new(
    Some(Duration::from_secs(10)),
    Some(Budget::new(5, Duration::from_secs(300), 100)),
);

/// Servers `web-0` to `web-…` of the group web, `db-0` of db: `oncall` gathers, `mail` does not.
fn fleet(webs: usize) -> Setup {
    let mut names: Vec<(String, &str)> = (0..webs).map(|n| (format!("web-{n}"), "web")).collect();
    names.push(("db-0".to_owned(), "db"));
    let server = |(text, group): &(String, &str)| {
        Server::new(name(text), "192.0.2.1").in_groups(vec![name(group)])
    };
    let check = |(text, _): &(String, &str)| {
        let mut check = check(&format!("{text}/ssh"), CheckKind::Ssh);
        check.notify = vec![name("oncall"), name("mail")];
        check.told_within(Duration::from_secs(30))
    };
    let notifier = |text: &str| NotifierSetup::new(name(text), Arc::new(Nothing));
    Setup {
        servers: names.iter().map(server).collect(),
        checks: names.iter().map(check).collect(),
        notifiers: vec![notifier("oncall").flow(GATHER), notifier("mail")],
        ..Setup::default()
    }
}

/// How the gateway of `oncall` takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gateway {
    Takes,
    Fails,
}

/// A story in which messages arrive.
struct Storm {
    story: Story,
    gateway: Gateway,
    arrived: Vec<(i64, OutboxEntry)>,
    now: i64,
}

impl Storm {
    fn new(webs: usize) -> Self {
        let story = Story::open(fleet(webs), Image::default());
        Self { story, gateway: Gateway::Takes, arrived: Vec::new(), now: 0 }
    }

    /// Lets time pass; what is due is told, and arrives.
    fn until(&mut self, seconds: i64) {
        self.deliver();
        while let Some(next) = self.story.core.next_lapse().filter(|next| *next <= at(seconds)) {
            self.now = self.now.max((next.as_millis() + 999) / 1000);
            self.story.lapse(self.now);
            self.deliver();
        }
        self.now = seconds;
    }

    fn fails(&mut self, server: &str) {
        for _ in 0..2 {
            self.story.fails(self.now, &format!("{server}/ssh"), FailureKind::Refused);
        }
    }

    fn comes_back(&mut self, server: &str) {
        self.story.switch(self.now, &format!("{server}/ssh"), true);
    }

    fn pending(&self) -> Vec<OutboxEntry> {
        let pending = |entry: &&OutboxEntry| entry.state == OutboxState::Pending;
        self.story.all.outbox.values().filter(pending).cloned().collect()
    }

    /// As the delivery does: the end of what waits is put together with it, then all is sent.
    fn deliver(&mut self) {
        for over in self.pending() {
            for problem in self.pending() {
                let same = problem.recipient == over.recipient && problem.notifier == over.notifier;
                let merged = settle_recovery(&problem, &over.notice, true);
                if let Settlement::Merged { problem, recovery } = merged
                    && same
                {
                    self.update(problem);
                    self.update(OutboxEntry { notice: *recovery, ..over.clone() });
                }
            }
        }
        let mut tried = HashSet::new();
        while let Some(mut entry) = self.pending().into_iter().find(|entry| tried.insert(entry.id))
        {
            entry.attempts += 1;
            if self.gateway == Gateway::Takes || entry.notifier != name("oncall") {
                entry.state = OutboxState::Accepted;
                self.arrived.push((self.now, entry.clone()));
            }
            self.update(entry);
        }
    }

    fn update(&mut self, entry: OutboxEntry) {
        let mut effects = Effects::default();
        let update = DeliveryUpdate { entry, attempt: None };
        self.story.core.delivered(update, at(self.now), &mut effects);
        self.story.take(effects);
    }

    fn resume(mut self, webs: usize) -> Self {
        self.story = self.story.resumed_with(fleet(webs), self.now);
        self
    }

    /// The lines that a recipient of `oncall` got, each with its second.
    fn got(&self) -> Vec<(i64, String)> {
        let first = |(_, entry): &&(i64, OutboxEntry)| {
            entry.notifier == name("oncall") && entry.recipient == "+1"
        };
        let line = |(second, entry): &(i64, OutboxEntry)| {
            let zone = crate::model::Zone::utc();
            let text = crate::notify::text::line(
                &entry.notice,
                crate::model::Language::English,
                &zone,
                at(*second),
            );
            (*second, text)
        };
        self.arrived.iter().filter(first).map(line).collect()
    }

    fn lines(&self) -> Vec<String> {
        self.got().into_iter().map(|(second, text)| format!("{second}: {text}")).collect()
    }
}

#[test]
fn the_first_is_told_at_once_and_the_rest_as_one() {
    let mut storm = Storm::new(6);
    for n in 0..4 {
        storm.until(n);
        storm.fails(&format!("web-{n}"));
    }
    storm.until(60);
    let expected = [
        "0: PROBLEM web-0 unreachable since 00:00 (connection refused) #1",
        "10: PROBLEM 3 servers unreachable: web-1, web-2, web-3 #2-4",
    ];
    assert_eq!(storm.lines(), expected);
    // The mails came one by one.
    let mails = storm.arrived.iter().filter(|(_, entry)| entry.notifier == name("mail"));
    assert_eq!(mails.count(), 2 * 4);
    storm.until(100);
    storm.fails("web-4");
    storm.until(105);
    storm.comes_back("web-1");
    storm.until(160);
    assert!(storm.lines()[2].starts_with("100: PROBLEM web-4"));
    assert_eq!(storm.lines()[3..], ["110: OK web-1 reachable, was unreachable 1m #2"]);
}

#[test]
fn an_incident_shows_the_message_that_tells_it() {
    let mut storm = Storm::new(4);
    for n in 0..3 {
        storm.fails(&format!("web-{n}"));
    }
    let state = |storm: &mut Storm| {
        let view = storm.story.core.snapshot(at(storm.now));
        let told = &view.incidents[1].told;
        let told = told.iter().find(|told| told.notifier == "oncall").unwrap();
        (
            told.state,
            told.at,
            told.told_in.clone().map(|told| (told.count, told.numbers.to_string())),
        )
    };
    assert_eq!(
        state(&mut storm),
        (crate::model::NoticeState::Held, Timestamp::from_millis(10_100), None)
    );
    storm.until(20);
    let told_in = Some((2, "#2-3".to_owned()));
    assert_eq!(state(&mut storm), (crate::model::NoticeState::Gathered, at(10), told_in));
}

#[test]
fn what_is_over_before_it_was_told_is_never_told() {
    let mut storm = Storm::new(4);
    for n in 0..3 {
        storm.fails(&format!("web-{n}"));
    }
    storm.until(5);
    storm.comes_back("web-1");
    storm.until(60);
    let lines = storm.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("10: PROBLEM web-2 unreachable"), "{lines:?}");
}

#[test]
fn the_budget_keeps_one_for_what_is_new_elsewhere() {
    let mut storm = Storm::new(9);
    for n in 0..6 {
        storm.until(n * 20);
        storm.fails(&format!("web-{n}"));
    }
    storm.until(130);
    storm.fails("db-0");
    storm.until(290);
    let got = storm.lines();
    let expected = "130: PROBLEM 3 servers unreachable: db-0, web-4, web-5 #5-7";
    assert_eq!(got.len(), 5, "{got:?}");
    assert_eq!(got[4], expected);
    storm.fails("web-6");
    storm.fails("web-7");
    // The second of the last five is 300 s old, so that the reserve is whole again.
    storm.until(600);
    assert!(
        storm.lines()[5].starts_with("320: PROBLEM 2 servers unreachable: web-6"),
        "{:?}",
        storm.lines()
    );
}

#[test]
fn what_is_held_and_what_was_sent_survives_a_restart() {
    let mut storm = Storm::new(9);
    for n in 0..3 {
        storm.fails(&format!("web-{n}"));
    }
    storm.until(3);
    let mut storm = storm.resume(9);
    storm.until(15);
    assert_eq!(storm.lines()[1..], ["10: PROBLEM 2 servers unreachable: web-1, web-2 #2-3"]);
    for n in 3..6 {
        storm.until(n * 20);
        storm.fails(&format!("web-{n}"));
        storm.until(n * 20);
        storm = storm.resume(9);
    }
    storm.until(290);
    assert_eq!(storm.lines().len(), 4, "{:?}", storm.lines());
    storm.until(320);
    assert_eq!(storm.lines().len(), 5);
}

#[test]
fn while_the_gateway_is_away_nothing_piles_up() {
    let mut storm = Storm::new(9);
    storm.gateway = Gateway::Fails;
    for n in 0..8 {
        storm.until(n * 10);
        storm.fails(&format!("web-{n}"));
    }
    storm.until(100);
    storm.comes_back("web-3");
    storm.until(115);
    storm.gateway = Gateway::Takes;
    storm.until(130);
    let got = storm.lines();
    assert_eq!(got.len(), 2, "{got:?}");
    assert!(got[0].starts_with("115: PROBLEM web-0 "), "{got:?}");
    assert!(got[1].starts_with("115: ") && got[1].ends_with("#2-3,5-8"), "{got:?}");
}

#[test]
fn an_end_joins_the_problem_that_the_gateway_did_not_take() {
    let mut storm = Storm::new(4);
    storm.gateway = Gateway::Fails;
    storm.fails("web-0");
    storm.until(30);
    storm.comes_back("web-0");
    storm.until(40);
    storm.gateway = Gateway::Takes;
    storm.until(60);
    assert_eq!(storm.lines(), ["40: OK web-0 reachable, was unreachable 30s since 00:00 #1"]);
}

#[test]
fn a_digest_that_is_given_up_is_told_by_the_others() {
    let mut storm = Storm::new(4);
    storm.gateway = Gateway::Fails;
    for n in 0..3 {
        storm.fails(&format!("web-{n}"));
    }
    storm.gateway = Gateway::Takes;
    storm.deliver();
    storm.gateway = Gateway::Fails;
    storm.until(12);
    let dead = storm.pending().into_iter().find(|entry| entry.notice.digest.is_some()).unwrap();
    let before = storm.arrived.len();
    storm.update(OutboxEntry { state: OutboxState::Dead("403".into()), ..dead });
    let told = storm.story.core.snapshot(at(12)).incidents[1].told.clone();
    assert!(told.iter().any(|told| told.state == crate::model::NoticeState::Dead));
    storm.until(13);
    let undelivered: Vec<&OutboxEntry> =
        storm.arrived[before..].iter().map(|(_, entry)| entry).collect();
    assert!(undelivered.iter().all(|entry| entry.notice.reason == Reason::Undelivered));
    assert_eq!(undelivered.len(), 2, "one to each recipient of mail");
    assert_eq!(
        undelivered[0].notice.digest.as_ref().unwrap().parts[0].what,
        Happening::ServersDown
    );
}

#[test]
fn silence_that_begins_takes_back_what_waits() {
    let mut storm = Storm::new(6);
    for n in 0..5 {
        storm.fails(&format!("web-{n}"));
    }
    storm.until(3);
    storm.story.window(3, "web-1", Duration::from_secs(60));
    let number = storm.story.window(3, "web-2", Duration::from_secs(600));
    let waits = |storm: &mut Storm| -> Vec<i64> {
        let view = storm.story.core.snapshot(at(3));
        let first = view.incidents.iter().filter_map(|incident| {
            incident.told.iter().find(|told| told.state == crate::model::NoticeState::Held)
        });
        first.map(|told| told.at.as_millis() / 1000).collect()
    };
    assert_eq!(waits(&mut storm), [63, 603, 10, 10]);
    let mut storm = storm.resume(6);
    storm.until(20);
    storm.comes_back("web-1");
    storm.until(50);
    assert_eq!(
        storm.lines()[1..],
        ["10: PROBLEM 2 servers unreachable: web-3, web-4 #4-5"],
        "web-1 was over before its time of silence was"
    );
    storm.until(100);
    assert!(storm.story.end_window(100, number));
    storm.until(200);
    assert_eq!(
        storm.lines()[2..],
        ["100: PROBLEM web-2 unreachable since 00:00 (connection refused) #3"]
    );
    storm.until(210);
    storm.story.window(210, "all", Duration::from_secs(60));
    storm.comes_back("web-2");
    storm.until(230);
    assert!(storm.lines()[3].starts_with("210: OK web-2 reachable"), "{:?}", storm.lines());
}

#[test]
fn rules_that_are_gone_hold_nothing_back() {
    let mut storm = Storm::new(4);
    for n in 0..3 {
        storm.fails(&format!("web-{n}"));
    }
    storm.until(2);
    let mut plain = fleet(4);
    plain.notifiers[0].flow = FlowRules::default();
    let mut effects = Effects::default();
    storm.story.core.reload(plain, at(2), &mut effects);
    storm.story.take(effects);
    storm.until(3);
    assert_eq!(storm.lines().len(), 2, "{:?}", storm.lines());
}

#[derive(Clone, Debug)]
enum Act {
    Fall(u16),
    Rise(u16),
    Wait(i64),
    Gateway(bool),
    Mute(u8, u16),
    Resume,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => any::<u16>().prop_map(Act::Fall),
        4 => any::<u16>().prop_map(Act::Rise),
        4 => (0_i64..90).prop_map(Act::Wait),
        1 => any::<bool>().prop_map(Act::Gateway),
        1 => (0_u8..11, 1_u16..600).prop_map(|(server, seconds)| Act::Mute(server, seconds)),
        1 => Just(Act::Resume),
    ]
}

/// What one recipient knows, message by message.
#[derive(Default)]
struct Person {
    told: HashSet<i64>,
    times: Vec<i64>,
}

impl Person {
    /// Takes one notice of a message.
    fn reads(&mut self, entry: &OutboxEntry) {
        let incident = entry.notice.incident.unwrap();
        match entry.notice.reason {
            Reason::Raised => assert!(self.told.insert(incident), "#{incident} twice"),
            Reason::Recovered => {
                assert!(self.told.remove(&incident), "#{incident} without a problem")
            }
            Reason::RaisedAndRecovered => assert!(!self.told.contains(&incident), "#{incident}"),
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// Whatever fails, recovers, waits and restarts in whatever order: nobody is told of an end
    /// without its problem, of no problem twice, never more than the budget; each message names all
    /// that it tells; and in the end everybody knows exactly what is open.
    #[test]
    fn few_messages_tell_all_and_nothing_twice(acts in prop::collection::vec(any_act(), 0..60)) {
        let mut storm = Storm::new(11);
        let mut quiet: Vec<(String, std::ops::Range<i64>)> = Vec::new();
        for act in acts {
            let names: Vec<String> = (0..11).map(|n| format!("web-{n}")).chain(["db-0".to_owned()]).collect();
            let chosen = |mask: u16| {
                let names = names.clone().into_iter().enumerate();
                names.filter(move |(n, _)| mask & (1 << n) != 0).map(|(_, name)| name)
            };
            storm.now += 1;
            match act {
                Act::Fall(mask) => chosen(mask).for_each(|server| storm.fails(&server)),
                Act::Rise(mask) => chosen(mask).for_each(|server| storm.comes_back(&server)),
                Act::Wait(seconds) => storm.until(storm.now + seconds),
                Act::Gateway(takes) => storm.gateway = if takes { Gateway::Takes } else { Gateway::Fails },
                Act::Mute(server, seconds) => {
                    let scope = format!("web-{server}");
                    storm.story.window(storm.now, &scope, Duration::from_secs(seconds.into()));
                    quiet.push((scope, storm.now..storm.now + i64::from(seconds)));
                }
                Act::Resume => storm = storm.resume(11),
            }
            let now = storm.now;
            storm.until(now);
            for incident in storm.story.core.snapshot(at(now)).incidents {
                let of = |told: &&crate::monitor::Told| told.notifier == "oncall";
                let told: Vec<_> = incident.told.iter().filter(of).collect();
                prop_assert!(
                    told.len() >= 2 || incident.silence.is_some(),
                    "#{} is told or held", incident.number
                );
            }
        }
        storm.gateway = Gateway::Takes;
        storm.until(storm.now + 3000);
        let mut people: BTreeMap<Channel, Person> = BTreeMap::new();
        let outbox: HashMap<i64, OutboxEntry> = storm.story.all.outbox.clone().into_iter().collect();
        for (second, entry) in &storm.arrived {
            let channel = Channel::new(entry.notifier.clone(), entry.recipient.clone());
            let person = people.entry(channel).or_default();
            person.times.push(*second);
            let is_silenced = |entry: &OutboxEntry| quiet.iter().any(|(server, times)| {
                let since = times.start..=times.end;
                entry.notice.server.as_ref().is_some_and(|name| name.as_str() == server)
                    && entry.notice.reason == Reason::Raised && times.contains(second)
                    && (times.start < *second || since.contains(&(entry.notice.at.as_millis() / 1000)))
            });
            // What the gateway did not take at once was decided on before.
            let tells = |entry: &OutboxEntry| entry.attempts <= 1 && is_silenced(entry);
            prop_assert!(!tells(entry), "{entry:?}");
            let Some(digest) = &entry.notice.digest else {
                person.reads(entry);
                continue;
            };
            let mut told: Vec<&OutboxEntry> = outbox
                .values()
                .filter(|other| other.gathering.told_in.as_ref().is_some_and(|told| told.entry == entry.id))
                .collect();
            told.sort_by_key(|entry| entry.id);
            prop_assert_eq!(told.len(), digest.count());
            for one in told {
                prop_assert!(digest.numbers.contains(one.notice.incident.unwrap()));
                person.reads(one);
            }
        }
        let open: HashSet<i64> =
            storm.story.core.snapshot(at(storm.now)).incidents.iter().map(|open| open.number).collect();
        for (channel, person) in people {
            prop_assert_eq!(&person.told, &open, "{:?}", &channel);
            let within = |from: i64| person.times.iter().filter(|at| (from..from + 300).contains(*at)).count();
            let most = person.times.iter().map(|from| within(*from)).max().unwrap_or(0);
            prop_assert!(channel.notifier != name("oncall") || most <= 5, "{most} in 5 minutes");
        }
        prop_assert!(storm.story.all.outbox.values().all(|entry| !entry.state.is_open()));
    }
}
