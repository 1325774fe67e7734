//! `litemon`: see `litemon help`, and the documentation of the crate `litemon_cli`'s modules.
#![allow(unreachable_pub, reason = "a program has no outside")]

mod args;
mod commands;
mod context;
mod error;
mod logging;
mod signals;
mod state_dir;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::parse();
    match commands::run(args) {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}
