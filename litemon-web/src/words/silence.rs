//! Words of who takes an incident, and of when people are not told.

super::area::words! {
    /// See [`Words`](super::Words).
    SilenceWords "silence" {
        take,
        take_for,
        until_over,
        give_up,
        planned,
        isolated,
        maintenance,
        maintenance_hint,
        muted,
        none,
        kind,
        targets,
        targets_hint,
        from,
        from_hint,
        till,
        lasts,
        by,
        note,
        add,
        end,
        of_file,
        now,
        coming,
        no_targets,
        no_time,
    }
    with {
        taken_by(name),
        until(time),
        dependency(check),
        awaiting(check),
        window(time, name),
        flapping(time),
        remedy_runs(name),
        remedy_verified(name, time),
        remedy_failed(name, count),
        remedy_given_up(name, count),
        hours(count),
        minutes(count),
    }
}
