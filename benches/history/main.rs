//! What history costs to keep and to read. docs/BENCHMARKS.md says how to run it.

#![allow(missing_docs, unreachable_pub, dead_code, clippy::print_stdout, reason = "a tool")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that fails shall stop"
)]

mod database;
mod feed;
mod measures;
#[path = "../../tests/support/mod.rs"]
mod support;

use clap::{Parser, ValueEnum};
use database::Database;
use support::mariadb::MariaDb;

/// Measures the stores on this machine: a SQLite file and a private MariaDB server.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to measure
    #[arg(default_value = "feed")]
    scene: Scene,
    /// How many seconds of results are kept
    #[arg(long, default_value_t = 120)]
    seconds: i64,
    /// How many checks there are
    #[arg(long, default_value_t = 10_000)]
    checks: i64,
    /// How many of them have raw values of 30 days to compare with
    #[arg(long, default_value_t = 10)]
    raw_checks: i64,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Scene {
    /// CPU and writes for keeping what checks give that run every second
    Feed,
    /// Bytes of a row
    Bytes,
    /// A chart of 30 days, beside the same from raw values
    Charts,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().unwrap();
    let server = MariaDb::start().await;
    let databases = [
        Database::sqlite(&folder.path().join("history.db")).await,
        Database::mysql(server.database("history").await).await,
    ];
    for mut database in databases {
        match arguments.scene {
            Scene::Feed => {
                let checks = usize::try_from(arguments.checks).unwrap();
                feed::report(&database, checks, arguments.seconds).await;
            }
            Scene::Bytes => measures::bytes(&mut database).await,
            Scene::Charts => {
                measures::charts(&mut database, arguments.checks, arguments.raw_checks).await;
            }
        }
    }
}
