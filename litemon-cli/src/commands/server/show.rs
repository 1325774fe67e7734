//! Servers as tables, sentences and JSON.

use std::{process::ExitCode, time::Duration};

use litemon_core::{
    manage::{
        Manage, Principal,
        inventory::{Facts, ServerDraft, ServerEntry, Step, TestReport},
    },
    model::Timestamp,
};
use serde_json::{Value, json};

use super::{or_null, say, say_json, words};
use crate::{
    error::{FAILED, Result},
    management::refused,
    terminal,
};

pub async fn list(manage: &Manage, by: &Principal, as_json: bool) -> Result<ExitCode> {
    let entries = manage.servers(by).await.map_err(refused)?;
    if as_json {
        return say_json(&json!({ "servers": entries.iter().map(entry_json).collect::<Vec<_>>() }));
    }
    let row = |entry: &ServerEntry| {
        vec![
            entry.name.to_string(),
            entry.address.clone(),
            words(&entry.groups),
            entry.checks.len().to_string(),
            if entry.locked() { "file (locked)" } else { "added" }.to_owned(),
        ]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    if rows.is_empty() {
        return say("There are no servers yet. Add one: litemon server add NAME ADDRESS\n");
    }
    say(&terminal::table(&["SERVER", "ADDRESS", "GROUPS", "CHECKS", "FROM"], &rows))
}

pub async fn one(
    manage: &Manage,
    by: &Principal,
    (name, now): (&str, Timestamp),
    ask: bool,
    as_json: bool,
) -> Result<ExitCode> {
    let entry = manage.server(by, name).await.map_err(refused)?;
    if ask {
        manage.ask_facts(by, name).await.map_err(refused)?;
    }
    let facts = manage.facts(by, name).await.map_err(refused)?;
    if as_json {
        let mut value = entry_json(&entry);
        if let Some(object) = value.as_object_mut() {
            let told =
                facts.as_ref().map(|(at, facts)| json!({ "at": at.as_millis(), "facts": facts }));
            object.insert("told".to_owned(), told.unwrap_or(Value::Null));
        }
        return say_json(&value);
    }
    let mut rows = about(&entry);
    match &facts {
        Some((at, facts)) => rows.extend(told(*at, now, facts)),
        None => rows.push(("system".into(), "not asked yet; see --ask".into())),
    }
    let text: String = rows
        .into_iter()
        .map(|(word, what)| format!("{word:<16} {}\n", terminal::clean_line(&what)))
        .collect();
    say(&text)
}

pub async fn test(manage: &Manage, by: &Principal, name: &str, as_json: bool) -> Result<ExitCode> {
    let report = manage.test_server(by, name).await.map_err(refused)?;
    if as_json {
        say_json(&report_json(&report))?;
    } else {
        say(&report_text(name, &report))?;
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// What would be added.
pub fn drafts(drafts: &[ServerDraft]) -> String {
    if drafts.is_empty() {
        return String::new();
    }
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let row = |draft: &ServerDraft| {
        vec![
            draft.name.to_string(),
            terminal::clean_line(&draft.address),
            words(&draft.groups),
            terminal::clean_line(&or_dash(&draft.user)),
            terminal::clean_line(&or_dash(&draft.jump)),
        ]
    };
    let rows: Vec<_> = drafts.iter().map(row).collect();
    format!("{}\n", terminal::table(&["SERVER", "ADDRESS", "GROUPS", "USER", "THROUGH"], &rows))
}

fn entry_json(entry: &ServerEntry) -> Value {
    json!({
        "name": entry.name,
        "address": entry.address,
        "groups": entry.groups,
        "labels": entry.labels,
        "device": entry.device,
        "user": or_null(entry.user.as_deref()),
        "jump": or_null(entry.jump.as_deref()),
        "checks": entry.checks,
        "locked": entry.locked(),
        "stored": {
            "password": entry.stored.password,
            "sudo_password": entry.stored.sudo_password,
            "private_key": entry.stored.private_key,
        },
        "definition": entry.draft,
    })
}

type Line = (String, String);

fn about(entry: &ServerEntry) -> Vec<Line> {
    let checks: Vec<&str> = entry.checks.iter().map(|id| id.name()).collect();
    let labels: Vec<String> =
        entry.labels.iter().map(|(key, text)| format!("{key}={text}")).collect();
    let stored = [
        ("password", entry.stored.password),
        ("sudo password", entry.stored.sudo_password),
        ("private key", entry.stored.private_key),
    ];
    let stored: Vec<&str> =
        stored.into_iter().filter(|(_, is)| *is).map(|(word, _)| word).collect();
    let from = if entry.locked() { "the configuration file (locked)" } else { "added" };
    let mut lines = vec![
        ("server".to_owned(), entry.name.to_string()),
        ("from".to_owned(), from.to_owned()),
        ("address".to_owned(), entry.address.clone()),
        ("user".to_owned(), entry.user.clone().unwrap_or_default()),
        ("through".to_owned(), entry.jump.clone().unwrap_or_default()),
        ("groups".to_owned(), words(&entry.groups)),
        ("labels".to_owned(), labels.join(", ")),
        ("device".to_owned(), entry.device.to_string()),
        ("checks".to_owned(), checks.join(", ")),
        ("stored".to_owned(), stored.join(", ")),
    ];
    lines.retain(|(_, what)| !what.is_empty());
    lines
}

/// What the server told of itself, `at` a time, as it stands `now`.
fn told(at: Timestamp, now: Timestamp, facts: &Facts) -> Vec<Line> {
    let ago = now.since(at);
    let mut lines = Vec::new();
    let mut put = |word: &str, what: Option<String>| {
        lines.extend(what.map(|what| (word.to_owned(), what)));
    };
    put("system", facts.os.clone());
    put("kernel", facts.kernel.clone());
    put("machine", facts.machine.clone());
    put("processors", facts.cpus.map(|n| n.to_string()));
    put("memory", facts.memory.map(|bytes| format!("{} MiB", bytes / (1024 * 1024))));
    put("up for", facts.uptime.map(|up| terminal::age(Duration::from_secs(up) + ago)));
    put("addresses", Some(facts.addresses.join(", ")).filter(|text| !text.is_empty()));
    put(
        "updates",
        facts.pending.map(|pending| match pending.security {
            Some(security) => format!("{}, {security} of them for security", pending.all),
            None => pending.all.to_string(),
        }),
    );
    put(
        "restart needed",
        facts.reboot_required.map(|yes| if yes { "yes" } else { "no" }.to_owned()),
    );
    put("asked", Some(format!("{} ago", terminal::age(ago))));
    lines
}

fn report_text(name: &str, report: &TestReport) -> String {
    let key = report.host_key.as_ref();
    let key_line = key.map(|key| format!("{}, {} {}", key.trust, key.algorithm, key.fingerprint));
    let lines = [
        ("reachable", Some(report.reachable.to_string())),
        ("host key", key_line),
        ("login", Some(report.login.to_string())),
        ("sudo", Some(report.sudo.to_string())),
    ];
    let mut text: String = lines
        .into_iter()
        .filter_map(|(word, what)| Some(format!("{word:<10} {}\n", terminal::clean_line(&what?))))
        .collect();
    if report.login == Step::NotTried && key.is_some() {
        text.push_str(&format!("\nTo trust this host key: litemon enroll {name}\n"));
    }
    text
}

fn report_json(report: &TestReport) -> Value {
    let step = |step: &Step| match step {
        Step::Works => json!({ "works": true }),
        Step::Failed(why) => json!({ "works": false, "why": why }),
        _ => json!({ "works": null }),
    };
    json!({
        "reachable": step(&report.reachable),
        "host_key": report.host_key.as_ref().map(|key| json!({
            "algorithm": key.algorithm,
            "fingerprint": key.fingerprint,
            "trust": key.trust.to_string(),
        })),
        "login": step(&report.login),
        "sudo": step(&report.sudo),
    })
}
