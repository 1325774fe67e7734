//! One file a command.

mod accounts;
mod config;
mod db;
mod enroll;
mod incident;
pub mod jobs;
mod nearest;
mod notify;
mod print;
mod probe;
mod push;
mod quickstart;
mod report;
mod run;
mod server;
mod shell;
mod silence;
mod simulate;
pub mod status;

use std::process::ExitCode;

use crate::{
    args::{Args, Command, ConfigCommand, DbCommand, NotifyCommand, PushCommand, UNKNOWN},
    context::Context,
    error::{CliError, Result},
    logging,
};

/// Does what was typed.
pub fn run(args: Args) -> Result<ExitCode> {
    let plugin = matches!(args.command, Command::Probe(_) | Command::Status(_));
    // Whatever stops a plugin from looking, Nagios calls it UNKNOWN.
    begin(args).map_err(|error| if plugin { error.code(UNKNOWN) } else { error })
}

fn begin(args: Args) -> Result<ExitCode> {
    // These need no configuration and no runtime.
    match &args.command {
        Command::Completions { shell } => return print::completions(*shell),
        Command::Man => return print::man(),
        Command::Config(ConfigCommand::Schema) => return config::schema(),
        Command::Push(PushCommand::Token { name }) => return push::token(name),
        _ => {}
    }
    let told = args.log.as_deref().filter(|filter| !filter.trim().is_empty());
    logging::start(told.unwrap_or_else(|| usual_log(&args.command)))?;
    let context = Context::new(args.config)?;
    if let Command::Simulate(args) = &args.command {
        // It has a clock of its own, and so a runtime of its own.
        return simulate::run(&context, args);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::failed("threads cannot be started").because(error))?;
    let done = runtime.block_on(dispatch(&context, args.command));
    // Whatever a blocking call still holds (a name lookup, a key derivation) is not waited for.
    runtime.shutdown_background();
    done
}

/// What runs for long says what it does; a command that prints an answer says what is wrong.
const fn usual_log(command: &Command) -> &'static str {
    match command {
        Command::Run(_) | Command::Quickstart => "info",
        // What is wrong there is part of the story.
        Command::Simulate(_) => "off",
        _ => "warn",
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<ExitCode> {
    match command {
        Command::Quickstart => quickstart::run(context).await,
        Command::Run(args) => run::run(context, &args).await,
        Command::Config(ConfigCommand::Check) => config::check(context).await,
        Command::Config(ConfigCommand::Show) => config::show(context).await,
        Command::Probe(args) => probe::run(context, &args).await,
        Command::Status(args) => status::run(context, &args).await,
        Command::Top(reach) => crate::top::run(context, &reach).await,
        Command::Exec(args) => jobs::exec(context, &args).await,
        Command::Action(command) => jobs::action(context, &command).await,
        Command::Job(command) => jobs::job(context, &command).await,
        Command::User(command) => accounts::user(context, &command).await,
        Command::Token(command) => accounts::token(context, &command).await,
        Command::Audit(command) => accounts::audit(context, &command).await,
        Command::Server(command) => server::run(context, command).await,
        Command::Enroll(args) => enroll::run(context, &args).await,
        Command::Ssh(args) => shell::run(context, &args).await,
        Command::Incident(command) => incident::run(context, &command).await,
        Command::Mute(args) => silence::mute(context, &args).await,
        Command::Maintenance(command) => silence::maintenance(context, &command).await,
        Command::Report(args) => report::run(context, &args).await,
        Command::Notify(NotifyCommand::Test { notifier }) => notify::test(context, &notifier).await,
        Command::Db(DbCommand::Migrate) => db::migrate(context).await,
        // Done above, before anything was started.
        Command::Completions { .. }
        | Command::Man
        | Command::Push(_)
        | Command::Simulate(_)
        | Command::Config(ConfigCommand::Schema) => Ok(ExitCode::SUCCESS),
    }
}

/// What is printed went nowhere.
fn printed(done: std::io::Result<()>) -> Result<ExitCode> {
    done.map(|()| ExitCode::SUCCESS)
        .map_err(|error| CliError::failed("standard output cannot be written").because(error))
}
