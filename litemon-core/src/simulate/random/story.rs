//! Makes up what happens in months.

use std::time::Duration;

use super::dice::Dice;
use crate::{
    config::{CheckPlan, Plan},
    model::{CheckId, CheckKind, Criteria, FailureKind, Name, Status},
    monitor::PlannedKind,
    policy::{Scope, WindowKind},
    simulate::{
        scene::{Act, Sight, Way},
        timeline::{Action, By, Event, Which},
    },
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// Troubles in a day, at most.
const TROUBLES: u64 = 10;
const DAY: Duration = Duration::from_secs(86_400);

/// What happens in so many days; at their end everything works, and only what fails by itself goes
/// on to fail.
pub(super) fn story(plans: &[Plan], seed: u64, days: u32) -> Vec<Event> {
    let Some(plan) = plans.first() else { return Vec::new() };
    let mut teller = Teller {
        dice: Dice::new(seed),
        plan,
        plans: plans.len(),
        at: Duration::ZERO,
        events: Vec::new(),
    };
    for day in 0..days {
        for _ in 0..teller.dice.between(0, TROUBLES) {
            let within = Duration::from_millis(teller.dice.between(0, 86_400_000));
            teller.at = DAY * day + within;
            teller.trouble();
        }
    }
    let end = DAY * days;
    let mut events = teller.events;
    events.retain(|event| event.after < end);
    let mut rest = Teller { dice: teller.dice, plan, plans: plans.len(), at: end, events };
    rest.calm();
    let mut events = rest.events;
    events.sort_by_key(|event| event.after);
    // What the journal did not take is lost with the process: that is known, and no news.
    let mut journal = true;
    events.retain(|event| {
        if let Action::Journal(up) = event.action {
            journal = up;
        }
        journal || !matches!(event.action, Action::Restart { .. })
    });
    events
}

struct Teller<'a> {
    dice: Dice,
    plan: &'a Plan,
    plans: usize,
    /// When the trouble begins.
    at: Duration,
    events: Vec<Event>,
}

