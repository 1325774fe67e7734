//! A notifier that sends nowhere: to whom, by how many gateways, how long and in which words is the
//! real one's.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use super::scene::{Attempt, Effect, Scene, Sent, USUAL, Way};
use crate::{
    model::{Name, Notice, OutboxEntry, Route, Status},
    notify::{Accepted, Notifier, NotifierSite, Outlets, Retry, SendError, in_turn},
};

const NO_ANSWER: &str = "no answer in time";

/// See the module.
#[derive(Debug)]
pub(super) struct ScriptedNotifier {
    pub(super) scene: Arc<Scene>,
    pub(super) name: Name,
    pub(super) real: Arc<dyn Notifier>,
    pub(super) site: NotifierSite,
    pub(super) outlets: Outlets,
    /// It runs a command, and tells nobody.
    pub(super) command: bool,
}

#[async_trait]
impl Notifier for ScriptedNotifier {
    fn recipients(&self) -> Vec<String> {
        self.real.recipients()
    }

    fn recipient_of(&self, sender: &str) -> Option<String> {
        self.real.recipient_of(sender)
    }

    fn timeout(&self) -> Duration {
        self.real.timeout()
    }

    async fn send(
        &self,
        notice: &Notice,
        recipient: &str,
        deadline: Instant,
    ) -> Result<Accepted, SendError> {
        self.attempt(notice, recipient, 0, deadline).await
    }

    fn ways(&self) -> u32 {
        self.real.ways()
    }

    async fn send_entry(
        &self,
        entry: &OutboxEntry,
        deadline: Instant,
    ) -> Result<Accepted, SendError> {
        let sent = self.attempt(&entry.notice, &entry.recipient, entry.way, deadline).await?;
        let gateway = usize::try_from(sent.way).unwrap_or(usize::MAX);
        let asked = self.outlets.gateways.get(gateway).filter(|outlet| outlet.reports);
        let Some(outlet) = asked.filter(|_| self.site.reports.is_some()) else { return Ok(sent) };
        self.scene.reports_later(&self.site.clock, entry, (gateway, outlet.route));
        Ok(Accepted { report_within: Some(self.outlets.delivered_within), ..sent })
    }
}

impl ScriptedNotifier {
    /// One attempt, over as many gateways as it takes.
    async fn attempt(
        &self,
        notice: &Notice,
        recipient: &str,
        from: u32,
        deadline: Instant,
    ) -> Result<Accepted, SendError> {
        let (clock, count) = (&*self.site.clock, self.outlets.gateways.len());
        let text = self.site.text(notice, clock.now());
        let ask = |gateway| self.over(gateway, notice, deadline);
        let answer = in_turn(count, from, self.outlets.hedge, clock, ask).await;
        let took = answer.as_ref().ok().filter(|_| count > 1);
        self.scene.attempted(Attempt {
            ended: clock.instant(),
            at: clock.now(),
            notifier: self.name.clone(),
            recipient: recipient.to_owned(),
            notice: notice.clone(),
            text,
            sent: Sent::of(&answer),
            lost: from > 0,
            gateway: took.map(|accepted| accepted.way),
            command: self.command,
        });
        answer
    }

    /// One gateway, or the command.
    async fn over(
        &self,
        gateway: usize,
        notice: &Notice,
        deadline: Instant,
    ) -> Result<Accepted, SendError> {
        let clock = &*self.site.clock;
        let began = clock.instant();
        let until = deadline.min(began + self.outlets.each);
        let route = self.outlets.gateways.get(gateway).map_or(Route::Network, |one| one.route);
        let way = if self.scene.is_cut_off(route) {
            Way::Down
        } else {
            self.scene.way_of(&self.name, gateway)
        };
        if self.command && way == Way::Up {
            return self.run(notice, began, until).await;
        }
        let ends = match way {
            Way::Down => until,
            Way::Slow(takes) => began + takes,
            _ => began + USUAL,
        };
        clock.sleep_until(ends.min(until)).await;
        if ends > until || self.scene.is_cut_off(route) {
            clock.sleep_until(until).await;
            return Err(SendError::temporary(NO_ANSWER));
        }
        way.gives()
    }

    /// What its command does about the check that it is run for.
    async fn run(
        &self,
        notice: &Notice,
        began: Instant,
        until: Instant,
    ) -> Result<Accepted, SendError> {
        let clock = &*self.site.clock;
        let cure = self.scene.cure_of(&self.name);
        let ends = began + cure.takes.unwrap_or(USUAL);
        clock.sleep_until(ends.min(until)).await;
        if ends > until {
            let text = format!("the command did not run to its end: {NO_ANSWER}");
            return Err(SendError::permanent(text));
        }
        match cure.effect {
            Effect::Fails => {
                let why = cure.detail.as_deref().unwrap_or("exit 1");
                return Err(SendError::permanent(format!("the command failed: {why}")));
            }
            Effect::Helps if notice.status != Status::Ok => {
                self.scene.heal(&notice.check, clock.instant());
            }
            Effect::Helps | Effect::Useless => {}
        }
        Ok(Accepted::now("simulated"))
    }
}

impl Way {
    fn gives(self) -> Result<Accepted, SendError> {
        match self {
            Self::Up | Self::Slow(_) => Ok(Accepted::now("simulated")),
            Self::Queues => Ok(Accepted::queued("simulated")),
            Self::Down => Err(SendError::temporary(NO_ANSWER)),
            Self::Fails => Err(SendError::temporary("it cannot now")),
            Self::Refuses => Err(SendError::permanent("it refuses")),
        }
    }
}

impl Sent {
    fn of(answer: &Result<Accepted, SendError>) -> Self {
        match answer {
            Ok(accepted) if accepted.queued => Self::Queued,
            Ok(_) => Self::Accepted,
            Err(error) if error.retry == Retry::Never => Self::Refused(error.message.clone()),
            Err(error) => Self::Failed(error.message.clone()),
        }
    }
}
