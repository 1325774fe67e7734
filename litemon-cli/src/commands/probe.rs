//! `probe`: runs checks once.

use std::process::ExitCode;

use litemon_core::{
    criteria::{self, Memory, Verdict},
    model::{Criteria, Failure, FailureKind, Name, Number, Observation, Status},
    monitor::{Check, Setup},
};
use serde_json::json;
use tokio::task::JoinSet;

use super::nearest::unknown;
use crate::{
    args::ProbeArgs,
    context::Context,
    error::{CliError, Result},
    terminal,
};

/// One check, looked at once.
struct Row {
    check: Check,
    result: std::result::Result<Observation, Failure>,
    verdict: Verdict,
}

pub async fn run(context: &Context, args: &ProbeArgs) -> Result<ExitCode> {
    let plan = context.plan().await?;
    let setup = context.assemble(&plan);
    let checks = choose(&setup, &args.names)?;
    let rows = look(context, checks).await;
    let worst = rows.iter().map(|row| row.verdict.status).max().unwrap_or(Status::Ok);
    let text = if args.json { as_json(&rows) } else { as_table(&rows) };
    super::printed(terminal::print(&text))?;
    Ok(ExitCode::from(worst.exit_code()))
}

/// The checks that the names mean, in the order of the configuration.
fn choose(setup: &Setup, names: &[String]) -> Result<Vec<Check>> {
    let means = |name: &str, check: &Check| {
        let group = |group: &str| {
            let in_it = |server: &litemon_core::monitor::Server| {
                Some(&server.name) == check.server.as_ref()
                    && server.groups.iter().any(|of| of.as_str() == group)
            };
            setup.servers.iter().any(in_it)
        };
        check.id.as_str() == name || check.id.owner() == name || group(name)
    };
    if let Some(name) = names.iter().find(|name| !setup.checks.iter().any(|c| means(name, c))) {
        return Err(CliError::usage(unknown("check, server or group", name, &known(setup))));
    }
    if setup.checks.is_empty() {
        return Err(CliError::usage("the configuration has no checks; add a server to it"));
    }
    let chosen = |check: &&Check| names.is_empty() || names.iter().any(|name| means(name, check));
    Ok(setup.checks.iter().filter(chosen).cloned().collect())
}

/// Everything that a name can mean.
fn known(setup: &Setup) -> Vec<&str> {
    let groups = setup.servers.iter().flat_map(|server| &server.groups).map(Name::as_str);
    let mut names: Vec<&str> = setup.servers.iter().map(|server| server.name.as_str()).collect();
    for name in groups.chain(setup.checks.iter().map(|check| check.id.as_str())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Runs them all at once; each has its own time limit.
async fn look(context: &Context, checks: Vec<Check>) -> Vec<Row> {
    let clock = context.clock();
    let began = clock.instant();
    let mut runs = JoinSet::new();
    for (place, check) in checks.into_iter().enumerate() {
        let at = clock.now();
        runs.spawn(async move {
            let result = check.probe.run(began + check.schedule.timeout).await;
            // A single look cannot tell for how long it has been so.
            let criteria = match &check.criteria {
                Criteria::Threshold(limits) => {
                    let mut limits = limits.clone();
                    limits.hold = std::time::Duration::ZERO;
                    Criteria::Threshold(limits)
                }
                other => other.clone(),
            };
            let (verdict, _) =
                criteria::judge(check.kind, &criteria, &result, Memory::default(), at);
            (place, Row { check, result, verdict })
        });
    }
    let mut rows: Vec<(usize, Row)> = runs.join_all().await;
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn as_table(rows: &[Row]) -> String {
    let colour = terminal::colour(&std::io::stdout());
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.check.id.to_string(),
                terminal::painted(&word(row), row.verdict.status, colour),
                terminal::clean_line(&seen(row)),
            ]
        })
        .collect();
    let bad = rows.iter().filter(|row| row.verdict.status != Status::Ok).count();
    let verdict = match (rows.len(), bad) {
        (1, 0) => "It is as it should be.".to_owned(),
        (1, _) => "It is not as it should be.".to_owned(),
        (n, 0) => format!("All {n} are as they should be."),
        (n, 1) => format!("1 of {n} is not as it should be."),
        (n, bad) => format!("{bad} of {n} are not as they should be."),
    };
    let table = terminal::table(&["CHECK", "STATE", "SEEN"], &cells);
    format!("{table}\n{verdict}\n{}", hint(rows))
}

/// What to do about a host key that nothing vouches for: the first thing that keeps a new server
/// from being watched.
fn hint(rows: &[Row]) -> &'static str {
    let unknown = |row: &Row| {
        row.result.as_ref().is_err_and(|failure| {
            failure.kind == FailureKind::HostKey && failure.message.contains("not known")
        })
    };
    if rows.iter().any(unknown) {
        "\nTo trust a host key: log in once with `ssh USER@HOST`, compare the fingerprint and say yes; \
         it is\nthen in ~/.ssh/known_hosts. Or set `host_key_policy = \"accept-new\"` in [ssh].\n"
    } else {
        ""
    }
}

/// The state in the words of its kind.
fn word(row: &Row) -> String {
    litemon_web::api::state_word(row.check.kind, row.verdict.status).to_owned()
}

fn seen(row: &Row) -> String {
    match &row.result {
        Ok(Observation::Numbers { numbers, detail }) => {
            let told = numbers.iter().map(number);
            let limit = row.verdict.limit.map(|limit| format!("over {}", terminal::short(limit)));
            told.chain(limit).chain(detail.clone()).collect::<Vec<_>>().join("  ")
        }
        // Its own words hold its numbers.
        Ok(Observation::Judged { detail: Some(detail), .. }) if row.verdict.limit.is_none() => {
            detail.clone()
        }
        Ok(seen) => {
            let (unit, about) = (seen.unit(), seen.detail().unwrap_or_default());
            let Some(value) = seen.value() else { return about.to_owned() };
            let over = row.verdict.limit.map(|limit| format!(" > {}", measured(limit, unit)));
            let about = if about.is_empty() { String::new() } else { format!("  {about}") };
            format!("{}{}{about}", measured(value, unit), over.unwrap_or_default())
        }
        Err(failure) => failure.message.clone(),
    }
}

/// `today 12`
fn number(number: &Number) -> String {
    let value = number.value.map_or_else(|| "?".to_owned(), |value| measured(value, ""));
    format!("{} {value}", number.name)
}

/// As many decimals as somebody reads: two at most, and of seconds the milliseconds.
fn measured(value: f64, unit: &str) -> String {
    match unit {
        "s" => format!("{value:.3} s"),
        unit => format!("{}{unit}", (value * 100.0).round() / 100.0),
    }
}

fn as_json(rows: &[Row]) -> String {
    let checks: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            let mut check = json!({
                "check": row.check.id,
                "kind": row.check.kind,
                "status": row.verdict.status,
                "state": word(row),
                "value": row.result.as_ref().ok().and_then(Observation::value),
                "limit": row.verdict.limit,
                "detail": row.result.as_ref().ok().and_then(Observation::detail),
                "failure": row.result.as_ref().err(),
            });
            if let (Some(check), Ok(Observation::Numbers { numbers, .. })) =
                (check.as_object_mut(), &row.result)
            {
                check.insert("numbers".to_owned(), json!(numbers));
            }
            check
        })
        .collect();
    format!("{:#}\n", json!({ "checks": checks }))
}
