//! The command line of `simulate`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Of `simulate`.
#[derive(Debug, ClapArgs)]
pub struct SimulateArgs {
    /// The timeline.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
