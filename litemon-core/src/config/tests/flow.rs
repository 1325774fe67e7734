//! How much a recipient is sent at a time.

use std::time::Duration;

use super::*;
use crate::policy::{Budget, FlowRules};

const SMS: &str = "[notifiers.sms.a]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\n";

fn rules(text: &str) -> FlowRules {
    planned(text).unwrap().notifiers[0].flow
}

#[test]
fn people_are_spared_and_machines_are_not() {
    let gather = Some(Duration::from_secs(10));
    let sms = FlowRules::new(gather, Some(Budget::default()));
    let with = |keys: &str| rules(&format!("{SMS}{keys}\n"));
    assert_eq!(rules(SMS), sms);
    assert_eq!(with("gather = true\nbudget = true"), sms);
    assert!(!with("gather = false\nbudget = false").is_on());
    let budget = Budget::new(3, Duration::from_secs(60), 200);
    let written = with("gather = \"30s\"\nbudget = { messages = 3, per = \"1m\", per_day = 200 }");
    assert_eq!(written, FlowRules::new(Some(Duration::from_secs(30)), Some(budget)));
    let more = with("budget = { messages = 150 }").budget.unwrap();
    assert_eq!((more.messages, more.per_day), (150, 150));
    let mail = "[notifiers.email.a]\nserver = \"h\"\nfrom = \"a@b.example\"\nrecipients = \"c@d.example\"\n";
    assert_eq!(rules(mail), FlowRules::new(gather, None));
    assert!(!rules("[notifiers.webhook.a]\nurl = \"https://h/\"\nsecret = \"an-invented-secret-of-32-letters\"\n").is_on());
    assert!(!rules("[notifiers.exec.a]\ncommand = [\"true\"]\n").is_on());
}
