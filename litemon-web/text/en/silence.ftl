# Who takes an incident, and when people are not told.

silence-take = I take it
silence-take_for = for
silence-until_over = until it is over
silence-give_up = I don't take it any more
silence-planned = Not told: its server is being restarted, or was shut down
silence-isolated = Not told: litemon's own network is away, or nobody looked since it is back
silence-maintenance = Maintenance
silence-maintenance_hint = Problems of these are not told meanwhile; what still holds when it is over is told then. Checks go on.
silence-muted = Muted
silence-none = Everything is told: nothing is under maintenance or muted.
silence-kind = What for
silence-targets = What
silence-targets_hint = web-1, @group, web-1/nginx or all; several with spaces
silence-from = From
silence-from_hint = 2026-11-22 02:30; now when empty
silence-till = Until
silence-lasts = For how long
silence-by = Who
silence-note = Why
silence-add = Tell nothing meanwhile
silence-end = End it
silence-of_file = from the file
silence-now = now
silence-coming = comes
silence-no_targets = Say what it is about: a server, a @group, a check, or all.
silence-no_time = This is no time; expected as 2026-11-22 02:30.
silence-taken_by = Taken by { $name }
silence-until = until { $time }
silence-dependency = Not told: it follows from { $check }
silence-awaiting = Not told yet: { $check } is asked
silence-window = Not told until { $time }, by { $name }
silence-flapping = It comes and goes since { $time }
silence-remedy_runs = Remedy { $name }: being run
silence-remedy_verified = Remedy { $name }: was run, it has to be well again by { $time }
silence-remedy_failed = Remedy { $name }: run { $count }×, did not help
silence-remedy_given_up = Remedy { $name }: run { $count }×, not tried any more
silence-hours =
    { $count ->
        [one] 1 hour
       *[other] { $count } hours
    }
silence-minutes =
    { $count ->
        [one] 1 minute
       *[other] { $count } minutes
    }
