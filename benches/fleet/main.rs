//! A simulated fleet: one process that answers as many SSH servers at once, to load a monitor with
//! more servers than a machine could run for real.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for benchmarks"
)]

mod answer;
mod control;
mod fleet;
mod server;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

/// Answers as many SSH servers on loopback addresses (127.1.0.1, 127.1.0.2, … in order).
///
/// It takes any user with any key, and answers reads of /proc and df, `echo`, and service commands
/// at once. It prints `ready`, reads control lines on standard input, answers each with `ok` or
/// `error: …`, and ends with the input. The lines, where N counts from 0: `down N` (refuses and drops
/// its connections), `up N`, `slow N MILLISECONDS` (before each answer), `off N WORD` (a service
/// command that holds WORD exits with 3), `on N WORD`.
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
struct Arguments {
    /// How many
    #[arg(long, default_value_t = 1000)]
    servers: usize,
    /// The port of each
    #[arg(long, default_value_t = 2222)]
    port: u16,
    /// The private key of all of them; a new one when absent
    #[arg(long)]
    host_key: Option<PathBuf>,
    /// Writes a known_hosts file for them there
    #[arg(long)]
    known_hosts: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), fleet::Error> {
    let key = fleet::host_key(arguments.host_key.as_deref())?;
    if let Some(path) = &arguments.known_hosts {
        fleet::write_known_hosts(&key, path)?;
    }
    let mut fleet = fleet::Fleet::start(key, arguments.servers, arguments.port).await?;
    println!("ready");
    control::follow(&mut fleet).await;
    Ok(())
}
