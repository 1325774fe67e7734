//! `action`.

use std::num::NonZeroUsize;

use clap::{Args, Subcommand};
use litemon_core::model::Name;

use super::{RollingArgs, Selection, Telling, Vouching, Waiting};

/// Of `action`.
#[derive(Debug, Subcommand)]
pub enum ActionCommand {
    /// List the actions there are, with their parameters.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run an action on servers, with or without a running monitor.
    ///
    /// A dangerous one names each server and what speaks against it, and asks; without a terminal it
    /// needs --yes. One that asks for a password asks for that of an account. Exit status: 0 all succeeded, 1 some failed, 2 usage, 130 cancelled.
    Run(Box<ActionRunArgs>),
}

/// Of `action run`.
#[derive(Debug, Args)]
pub struct ActionRunArgs {
    /// Its name; `litemon action list` has them all.
    #[arg(value_parser = Name::new)]
    pub name: Name,
    #[command(flatten)]
    pub selection: Selection,
    /// The value of a parameter; repeatable.
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    pub params: Vec<(String, String)>,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub vouching: Vouching,
    /// Say what would be run where, and what speaks against it; run nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// How many servers at once [default: 50, or what the action wants].
    #[arg(long, value_name = "N")]
    pub at_once: Option<NonZeroUsize>,
    #[command(flatten)]
    pub waiting: Waiting,
    #[command(flatten)]
    pub telling: Telling,
    #[command(flatten)]
    pub rolling: RollingArgs,
    /// Print JSON, once all is over.
    #[arg(long)]
    pub json: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or("expected NAME=VALUE, as verb=restart")?;
    Ok((name.to_owned(), value.to_owned()))
}
