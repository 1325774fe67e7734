//! `report`.

mod table;

use std::{collections::BTreeSet, process::ExitCode, sync::Arc, time::Duration};

use litemon_core::{
    config::{Plan, StorePlan},
    manage::{KeyFiles, Manage, Principal},
    report::{Ask, Period, Report, Span, SpanError},
    store::Store,
};

use super::{printed, status::pretty};
use crate::{
    args::{ReportArgs, ReportFormat},
    context::{Context, open_store},
    error::{CliError, Result},
    terminal,
};

/// The longest that a report may take: thousands of checks on a store that is far.
const WITHIN: Duration = Duration::from_secs(600);

pub async fn run(context: &Context, args: &ReportArgs) -> Result<ExitCode> {
    let plan = context.plan().await?;
    let now = context.clock().now();
    let span = span(args, now, &plan).map_err(|error| CliError::usage(error.to_string()))?;
    let mut ask = Ask::new(span, now, plan.zone.clone());
    ask.remedies = remedies(&plan);
    let store = history(&plan)?;
    let report = made(store, with_jobs(ask, context, &plan).await?).await?;
    let text = written(&report, args.format, &plan)?;
    match &args.output {
        None => printed(terminal::print(&text)),
        Some(file) => std::fs::write(file, text).map(|()| ExitCode::SUCCESS).map_err(|error| {
            CliError::failed(format!("{} cannot be written", file.display())).because(error)
        }),
    }
}

/// The notifiers that do something instead of telling somebody.
pub fn remedies(plan: &Plan) -> BTreeSet<String> {
    let remedies = plan.notifiers.iter().filter(|notifier| !notifier.tells_people);
    remedies.map(|notifier| notifier.name.to_string()).collect()
}

fn span(
    args: &ReportArgs,
    now: litemon_core::model::Timestamp,
    plan: &Plan,
) -> std::result::Result<Span, SpanError> {
    let zone = &plan.zone;
    if let Some(from) = &args.from {
        return Span::between(from, args.to.as_deref(), now, zone);
    }
    let given =
        [(Period::Day, &args.day), (Period::Week, &args.week), (Period::Month, &args.month)];
    let named = given.into_iter().find_map(|(period, text)| Some((period, text.as_deref()?)));
    let (period, text) = named.unwrap_or((Period::Week, "this"));
    Span::typed(period, text, now, zone)
}

/// The store, which has to be there: looking at it makes none.
fn history(plan: &Plan) -> Result<Arc<dyn Store>> {
    if let StorePlan::Sqlite(path) = &plan.store
        && !path.exists()
    {
        let nothing = format!("there is no history in {}: `litemon run` writes it", path.display());
        return Err(CliError::failed(nothing));
    }
    open_store(plan)
}

/// With the jobs of its time, where any are kept.
async fn with_jobs(ask: Ask, context: &Context, plan: &Plan) -> Result<Ask> {
    let manage = &plan.manage;
    if !manage.enabled || !plan.state_dir.join(Manage::FILE).exists() {
        return Ok(ask);
    }
    let keys =
        KeyFiles::new(manage.key.clone(), manage.audit_key.clone(), manage.credentials.clone());
    let by = Principal::system(Some(rustix::process::getuid().as_raw()));
    let jobs = async {
        let opened = Manage::open(&plan.state_dir, &keys, context.clock()).await?;
        ask.with_jobs(&opened, &by, manage.back_within).await
    };
    jobs.await.map_err(|error| CliError::failed("the jobs cannot be read").because(error))
}

async fn made(store: Arc<dyn Store>, ask: Ask) -> Result<Report> {
    let report = tokio::time::timeout(WITHIN, litemon_core::report::report(store, ask)).await;
    report
        .map_err(|_| CliError::failed("the history takes more than ten minutes to be read"))?
        .map_err(|error| CliError::failed("the history cannot be read").because(error))
}

fn written(report: &Report, format: ReportFormat, plan: &Plan) -> Result<String> {
    Ok(match format {
        ReportFormat::Table => table::text(report, &plan.zone),
        ReportFormat::Csv => litemon_web::report::csv(report, &plan.zone),
        ReportFormat::Html => litemon_web::report::html(report, &plan.zone, plan.language),
        ReportFormat::Json => {
            let text = serde_json::to_string(&litemon_web::report::json(report))
                .map_err(|error| CliError::failed("the report cannot be written").because(error))?;
            pretty(&text)?
        }
    })
}