impl Teller<'_> {
    fn then(&mut self, later: Duration, action: Action) {
        self.events.push(Event { after: self.at + later, action });
    }

    fn trouble(&mut self) {
        match self.dice.between(0, 100) {
            0..28 => self.fault(),
            28..36 => self.comes_and_goes(),
            36..48 => self.unreachable(),
            48..60 => self.outage(),
            60..70 => self.silence(),
            70..80 => self.restart(),
            80..84 => self.reload(),
            84..88 => self.reboot(),
            88..91 => self.store(),
            91..94 => self.network(),
            94..97 => self.journal(),
            _ => self.clock(),
        }
    }

    fn check(&mut self) -> Option<CheckPlan> {
        let plan = self.plan;
        self.dice.pick(&plan.checks).cloned()
    }

    fn fault(&mut self) {
        let Some(check) = self.check() else { return };
        let lasts = self.dice.time(5 * SECOND, 4 * HOUR);
        let act = self.bad(&check);
        self.then(Duration::ZERO, Action::See(vec![check.id.clone()], act));
        if self.dice.percent(30) {
            let later = lasts.mul_f64(0.5);
            let lasts = self.dice.percent(50).then(|| self.dice.time(10 * MINUTE, 4 * HOUR));
            let by = By { who: "ann".to_owned(), lasts, note: String::new() };
            self.then(later, Action::Acknowledge(Which::Check(check.id.clone()), by));
        }
        self.then(lasts, Action::See(vec![check.id], Act::of(Sight::Well)));
    }

    /// Something that is a problem for this check.
    fn bad(&mut self, check: &CheckPlan) -> Act {
        let limit = match &check.criteria {
            Criteria::Threshold(limits) => limits.critical.or(limits.warn),
            Criteria::On => None,
        };
        let failures =
            [FailureKind::Refused, FailureKind::Silent, FailureKind::Auth, FailureKind::Dropped];
        let fails = |kind: Option<&FailureKind>| {
            Sight::Fails(kind.copied().unwrap_or(FailureKind::Refused))
        };
        Act::of(match (check.kind, limit) {
            (CheckKind::Ssh, _) => fails(self.dice.pick(&failures)),
            (CheckKind::Service, _) if self.dice.percent(70) => Sight::Off,
            (CheckKind::Other, None) => Sight::Says(Status::Critical),
            (_, Some(limit)) if self.dice.percent(80) => Sight::Number(limit + 1.0),
            _ => fails(self.dice.pick(&[FailureKind::Timeout, FailureKind::Exit])),
        })
    }

    fn comes_and_goes(&mut self) {
        let Some(check) = self.check() else { return };
        let (times, mut later) = (self.dice.between(3, 20), Duration::ZERO);
        for _ in 0..times {
            let act = self.bad(&check);
            self.then(later, Action::See(vec![check.id.clone()], act));
            later += self.dice.time(20 * SECOND, 5 * MINUTE);
            self.then(later, Action::See(vec![check.id.clone()], Act::of(Sight::Well)));
            later += self.dice.time(20 * SECOND, 5 * MINUTE);
        }
    }

    /// A server, or all of a group.
    fn unreachable(&mut self) {
        let plan = self.plan;
        let Some(one) = self.dice.pick(&plan.servers) else { return };
        let together = self.dice.percent(30);
        let of_it = |server: &&crate::config::ServerPlan| {
            server.name == one.name
                || together && server.groups.iter().any(|g| one.groups.contains(g))
        };
        let logins: Vec<CheckId> =
            plan.servers.iter().filter(of_it).map(|s| CheckId::ssh(&s.name)).collect();
        let kinds = [FailureKind::Silent, FailureKind::Refused, FailureKind::NoRoute];
        let kind = self.dice.pick(&kinds).copied().unwrap_or(FailureKind::Silent);
        let lasts = self.dice.time(10 * SECOND, 3 * HOUR);
        self.then(Duration::ZERO, Action::See(logins.clone(), Act::of(Sight::Fails(kind))));
        self.then(lasts, Action::See(logins, Act::of(Sight::Well)));
    }

    fn outage(&mut self) {
        let plan = self.plan;
        let all: Vec<Name> = plan.notifiers.iter().map(|one| one.name.clone()).collect();
        let some = match self.dice.pick(&all) {
            Some(one) if self.dice.percent(60) => vec![one.clone()],
            _ => all,
        };
        let slow = Way::Slow(self.dice.time(SECOND, 10 * SECOND));
        let way = self.dice.pick(&[Way::Down, Way::Fails, slow]).copied().unwrap_or_default();
        let lasts = self.dice.time(10 * SECOND, 2 * HOUR);
        self.then(Duration::ZERO, Action::Way(some.clone(), way));
        self.then(lasts, Action::Way(some, Way::Up));
    }

    fn silence(&mut self) {
        let plan = self.plan;
        let groups = plan.servers.iter().flat_map(|server| &server.groups).cloned();
        let mut scopes: Vec<Scope> = groups.map(Scope::Group).collect();
        scopes.extend(plan.servers.iter().map(|server| Scope::Server(server.name.clone())));
        scopes.extend(plan.checks.iter().map(|check| Scope::Check(check.id.clone())));
        scopes.push(Scope::All);
        let Some(scope) = self.dice.pick(&scopes).cloned() else { return };
        let kind = if self.dice.percent(50) { WindowKind::Mute } else { WindowKind::Maintenance };
        let lasts = self.dice.time(5 * MINUTE, 4 * HOUR);
        let by = By { who: "bob".to_owned(), lasts: Some(lasts), note: String::new() };
        self.then(Duration::ZERO, Action::Silence(kind, vec![scope.clone()], by));
        if self.dice.percent(30) {
            self.then(lasts.mul_f64(0.4), Action::Unsilence(vec![scope]));
        }
    }

    fn restart(&mut self) {
        let (killed, after) = (self.dice.percent(60), self.dice.time(SECOND, 10 * MINUTE));
        self.then(Duration::ZERO, Action::Restart { after, killed });
    }

    fn reload(&mut self) {
        let place = usize::try_from(self.dice.between(0, 100)).unwrap_or(0) % self.plans.max(1);
        self.then(
            Duration::ZERO,
            Action::Reload(place, super::PLANS.get(place).copied().unwrap_or_default().to_owned()),
        );
    }

    fn reboot(&mut self) {
        let plan = self.plan;
        let Some(server) = self.dice.pick(&plan.servers).map(|server| server.name.clone()) else {
            return;
        };
        let login = vec![CheckId::ssh(&server)];
        let by = By { who: "ann".to_owned(), lasts: Some(20 * MINUTE), note: String::new() };
        self.then(Duration::ZERO, Action::Plan(server.clone(), PlannedKind::Restart, by));
        let gone = Act::of(Sight::Fails(FailureKind::Refused));
        self.then(10 * SECOND, Action::See(login.clone(), gone));
        let back = self.dice.time(30 * SECOND, 40 * MINUTE);
        self.then(back, Action::See(login, Act::of(Sight::Well)));
        self.then(back + 2 * SECOND, Action::Back(server));
    }

    fn store(&mut self) {
        let lasts = self.dice.time(10 * SECOND, HOUR);
        self.then(Duration::ZERO, Action::Store(false));
        self.then(lasts, Action::Store(true));
    }

    fn network(&mut self) {
        let lasts = self.dice.time(10 * SECOND, HOUR);
        self.then(Duration::ZERO, Action::Network(false));
        self.then(lasts, Action::Network(true));
    }

    fn journal(&mut self) {
        let lasts = self.dice.time(10 * SECOND, 10 * MINUTE);
        self.then(Duration::ZERO, Action::Journal(false));
        self.then(lasts, Action::Journal(true));
    }

    fn clock(&mut self) {
        let by = self.dice.time(10 * SECOND, 2 * HOUR).as_millis();
        let by = i64::try_from(by).unwrap_or(0);
        let by = if self.dice.percent(50) { by } else { -by };
        self.then(Duration::ZERO, Action::Clock(by));
    }

    /// All works again, and some things fail for good.
    fn calm(&mut self) {
        let plan = self.plan;
        let notifiers = plan.notifiers.iter().map(|one| one.name.clone()).collect();
        let mut scopes = vec![Scope::All];
        let wanted = self.events.iter().filter_map(|event| match &event.action {
            Action::Silence(_, scopes, _) => Some(scopes.clone()),
            _ => None,
        });
        scopes.extend(wanted.flatten());
        scopes.sort();
        scopes.dedup();
        self.then(Duration::ZERO, Action::Way(notifiers, Way::Up));
        self.then(Duration::ZERO, Action::Network(true));
        self.then(Duration::ZERO, Action::Store(true));
        self.then(Duration::ZERO, Action::Journal(true));
        // A restart before the end may not be over.
        self.then(15 * MINUTE, Action::Unsilence(scopes));
        if self.plans > 1 {
            self.then(
                15 * MINUTE,
                Action::Reload(0, super::PLANS.first().copied().unwrap_or_default().to_owned()),
            );
        }
        for check in &plan.checks {
            let fails = self.dice.percent(if check.kind == CheckKind::Ssh { 10 } else { 25 });
            let act = if fails { self.bad(check) } else { Act::of(Sight::Well) };
            self.then(Duration::ZERO, Action::See(vec![check.id.clone()], act));
        }
    }
}
