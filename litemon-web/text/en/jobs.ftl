# Jobs, what starts them, and how they end.

jobs-jobs = Jobs
jobs-what = What
jobs-who = Who
jobs-when = When
jobs-took = Took
jobs-servers = Servers
jobs-results = Outcome
jobs-all = all
jobs-find = Find
jobs-state = State
jobs-show = Show
jobs-show_all = Show all
jobs-running_ones = running
jobs-failed_ones = with a failure
jobs-done_ones = over
jobs-none_yet = Nothing has been run yet
jobs-none_yet_hint = Choose servers in the list, then an action or a command. What was run, by whom and how it ended is kept here.
jobs-none_found = No job is as you asked.
jobs-older = Older jobs
jobs-newest = Newest jobs
jobs-unknown_number = There is no job of this number
jobs-unknown_number_hint = It may have been removed: jobs are kept for a time. Those that are kept are in the list.
jobs-to_list = To the list of jobs
jobs-to_servers = To the list of servers
jobs-away = Jobs cannot be read now
jobs-away_hint = What runs goes on. This page tries again by itself.
jobs-waiting = Waiting
jobs-waits_for_turn = for its turn
jobs-running = Running
jobs-cancelling = Being cancelled
jobs-ok = Succeeded
jobs-failed = Failed
jobs-signalled = Ended by a signal
jobs-sudo_refused = sudo refused
jobs-unreachable = Unreachable
jobs-host_key = Host key not trusted
jobs-auth = Login refused
jobs-timed_out_ended = Out of time, ended
jobs-timed_out_running = Out of time, may still run
jobs-dropped = Connection lost
jobs-cancelled = Cancelled
jobs-unknown = Not known
jobs-cancel = Cancel all
jobs-cancel_one = Cancel here
jobs-output = Output
jobs-no_output = No output.
jobs-whole_output = As plain text
jobs-cut = The beginning is left out here.
jobs-same_head = Same output
jobs-differs = Differs from the most
jobs-command = Command
jobs-as_root = as root
jobs-terminal = with a terminal
jobs-one_by_one = one server after the other
jobs-select_none = Select none
jobs-select_hint = Select servers to run something on them.
jobs-choose_first = Select at least one server, then choose what to run.
jobs-command_hint = uptime
jobs-run = Run
jobs-as_root_box = As root (sudo)
jobs-back = Back, run nothing
jobs-think_twice = Think twice
jobs-password = Your password
jobs-password_hint = This action asks for it again.
jobs-at_once_head = Order
jobs-at_once_all = all at once
jobs-run_here = Run here
jobs-do_ping = Ping
jobs-do_restart = Restart
jobs-do_shutdown = Shut down
jobs-do_cancel_shutdown = Undo shutdown
jobs-do_refresh = Refresh package lists
jobs-do_update = Update
jobs-do_full_upgrade = Full upgrade
jobs-do_service = Service
jobs-do_service_start = Start service
jobs-do_service_stop = Stop service
jobs-do_service_restart = Restart service
jobs-doubt_down = is down already
jobs-doubt_own = litemon itself runs there
jobs-not_done = That was not done
jobs-ran = What ran
jobs-planned = Planned jobs
jobs-planned_name = Job
jobs-planned_times = Runs
jobs-planned_next = Next
jobs-planned_last = Last
jobs-planned_run = Run now
jobs-planned_called = when it is called
jobs-planned_also = and when it is called
jobs-planned_never = never
jobs-planned_off = switched off
jobs-planned_skipped = Did not run at
jobs-planned_missed = litemon did not run then
jobs-until_back = until it is back, by { $time }
jobs-planned_running = runs as job { $number }
jobs-planned_ran = job { $number } had not ended
jobs-planned_ask = Run { $name } now?
jobs-planned_as = planned job { $name }
jobs-planned_on =
    { $count ->
        [one] Run on 1 server
       *[other] Run on { $count } servers
    }
jobs-pick = Select { $name }
jobs-servers_count =
    { $count ->
        [one] 1 server
       *[other] { $count } servers
    }
jobs-select_all = Select all { $count }
jobs-selected =
    { $count ->
        [one] 1 server selected
       *[other] { $count } servers selected
    }
jobs-verdict_running =
    { $count ->
        [one] running
       *[other] { $done } of { $count } servers done
    }
jobs-verdict_ok =
    { $count ->
        [one] succeeded
       *[other] all { $count } servers succeeded
    }
jobs-verdict_failed =
    { $count ->
        [one] did not succeed
       *[other] { $failed } of { $count } servers did not succeed
    }
jobs-verdict_cancelled =
    { $count ->
        [one] cancelled
       *[other] cancelled on { $cancelled } of { $count } servers
    }
jobs-by = by { $name }
jobs-retry_of = again after #{ $number }
jobs-again =
    { $count ->
        [one] Run again on the 1 that did not succeed
       *[other] Run again on the { $count } that did not succeed
    }
jobs-on =
    { $count ->
        [one] { $what } 1 server
       *[other] { $what } { $count } servers
    }
jobs-on_one = { $what } { $server }
jobs-ask =
    { $count ->
        [one] { $what }: 1 server?
       *[other] { $what }: { $count } servers?
    }
jobs-ask_one = { $what }: { $server }?
jobs-at_once = { $count } at once
jobs-limit_each = at most { $time } each
jobs-exit_status = exit status { $status }
jobs-by_signal = signal { $signal }
jobs-output_of = Output of { $server }
jobs-between = A whole number from { $min } to { $max }
jobs-pattern = Has to match { $pattern }
jobs-count_ok = { $count } succeeded
jobs-count_failed = { $count } did not succeed
jobs-count_running = { $count } running
jobs-count_waiting = { $count } waiting
jobs-count_cancelled = { $count } cancelled
jobs-running_count =
    { $count ->
        [one] 1 job is running
       *[other] { $count } jobs are running
    }
jobs-doubt_last = no other server of { $group } would be left
jobs-doubt_planned = is being restarted or was shut down by { $name }
jobs-doubt_packages = its packages are in use by { $what }
jobs-doubt_disk = its disk is { $percent }% full
jobs-doubt_jump = only through it can be reached: { $names }
