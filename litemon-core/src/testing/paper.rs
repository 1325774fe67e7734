//! The scene of the paper that first described this monitor, with one server more: number 4 cannot
//! be reached, a service is Off on number 3, and number 5 is over its limit.

use std::time::Duration;

use crate::{
    model::{
        CheckKind, Failure, FailureKind, NameError, NoticeState, Number, Observation, Reason,
        Status, Timestamp,
    },
    monitor::{CheckView, Told},
    testing::snapshot::{CheckBuilder, SnapshotBuilder},
};

/// When the scene plays: 2016-04-14 05:33:14 in Jakarta.
pub const AT: Timestamp = Timestamp::from_millis(1_460_586_794_000);

/// Makes checks as they are at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Stage(pub Timestamp);

impl Stage {
    /// So many seconds earlier.
    #[must_use]
    pub fn before(self, seconds: u64) -> Timestamp {
        self.0.minus(Duration::from_secs(seconds))
    }

    /// A server that can be logged in to.
    ///
    /// # Errors
    /// [`NameError`], as all of these, when a name is none.
    pub fn ssh(self, server: &str) -> Result<CheckView, NameError> {
        let on = Ok(Observation::Switch { on: true, detail: None });
        let check = CheckBuilder::new(&format!("{server}/ssh"), CheckKind::Ssh)?;
        Ok(check.seen(Status::Ok, self.before(90_000), self.before(2), on).build())
    }

    /// A server that refuses connections.
    ///
    /// # Errors
    /// See [`Self::ssh`].
    pub fn refused(self, server: &str) -> Result<CheckView, NameError> {
        let check = CheckBuilder::new(&format!("{server}/ssh"), CheckKind::Ssh)?;
        Ok(check.seen(Status::Critical, self.before(113), self.before(2), Err(refused())).build())
    }

    /// A percentage with its limit.
    ///
    /// # Errors
    /// See [`Self::ssh`].
    pub fn resource(self, id: &str, value: f64, limit: f64) -> Result<CheckView, NameError> {
        let (status, since) =
            if value > limit { (Status::Critical, 74) } else { (Status::Ok, 90_000) };
        let seen = Ok(Observation::percent(value, None));
        let check = CheckBuilder::new(id, CheckKind::Resource)?.limits(Some(limit), None);
        Ok(check.seen(status, self.before(since), self.before(2), seen).build())
    }

    /// A service that is On or Off.
    ///
    /// # Errors
    /// See [`Self::ssh`].
    pub fn service(self, id: &str, on: bool) -> Result<CheckView, NameError> {
        let (status, since) = if on { (Status::Ok, 90_000) } else { (Status::Critical, 240) };
        let detail = (!on).then(|| "exit 3: inactive".to_owned());
        let seen = Ok(Observation::Switch { on, detail });
        let check = CheckBuilder::new(id, CheckKind::Service)?;
        Ok(check.seen(status, self.before(since), self.before(3), seen).build())
    }

    /// One notice, so far.
    #[must_use]
    pub fn told(self, state: NoticeState, seconds_ago: u64) -> Vec<Told> {
        vec![Told {
            notifier: "oncall".into(),
            recipient: "+628123456789".into(),
            reason: Reason::Raised,
            state,
            at: self.before(seconds_ago),
            told_in: None,
        }]
    }

    fn server(
        self,
        name: &str,
        percent: [f64; 3],
        services: &[&str],
    ) -> Result<Vec<CheckView>, NameError> {
        let mut checks = vec![self.ssh(name)?];
        for ((resource, value), limit) in
            ["cpu", "mem", "hdd"].iter().zip(percent).zip([50.0, 80.0, 90.0])
        {
            checks.push(self.resource(&format!("{name}/{resource}"), value, limit)?);
        }
        for service in services {
            checks.push(self.service(&format!("{name}/{service}"), true)?);
        }
        Ok(checks)
    }

