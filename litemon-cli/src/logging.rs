//! Logs: to standard error, one line an event.

use std::io;

use tracing_subscriber::{EnvFilter, filter::Directive};

use crate::{
    error::{CliError, Result},
    terminal,
};

/// Sets up what is logged.
pub fn start(filter: &str) -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(parse(filter)?)
        .with_writer(io::stderr)
        .with_ansi(terminal::colour(&io::stderr()))
        .with_target(false)
        .init();
    Ok(())
}

/// A filter without doubtful parts: a mistyped level would be the name of a module, and silence.
fn parse(text: &str) -> Result<EnvFilter> {
    let doubtful = |part: &str| {
        let word = part.trim();
        let plain = word.chars().all(|c| c.is_ascii_alphanumeric());
        let level = word.parse::<tracing::Level>().is_ok() || word.eq_ignore_ascii_case("off");
        plain && !level
    };
    let wrong = || {
        CliError::usage(format!(
            "--log (LITEMON_LOG): {text:?} is no filter; expected off, error, warn, info, debug or \
             trace, or such as \"info,litemon_core=debug\""
        ))
    };
    if text.split(',').any(doubtful) {
        return Err(wrong());
    }
    let directives: std::result::Result<Vec<Directive>, _> =
        text.split(',').map(|part| part.trim().parse()).collect();
    directives.map_err(|error| wrong().behind(error))?;
    EnvFilter::try_new(text).map_err(|error| wrong().behind(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_level_is_no_filter() {
        for good in ["info", "OFF", "warn,litemon_core=trace", "litemon_core::notify=debug", "3"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in ["", "inof", "info,", "=,=", "litemon_core=loud", "loud,litemon_core=info"] {
            let line = parse(bad).unwrap_err().to_string();
            assert!(line.contains(&format!("{bad:?} is no filter; expected")), "{line}");
        }
    }
}
