//! What works with a server, step by step.

use litemon_core::{
    exec::{HostKey, KeyTrust},
    manage::inventory::{Step, TestReport},
};
use maud::{Markup, html};

use super::{super::csrf, address_of};
use crate::{gate::Ask, text::Clean};

/// The steps in their order, each with how it ended.
pub(super) fn draw(ask: &Ask, report: &TestReport) -> Markup {
    let words = &ask.words.inventory;
    html! {
        h2.section { (words.tested) }
        div.card.tested role="status" {
            dl.facts {
                dt { (words.reachable) } dd { (step(ask, &report.reachable)) }
                @if let Some(key) = &report.host_key { dt { (words.host_key) } dd { (host_key(ask, key)) } }
                dt { (words.login) } dd { (step(ask, &report.login)) }
                dt { (words.sudo) } dd { (step(ask, &report.sudo)) }
            }
            @if let Some(key) = report.host_key.as_ref().filter(|key| can_be_pinned(key)) { (pin(ask, key)) }
        }
    }
}

fn step(ask: &Ask, step: &Step) -> Markup {
    let words = &ask.words.inventory;
    html! {
        @match step {
            Step::Works => { span.mark.ok aria-hidden="true" {} " " (words.works) }
            Step::Failed(why) => { span.mark.bad aria-hidden="true" {} " " b.bad { (Clean(why)) } }
            _ => { span.mark.unknown aria-hidden="true" {} " " (words.not_tried) }
        }
    }
}

fn host_key(ask: &Ask, key: &HostKey) -> Markup {
    let words = &ask.words.inventory;
    let (class, word) = match key.trust {
        KeyTrust::Trusted => ("ok", words.trusted),
        KeyTrust::Changed => ("bad", words.changed),
        KeyTrust::Revoked => ("bad", words.revoked),
        _ => ("unknown", words.unknown_key),
    };
    html! {
        span.mark.(class) aria-hidden="true" {} " " @if class == "bad" { b.bad { (word) } } @else { (word) }
        span.print { (key.algorithm) " " code { (key.fingerprint) } }
    }
}

fn can_be_pinned(key: &HostKey) -> bool {
    matches!(key.trust, KeyTrust::Unknown | KeyTrust::Changed)
}

/// A way to trust the key, for whoever has compared it.
fn pin(ask: &Ask, key: &HostKey) -> Markup {
    let words = &ask.words.inventory;
    let hint = if key.trust == KeyTrust::Changed { words.pin_changed } else { words.pin_hint };
    html! {
        form.pin method="post" action={ (address_of(ask.segment(0))) "/pin" } {
            (csrf(&ask.visitor))
            input type="hidden" name="fingerprint" value=(key.fingerprint);
            p { (hint) }
            p { code { "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" } }
            p.actions { button.button.first type="submit" { (words.pin) } }
        }
    }
}
