//! `notify test`.

use std::process::ExitCode;

use litemon_core::{
    model::{CheckId, CheckKind, Notice, Observation, Reason, Status},
    monitor::NotifierSetup,
};

use super::{nearest::unknown, printed};
use crate::{
    context::Context,
    error::{CliError, FAILED, Result},
    terminal,
};

/// Sends a test message to each recipient of a notifier, once, past the outbox.
pub async fn test(context: &Context, name: &str) -> Result<ExitCode> {
    let plan = context.plan().await?;
    let setup = context.assemble(&plan);
    let known: Vec<&str> = setup.notifiers.iter().map(|setup| setup.name.as_str()).collect();
    let Some(notifier) = setup.notifiers.iter().find(|setup| setup.name.as_str() == name) else {
        return Err(CliError::usage(unknown("notifier", name, &known)));
    };
    let notice = test_notice(context);
    let colour = terminal::colour(&std::io::stdout());
    let mut failed = false;
    let mut rows = Vec::new();
    for recipient in notifier.notifier.recipients() {
        let (arrived, answer) = send(context, notifier, &notice, &recipient).await;
        failed |= !arrived;
        let status = if arrived { Status::Ok } else { Status::Critical };
        let word = if arrived { "accepted" } else { "FAILED" };
        let word = terminal::painted(word, status, colour);
        rows.push(vec![terminal::clean_line(&recipient), word, terminal::clean_line(&answer)]);
    }
    printed(terminal::print(&terminal::table(&["TO", "RESULT", "ANSWER"], &rows)))?;
    Ok(if failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

async fn send(
    context: &Context,
    setup: &NotifierSetup,
    notice: &Notice,
    recipient: &str,
) -> (bool, String) {
    let deadline = context.clock().instant() + setup.notifier.timeout();
    match setup.notifier.send(notice, recipient, deadline).await {
        Ok(accepted) if accepted.queued => (true, format!("queued: {}", accepted.answer)),
        Ok(accepted) => (true, accepted.answer),
        Err(error) => (false, error.message),
    }
}

fn test_notice(context: &Context) -> Notice {
    let now = context.clock().now();
    Notice {
        reason: Reason::Test,
        incident: None,
        check: CheckId::own("test"),
        kind: CheckKind::Own,
        server: None,
        status: Status::Ok,
        was: None,
        seen: Ok(Observation::Switch { on: true, detail: None }),
        limit: None,
        since: now,
        at: now,
        unjournaled: false,
        by: None,
        job: None,
        digest: None,
        remedy: None,
    }
}
