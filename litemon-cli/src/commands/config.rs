//! `config check`, `show` and `schema`.

use std::{process::ExitCode, sync::Arc};

use litemon_core::{
    clock::{Clock, SystemClock},
    config::{self, CheckPlan, Kinds, Plan},
    model::{Name, Timestamp},
    policy::Rota,
};

use super::printed;
use crate::{
    context::{Context, unused},
    error::{CliError, Result},
    inventory, terminal,
};

pub async fn check(context: &Context) -> Result<ExitCode> {
    let plan = context.plan().await?;
    printed(terminal::print(&report(&plan)))
}

pub async fn show(context: &Context) -> Result<ExitCode> {
    let loaded = context.load()?;
    let mut text = loaded.show().map_err(|mistakes| CliError::mistakes(&mistakes))?;
    // Servers that were added are not printed: put into a file, they would stand in both. Those that
    // cannot be read keep nobody from seeing the files.
    if let Ok(managed) = inventory::managed(context, &loaded).await
        && !managed.is_empty()
    {
        let names: Vec<&str> = managed.names().map(|name| name.as_str()).collect();
        let names = names.join(", ");
        text.push_str(&format!("\n# Added beside these, see `litemon server list`: {names}\n"));
    }
    printed(terminal::print(&text))
}

pub fn schema() -> Result<ExitCode> {
    printed(terminal::print(&format!("{}\n", config::schema(&Kinds::builtin()))))
}

/// The worst time of each check that tells somebody, and a verdict.
fn report(plan: &Plan) -> String {
    let telling: Vec<&CheckPlan> =
        plan.checks.iter().filter(|check| check.worst_case.is_some()).collect();
    let mut text = String::new();
    if !telling.is_empty() {
        let rows: Vec<Vec<String>> = telling.iter().map(|check| row(check)).collect();
        text.push_str(&terminal::table(&["CHECK", "TOLD WITHIN", "PROMISED", "BY"], &rows));
        text.push('\n');
    }
    let silent = plan.checks.len() - telling.len();
    text.push_str(&format!(
        "Good: {}, {}{}.\n",
        count(plan.servers.len(), "server"),
        count(plan.checks.len(), "check"),
        match silent {
            0 => String::new(),
            1 => ", 1 of which tells nobody".to_owned(),
            n => format!(", {n} of which tell nobody"),
        },
    ));
    text.push_str(&rotas(plan, SystemClock.now()));
    text.push_str(&wordings(plan));
    text.push_str(&answers(plan));
    let canaries: Vec<String> = plan.canaries.iter().map(ToString::to_string).collect();
    if !canaries.is_empty() {
        text.push_str(&format!("canaries: {}\n", canaries.join(", ")));
    }
    let size = bytes(plan.history_bytes());
    text.push_str(&format!("history: {size} on disk with these checks and this retention\n"));
    for server in plan.servers.iter().filter(|server| server.ssh.legacy) {
        text.push_str(&format!("Note: {} may use weak algorithms (ssh.legacy)\n", server.name));
    }
    for unused in unused(plan) {
        text.push_str(&format!("Note: {unused}\n"));
    }
    text
}

/// Who may answer by SMS.
fn answers(plan: &Plan) -> String {
    let Some(hook) = &plan.sms_hook else { return String::new() };
    let notifiers = plan.notifiers.iter().filter(|notifier| notifier.kind == "sms");
    let names: Vec<&str> = notifiers.map(|notifier| notifier.name.as_str()).collect();
    let named = match hook.people.len() {
        0 => "; none of them has a name in hooks.sms.people".to_owned(),
        n => format!("; {} by name", count(n, "number")),
    };
    format!("answers by SMS: from the recipients of {}{named}\n", names.join(", "))
}

/// Who is on duty now, and who comes next.
fn rotas(plan: &Plan, now: Timestamp) -> String {
    let names = |who: &[&Name]| who.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let line = |rota: &Arc<Rota>| {
        let who = names(&rota.on_duty(now));
        match rota.next_change(now) {
            None => format!("rota {}: {who}\n", rota.name),
            Some((at, next)) => {
                let until = rota.zone().format("%a %Y-%m-%d %H:%M %Z", at);
                format!("rota {}: {who} until {until}, then {}\n", rota.name, names(&next))
            }
        }
    };
    plan.rotas.iter().map(line).collect()
}

/// What own templates make of an example, and how long that is.
fn wordings(plan: &Plan) -> String {
    let mut text = String::new();
    for notifier in &plan.notifiers {
        let Some(wording) = &notifier.wording else { continue };
        for example in wording.examples(plan.language, &plan.zone) {
            let length = example.length;
            let (alphabet, unit) =
                if length.gsm7 { ("GSM-7", "septets") } else { ("UCS-2", "characters") };
            text.push_str(&format!(
                "{} {}: {} {unit} of {alphabet}, {} SMS: {}\n",
                notifier.name,
                example.of,
                length.units,
                length.parts,
                terminal::clean_line(&example.text.replace('\n', " / ")),
            ));
        }
    }
    text
}

fn row(check: &CheckPlan) -> Vec<String> {
    let notifiers: Vec<&str> = check.notify.iter().map(|name| name.as_str()).collect();
    vec![
        check.id.to_string(),
        check.worst_case.map(seconds).unwrap_or_default(),
        seconds(check.time_to_notify),
        notifiers.join(", "),
    ]
}

fn seconds(duration: std::time::Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// In words, as `about 1.3 GB`.
fn bytes(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "two digits are shown")]
    let bytes = bytes as f64;
    match bytes {
        0.0..1e6 => "less than 1 MB".to_owned(),
        0.0..1e7 => format!("about {:.1} MB", bytes / 1e6),
        0.0..1e9 => format!("about {:.0} MB", bytes / 1e6),
        0.0..1e11 => format!("about {:.1} GB", bytes / 1e9),
        _ => format!("about {:.0} GB", bytes / 1e9),
    }
}

fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}
