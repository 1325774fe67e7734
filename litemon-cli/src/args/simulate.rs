//! The command line of `simulate`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Of `simulate`.
#[derive(Debug, ClapArgs)]
pub struct SimulateArgs {
    /// The timeline.
    #[arg(value_name = "FILE", required_unless_present = "random")]
    pub file: Option<PathBuf>,
    /// Make up months of troubles instead, and look whether a promise is broken: in the
    /// configuration that -c names, else in a small one of litemon's own.
    #[arg(long, conflicts_with = "file")]
    pub random: bool,
    /// What makes them up; the same seed gives the same troubles [default: by chance].
    #[arg(long, requires = "random")]
    pub seed: Option<u64>,
    /// How many days of them.
    #[arg(long, requires = "random", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=360))]
    pub days: u32,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