    fn unknown(self, check: &CheckView) -> Result<CheckView, NameError> {
        let blocked = CheckBuilder::new(check.id.as_str(), check.kind)?
            .limits(check.threshold, None)
            .seen(Status::Unknown, self.before(110), self.before(4), Err(refused()));
        let value = check.last.as_ref().and_then(|last| last.result.as_ref().ok()?.value());
        let at = self.before(120);
        Ok(value
            .map_or_else(|| blocked.clone(), |v| blocked.clone().last_value(at, v))
            .blocked()
            .build())
    }
}

/// Adds what the original watched besides its servers: two messaging servers and a count.
///
/// # Errors
/// None: the names in it are names.
pub fn with_numbers(builder: SnapshotBuilder, at: Timestamp) -> Result<SnapshotBuilder, NameError> {
    let stage = Stage(at);
    let delay = Observation::Value { value: 0.012, unit: "s".into(), detail: None };
    let trip = |name| CheckBuilder::new(name, CheckKind::Messaging);
    let fine = trip("messaging/msg1")?.limits(Some(10.0), None);
    let late = Failure::new(FailureKind::Timeout, "the message was not back after 10s");
    let lost = trip("messaging/msg2")?.limits(Some(10.0), None);
    let lost = lost.seen(Status::Critical, stage.before(74), stage.before(4), Err(late));
    let users = CheckBuilder::new("stats/new-users", CheckKind::Statistic)?.untold();
    let users = users.every(Duration::from_secs(60), Duration::from_secs(5));
    let counted = Observation::Numbers { numbers: stage.counts(), detail: None };
    Ok(builder
        .other(fine.seen(Status::Ok, stage.before(90_000), stage.before(2), Ok(delay)).build())
        .other(lost.last_value(stage.before(84), 0.034).build())
        .other(users.seen(Status::Ok, stage.before(90_000), stage.before(20), Ok(counted)).build()))
}

impl Stage {
    /// The five numbers of a count; the total is an old one.
    fn counts(self) -> Vec<Number> {
        let number = |name: &str, value, ago, failure| Number {
            name: name.to_owned(),
            value: Some(value),
            at: Some(self.before(ago)),
            failure,
        };
        let silent = Failure::new(FailureKind::Timeout, "no answer after 5s");
        vec![
            number("today", 12.0, 20, None),
            number("yesterday", 71.0, 20, None),
            number("this_week", 402.0, 20, None),
            number("this_month", 2083.0, 20, None),
            number("total", 48_310.0, 4000, Some(silent)),
        ]
    }
}

fn refused() -> Failure {
    Failure::new(FailureKind::Refused, "connection refused")
}

/// The scene at a moment.
///
/// # Errors
/// None: the names in it are names.
pub fn paper(at: Timestamp) -> Result<SnapshotBuilder, NameError> {
    let stage = Stage(at);
    let mut third = stage.server("server3", [0.2, 28.0, 4.0], &["push", "mysql"])?;
    third.insert(4, stage.service("server3/chat", false)?);
    let mut fourth = vec![stage.refused("server4")?];
    for check in stage.server("server4", [12.0, 31.0, 7.0], &["chat", "push"])?.iter().skip(1) {
        fourth.push(stage.unknown(check)?);
    }
    let first = stage.server("server1", [0.4, 23.0, 11.0], &["chat", "push", "nginx"])?;
    let second = stage.server("server2", [1.0, 25.0, 11.0], &["chat", "push"])?;
    let fifth = stage.server("server5", [63.2, 39.0, 8.0], &["chat", "nginx"])?;
    let gateway = stage.server("gateway", [4.0, 17.0, 31.0], &["kannel", "rabbitmq"])?;
    Ok(SnapshotBuilder::new(at)
        .server("server1", "10.0.0.1:22", first)?
        .server("server2", "10.0.0.2:22", second)?
        .server("server3", "10.0.0.3:22", third)?
        .server("server4", "10.0.0.4:22", fourth)?
        .server("server5", "10.0.0.5:22", fifth)?
        .server("gateway", "10.0.0.6:22", gateway)?
        .incident(17, "server3/chat", stage.told(NoticeState::Accepted, 233))
        .incident(18, "server4/ssh", stage.told(NoticeState::Accepted, 108))
        .incident(19, "server5/cpu", stage.told(NoticeState::Pending, 70)))
}
