# Rolling jobs: one batch of servers after the other.

rolling-settling = Waiting for its checks
rolling-unwell = Not well after it
rolling-not_begun = Not begun
rolling-pause = Pause
rolling-go_on = Continue
rolling-paused_canary = Paused after the canary, as was asked for.
rolling-paused_restart = Paused, since litemon was restarted.
rolling-stopped_paused = Stopped: it was paused for too long.
rolling-way = one batch after the other, only while their checks are OK
rolling-head = One batch after the other
rolling-about = The next batch begins once the checks of the one before that were OK are OK again. Counts where it is chosen as the order.
rolling-canary = Servers that go first, by themselves
rolling-batch = Servers that go together after that
rolling-batch_hint = A number, or a part of all as 25%
rolling-rounds = How often in a row each check has to be OK again
rolling-rounds_hint = 0: checks are not looked at
rolling-minutes = How many minutes that may take
rolling-max_failures = How many servers may fail before it stops
rolling-keep_healthy = How many servers of each group stay well
rolling-keep_healthy_hint = A number, or a part as 80%; empty: any
rolling-pause_after_canary = Pause after the first ones, until you say to go on
rolling-count_not_begun = { $count } not begun
rolling-number = batch { $number }
rolling-step = Batch { $number } of { $count }.
rolling-canary_first =
    { $count ->
        [one] 1 server first
       *[other] { $count } servers first
    }
rolling-together = batches of { $batch }
rolling-checked =
    { $count ->
        [one] checks OK once
       *[other] checks OK { $count } times
    }
rolling-keeps = { $share } of each group stay well
rolling-waits = Waiting: only { $well } of { $group } would be well, { $needed } are to be.
rolling-paused_by = Paused by { $name }.
rolling-stopped_failure = Stopped: { $server } did not succeed.
rolling-stopped_failures = Stopped: { $failed } did not succeed, the last { $server }.
rolling-stopped_short = Stopped: only { $well } of { $group } would be well, { $needed } are to be.
