//! The notifier that hands a line to an SMS gateway over HTTP.

mod recipients;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{
    Accepted, Notifier, NotifierRecipe, NotifierSite, Outlets, SendError,
    gateways::{Gateways, Lines},
    phone,
    request::variables,
};
use crate::{
    model::{Notice, OutboxEntry},
    secret::Secret,
};

pub use super::request::{BodyText, Method, RequestSettings, TemplateText};

/// How long a report is waited for, where nothing is said.
const DELIVERED_WITHIN: Duration = Duration::from_secs(5 * 60);
const WITHIN: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(60 * 60);

/// What stands under `[notifiers.sms.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SmsSettings {
    /// The gateway.
    pub gateway: RequestSettings,
    /// Others that are asked after it, in this order.
    pub others: Vec<RequestSettings>,
    /// How long an asked gateway may be silent before the next one is asked beside it; `timeout`
    /// when absent.
    pub hedge: Option<Duration>,
    /// How long one gateway may take.
    pub timeout: Duration,
    /// How long after a gateway took a message its report that it arrived is waited for, where one is
    /// asked for with `{{ dlr_url }}`; 5 min when absent. Then another way is taken.
    pub delivered_within: Option<Duration>,
    /// Phone numbers.
    pub recipients: Vec<String>,
    /// The country of numbers that are written without one, as `62`.
    pub default_country_code: Option<String>,
}

impl SmsSettings {
    /// A GET of this URL within 5 s, to nobody yet.
    #[must_use]
    pub const fn new(url: Secret) -> Self {
        Self {
            gateway: RequestSettings::new(url),
            others: Vec::new(),
            hedge: None,
            timeout: Duration::from_secs(5),
            delivered_within: None,
            recipients: Vec::new(),
            default_country_code: None,
        }
    }
}

/// A gateway, checked but not yet spoken to.
#[derive(Clone)]
pub struct SmsRecipe {
    plan: Arc<SmsPlan>,
}

/// What one attempt needs.
struct SmsPlan {
    gateways: Gateways,
    recipients: Vec<String>,
    country: Option<String>,
    delivered_within: Duration,
}

impl fmt::Debug for SmsPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SMS by {:?}", self.gateways)
    }
}

impl fmt::Debug for SmsRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl SmsRecipe {
    /// Checks the settings: the URLs, each template with its variables, the regular expressions, the
    /// numbers.
    ///
    /// # Errors
    /// Each mistake: the key (as `query.to`, `recipients.1`, `gateways.1.url`) and what is wrong,
    /// without secrets.
    pub fn new(settings: SmsSettings) -> Result<Self, Vec<(String, String)>> {
        let mut wrong = Vec::new();
        let recipients = recipients::all(&settings, &mut wrong);
        let country = settings.default_country_code.as_deref().and_then(phone::country_code);
        let country = country.map(str::to_owned);
        let SmsSettings { gateway, others, hedge, timeout, delivered_within, .. } = settings;
        let gateways = Gateways::new(gateway, others, hedge, timeout, &mut wrong);
        within(delivered_within, gateways.as_ref(), &mut wrong);
        let delivered_within = delivered_within.unwrap_or(DELIVERED_WITHIN);
        match gateways {
            Some(gateways) if wrong.is_empty() => Ok(Self {
                plan: Arc::new(SmsPlan { gateways, recipients, country, delivered_within }),
            }),
            _ => Err(wrong),
        }
    }
}

/// Whether there is something to wait for, and for how long.
fn within(
    within: Option<Duration>,
    gateways: Option<&Gateways>,
    wrong: &mut Vec<(String, String)>,
) {
    let (Some(within), Some(gateways)) = (within, gateways) else { return };
    let text = if !gateways.ask_for_reports().any(|asks| asks) {
        "no gateway is asked to report; expected {{ dlr_url }} in its query, form or json"
    } else if !WITHIN.contains(&within) {
        "expected 1s to 1h"
    } else {
        return;
    };
    wrong.push(("delivered_within".to_owned(), text.to_owned()));
}

impl NotifierRecipe for SmsRecipe {
    fn asks_for_reports(&self) -> bool {
        self.plan.gateways.ask_for_reports().any(|asks| asks)
    }

    fn timeout(&self) -> Duration {
        self.plan.gateways.timeout()
    }

    fn outlets(&self) -> Outlets {
        Outlets { delivered_within: self.plan.delivered_within, ..self.plan.gateways.outlets() }
    }

    fn build(&self, site: &NotifierSite) -> Arc<dyn Notifier> {
        Arc::new(SmsNotifier {
            plan: Arc::clone(&self.plan),
            lines: Lines::new(&self.plan.gateways),
            site: site.clone(),
        })
    }
}

#[derive(Debug)]
struct SmsNotifier {
    plan: Arc<SmsPlan>,
    lines: Lines,
    site: NotifierSite,
}

#[async_trait]
impl Notifier for SmsNotifier {
    fn recipients(&self) -> Vec<String> {
        self.plan.recipients.clone()
    }

    fn recipient_of(&self, sender: &str) -> Option<String> {
        let sender = phone::sender(sender, self.plan.country.as_deref())?;
        self.recipients().into_iter().find(|recipient| *recipient == sender)
    }

    fn timeout(&self) -> Duration {
        self.plan.gateways.timeout()
    }

    async fn send(&self, notice: &Notice, to: &str, by: Instant) -> Result<Accepted, SendError> {
        let clock = &*self.site.clock;
        let text = self.site.text(notice, clock.now());
        self.lines.send(&variables(notice, to, &text, ""), 0, by, clock).await
    }

    fn ways(&self) -> u32 {
        self.plan.gateways.count()
    }

    async fn send_entry(&self, entry: &OutboxEntry, by: Instant) -> Result<Accepted, SendError> {
        let clock = &*self.site.clock;
        let text = self.site.text(&entry.notice, clock.now());
        let url = self.site.reports.as_ref().map(|reports| reports.url(entry.id));
        let url = url.unwrap_or_default();
        let variables = variables(&entry.notice, &entry.recipient, &text, &url);
        let sent = self.lines.send(&variables, entry.way, by, clock).await?;
        let place = usize::try_from(sent.way).unwrap_or(usize::MAX);
        let asked =
            !url.is_empty() && self.plan.gateways.ask_for_reports().nth(place) == Some(true);
        Ok(Accepted { report_within: asked.then_some(self.plan.delivered_within), ..sent })
    }
}
