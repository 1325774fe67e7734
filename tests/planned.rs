//! Jobs that people are told of, and jobs that nobody has to begin.

mod back;
mod calls;
mod notices;
mod times;

use std::time::Duration;

/// How long anything here may take on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(60);
