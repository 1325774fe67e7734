//! What systemd is told, where it started the program: how it is, and that it is alive.

use std::time::Duration;

use sd_notify::NotifyState;

/// Tells systemd, where there is one.
pub fn say(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("systemd was not told: {error}");
    }
}

/// Gives systemd a sign of life three times in the time after which it would restart the program, as
/// long as `lag` is below half of that; for ever, and not at all where nobody asked for it.
///
/// Cancel safety: it can be dropped at any time; then the signs end.
pub async fn pet_watchdog(lag: impl Fn() -> Duration) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let mut tick = tokio::time::interval((limit / 3).max(Duration::from_millis(1)));
    loop {
        tick.tick().await;
        let lag = lag();
        if lives(lag, limit) {
            say(&[NotifyState::Watchdog]);
        } else {
            tracing::error!(
                "the monitor is {} s late: systemd is not told that it lives",
                lag.as_secs()
            );
        }
    }
}

fn lives(lag: Duration, limit: Duration) -> bool {
    lag < limit / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monitor_that_hangs_does_not_live() {
        let s = Duration::from_secs;
        assert!(lives(s(0), s(60)) && lives(s(29), s(60)));
        assert!(!lives(s(30), s(60)) && !lives(s(600), s(60)));
    }
}
