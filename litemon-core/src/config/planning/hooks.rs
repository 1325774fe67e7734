//! `[hooks]`

use std::collections::BTreeMap;

use url::Url;

use super::Planner;
use crate::{
    config::{KeyPath, NotifierPlan, SmsHookPlan, file::SmsHook, mistake::Draft},
    model::Name,
    notify::phone::e164,
    probe::push::{Token, TokenHash},
};

impl Planner<'_> {
    /// `notifiers` are those that answers can come from.
    pub(super) fn sms_hook(&mut self, notifiers: &[NotifierPlan]) -> Option<SmsHookPlan> {
        let written = self.config.hooks.sms.as_ref()?;
        let at = KeyPath::new(["hooks", "sms"]);
        // With mistakes in its own table the notifier is not planned; that is said there.
        let meant = self.config.notifiers.get("sms").is_some_and(|named| !named.is_empty());
        if !meant && !notifiers.iter().any(|notifier| notifier.kind == "sms") {
            let message = "nobody could answer; expected a notifier of kind \"sms\", too";
            self.wrong(at.clone(), message);
        }
        let people = self.people(written, &at.child("people"));
        let secret = self.hook_secret(written, &at)?;
        Some(SmsHookPlan { secret, people })
    }

    /// Where gateways report to, which those that are asked to need to know.
    pub(super) fn report_url(&mut self, notifiers: &[NotifierPlan]) -> Option<Url> {
        let at = KeyPath::new(["hooks", "report_url"]);
        let (own, page) = (&self.config.hooks.report_url, &self.config.web.external_url);
        let url = own.as_ref().or(page.as_ref()).and_then(|text| Url::parse(text).ok());
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if own.is_some() && url.is_none() {
            self.wrong(at.clone(), "expected http://HOST… or https://HOST…");
        }
        // What is wrong with the page's is said there.
        if own.is_none() && page.is_none() {
            for asks in notifiers.iter().filter(|notifier| notifier.recipe.asks_for_reports()) {
                let here = KeyPath::new(["notifiers", asks.kind, asks.name.as_str()]);
                let message = "asks for reports with {{ dlr_url }}; expected hooks.report_url or \
                               web.external_url, too, by which the gateway reaches litemon";
                self.wrong(here, message);
            }
        }
        url
    }

    fn people(&mut self, written: &SmsHook, at: &KeyPath) -> BTreeMap<String, Name> {
        let mut people = BTreeMap::new();
        for (name, number) in self.ordered(at, &written.people) {
            let here = at.child(name.as_str());
            match e164(&number.0, None) {
                Some(number) if people.contains_key(&number) => {
                    self.wrong(here, "this number is here twice");
                }
                Some(number) => drop(people.insert(number, name.clone())),
                None => self.wrong(
                    here,
                    "expected a phone number with its country code, as \"+628123456789\"",
                ),
            }
        }
        people
    }

    fn hook_secret(&mut self, written: &SmsHook, at: &KeyPath) -> Option<TokenHash> {
        let (key, hash) = (at.child("secret"), at.child("secret_sha256"));
        match (&written.secret, &written.secret_sha256) {
            (Some(source), None) => {
                let secret = self.secret(&key, source)?;
                let token = Token::parse(secret.expose());
                token.map_err(|error| self.wrong(key, error.to_string())).ok().map(|t| t.hash())
            }
            (None, Some(text)) => {
                let read = TokenHash::from_hex(text);
                if read.is_none() {
                    self.wrong(hash, "expected 64 hexadecimal digits");
                }
                read
            }
            (Some(_), Some(_)) => {
                self.wrong(hash, "there is a secret too; keep one of them");
                None
            }
            (None, None) => {
                let expected = "a secret of 22 characters or more, as `litemon push token` makes \
                                them, or secret_sha256 in its place";
                self.drafts.push(Draft::missing(key, expected));
                None
            }
        }
    }
}
