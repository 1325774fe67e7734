//! The program `litemon`. `litemon --help` is its manual, docs/ARCHITECTURE.md its map.
#![allow(unreachable_pub, reason = "a program has no outside")]

mod args;
mod ask;
mod client;
mod commands;
mod context;
mod control;
mod error;
mod inventory;
mod logging;
mod management;
mod signals;
mod state_dir;
mod systemd;
mod terminal;
mod top;
mod user;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    let verbose = args.verbose;
    commands::run(args).unwrap_or_else(|error| error.report(verbose))
}
