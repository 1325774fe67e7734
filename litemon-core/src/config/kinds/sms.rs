use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::gateway::{MethodWord, Texts, Written, mistakes};
use crate::{
    config::{
        SecretSource, TimeSpan,
        kind::{
            KindContext, NotifierKind, PlannedNotifier, SettingError, SettingsMap,
            read_settings_partly,
        },
        schema::settings_schema,
        values::{OneOrMany, Text},
    },
    notify::sms::{SmsRecipe, SmsSettings},
    policy::{Budget, FlowRules},
    secret::Secret,
};

/// `sms`: an SMS gateway that is spoken to over HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SmsKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The gateway's URL, http or https.
    url: Option<SecretSource>,
    /// How it is asked: "post" when there is a form or json, else "get".
    method: Option<MethodWord>,
    /// Parameters of the URL; templates or secrets.
    query: Option<Texts>,
    /// Fields of a form; templates or secrets.
    form: Option<Texts>,
    /// A JSON body; its texts are templates.
    json: Option<serde_json::Value>,
    /// Headers; templates or secrets.
    headers: Option<Texts>,
    /// A regular expression: a 2xx body that matches is accepted. Any 2xx is when absent.
    success: Option<String>,
    /// A regular expression: a 2xx body that matches was queued by the gateway.
    queued: Option<String>,
    /// Further gateways, asked in this order when the one before fails, keeps the message or hangs.
    gateways: Option<Vec<Gateway>>,
    /// How long a gateway may be silent before the next one is asked beside it (the timeout).
    hedge: Option<TimeSpan>,
    /// The longest one gateway may take (5s).
    timeout: Option<TimeSpan>,
    /// How long a gateway that is asked for reports ({{ dlr_url }}) may take to say that a message
    /// arrived, before another way is taken (5m).
    delivered_within: Option<TimeSpan>,
    /// Phone numbers, as +628123456789.
    recipients: Option<OneOrMany<Text>>,
    /// Put before numbers that have none, as 62.
    default_country_code: Option<Text>,
}

/// A further gateway. What is not said here is as with the first one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Gateway {
    /// The gateway's URL, http or https.
    url: Option<SecretSource>,
    /// How it is asked.
    method: Option<MethodWord>,
    /// Parameters of the URL; templates or secrets.
    query: Option<Texts>,
    /// Fields of a form; templates or secrets.
    form: Option<Texts>,
    /// A JSON body; its texts are templates.
    json: Option<serde_json::Value>,
    /// Headers; templates or secrets.
    headers: Option<Texts>,
    /// A regular expression: a 2xx body that matches is accepted.
    success: Option<String>,
    /// A regular expression: a 2xx body that matches was queued by the gateway.
    queued: Option<String>,
}

impl Gateway {
    /// With what it does not say taken over. A body is one thing: form and json go together.
    fn after(self, first: &Settings) -> Written {
        let bodied = self.form.is_some() || self.json.is_some();
        Written {
            method: self.method.or_else(|| first.method.filter(|_| !bodied)),
            form: self.form.or_else(|| first.form.clone().filter(|_| !bodied)),
            json: self.json.or_else(|| first.json.clone().filter(|_| !bodied)),
            url: self.url,
            query: self.query.or_else(|| first.query.clone()),
            headers: self.headers.or_else(|| first.headers.clone()),
            success: self.success.or_else(|| first.success.clone()),
            queued: self.queued.or_else(|| first.queued.clone()),
            ..Written::default()
        }
    }
}

impl Settings {
    fn first(&self) -> Written {
        Written {
            url: self.url.clone(),
            method: self.method,
            query: self.query.clone(),
            form: self.form.clone(),
            json: self.json.clone(),
            headers: self.headers.clone(),
            success: self.success.clone(),
            queued: self.queued.clone(),
            ..Written::default()
        }
    }
}

impl NotifierKind for SmsKind {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn default_flow(&self) -> FlowRules {
        FlowRules::new(FlowRules::people().gather, Some(Budget::default()))
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<PlannedNotifier, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(mut settings) = settings else { return Err(wrong) };
        let first = settings.first().settings("", context, &mut wrong);
        if settings.recipients.as_ref().is_none_or(|many| many.0.is_empty()) {
            wrong.push(SettingError::missing("recipients", "phone numbers, as \"+628123456789\""));
        }
        let mut others = Vec::new();
        for (place, gateway) in settings.gateways.take().into_iter().flatten().enumerate() {
            let written = gateway.after(&settings);
            others.extend(written.settings(&format!("gateways.{place}."), context, &mut wrong));
        }
        let Some(first) = first.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        let recipients = settings.recipients.map(|many| many.0).unwrap_or_default();
        let mut sms = SmsSettings::new(Secret::new(String::new()));
        sms.gateway = first;
        sms.others = others;
        sms.hedge = settings.hedge.map(|span| span.0);
        sms.timeout = settings.timeout.map_or(sms.timeout, |span| span.0);
        sms.delivered_within = settings.delivered_within.map(|span| span.0);
        sms.recipients = recipients.into_iter().map(|number| number.0).collect();
        sms.default_country_code = settings.default_country_code.map(|code| code.0);
        let recipe = SmsRecipe::new(sms).map_err(mistakes)?;
        Ok(PlannedNotifier::new(Arc::new(recipe)))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
