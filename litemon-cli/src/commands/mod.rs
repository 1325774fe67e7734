//! One file a command.

mod config;
mod db;
mod notify;
mod print;
mod probe;
mod quickstart;
mod run;

use std::process::ExitCode;

use crate::{
    args::{Args, Command, ConfigCommand, DbCommand, NotifyCommand},
    context::Context,
    error::{CliError, Result},
    logging,
};

/// Does what was typed.
pub fn run(args: Args) -> Result<ExitCode> {
    // These need no configuration and no runtime.
    match &args.command {
        Command::Completions { shell } => return print::completions(*shell),
        Command::Man => return print::man(),
        _ => {}
    }
    logging::start(&args.log)?;
    let context = Context::new(args.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::failed("no runtime").because(error))?;
    let done = runtime.block_on(dispatch(&context, args.command));
    // Whatever a blocking call still holds (a name lookup, a key derivation) is not waited for.
    runtime.shutdown_background();
    done
}

async fn dispatch(context: &Context, command: Command) -> Result<ExitCode> {
    match command {
        Command::Quickstart => quickstart::run(context).await,
        Command::Run(args) => run::run(context, &args).await,
        Command::Config(ConfigCommand::Check) => config::check(context),
        Command::Config(ConfigCommand::Show) => config::show(context),
        Command::Config(ConfigCommand::Schema) => config::schema(),
        Command::Probe(args) => probe::run(context, &args).await,
        Command::Notify(NotifyCommand::Test { notifier }) => notify::test(context, &notifier).await,
        Command::Db(DbCommand::Migrate) => db::migrate(context).await,
        // Done above, before anything was started.
        Command::Completions { .. } | Command::Man => Ok(ExitCode::SUCCESS),
    }
}

/// What is printed went nowhere.
fn printed(done: std::io::Result<()>) -> Result<ExitCode> {
    done.map(|()| ExitCode::SUCCESS)
        .map_err(|error| CliError::failed("standard output cannot be written").because(error))
}
