//! Of `report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What of when, and how.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A day: this one, `last`, or a date.
    #[arg(long, value_name = "DATE", num_args = 0..=1, default_missing_value = "this", group = "time")]
    pub day: Option<String>,
    /// A week, from Monday to Sunday: this one (without any option, too), `last`, a date in it, or its
    /// number as 2026-W47.
    #[arg(long, value_name = "DATE", num_args = 0..=1, default_missing_value = "this", group = "time")]
    pub week: Option<String>,
    /// A month: this one, `last`, or one as 2026-11.
    #[arg(long, value_name = "MONTH", num_args = 0..=1, default_missing_value = "this", group = "time")]
    pub month: Option<String>,
    /// From a date or time on, as 2026-11-20 or "2026-11-20 05:30".
    #[arg(long, value_name = "TIME", group = "time")]
    pub from: Option<String>,
    /// Until a date, with that day, or a time; now when absent.
    #[arg(long, value_name = "TIME", requires = "from")]
    pub to: Option<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Into a file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal.
    #[default]
    Table,
    /// For spreadsheets: one table of all, in which a column says what a row is about.
    Csv,
    /// For programs: what /api/v1/reports says.
    Json,
    /// One file to be kept, sent or printed, in the language of the configuration.
    Html,
}
