//! Words of rolling jobs.

super::area::words! {
    /// See [`Words`](super::Words).
    RollingWords "rolling" {
        settling,
        unwell,
        not_begun,
        pause,
        go_on,
        paused_canary,
        paused_restart,
        stopped_paused,
        // Asking for one.
        way,
        head,
        about,
        canary,
        batch,
        batch_hint,
        rounds,
        rounds_hint,
        minutes,
        max_failures,
        keep_healthy,
        keep_healthy_hint,
        pause_after_canary,
    }
    with {
        count_not_begun(count),
        number(number),
        step(number, count),
        canary_first(count),
        together(batch),
        checked(count),
        keeps(share),
        waits(group, well, needed),
        paused_by(name),
        stopped_failure(server),
        stopped_failures(failed, server),
        stopped_short(group, well, needed),
    }
}
