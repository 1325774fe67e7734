# Words that many pages have.

page-overview = Overview
page-servers = Servers
page-other_checks = Other checks
page-skip = Skip to the content
page-live = live
page-without_scripts = This page loads itself again every 10 seconds.
page-last_result = Last result
page-ago = ago
page-lost = The connection to the monitor is lost. It is being tried again; what you see is as it was at
page-stale_notice = No results arrive. What you see is old.
page-waiting = Waiting for the first result
page-waiting_hint = The monitor has just started. Results show here as they come.
page-nothing = Nothing is monitored yet
page-nothing_hint = Add a server to litemon.toml, prove it with “litemon config check”, then reload the monitor with SIGHUP.
page-stale = The monitor has stopped
page-stale_hint = No results arrive, so nothing below can be relied on. See whether “litemon run” still runs, and its log.
page-isolated = litemon cannot reach its own network
page-isolated_hint = What is beyond it is unknown, and no server is declared down. Once it is back, everything is looked at again.
page-cut_off = Cut off
page-journal_hint = The monitor cannot write its journal. See that its disk has room.
page-own_fault = The monitor itself has a fault
page-unreachable = Unreachable
page-is_unreachable = is unreachable
page-refuses_login = refuses the login
page-key_untrusted = shows a host key that is not trusted
page-is_busy = is too busy to be logged in to
page-is_off = is Off
page-is_unknown = is unknown
page-is_critical = is critical
page-failed = failed
page-warns = warns
page-above = above
page-since = since
page-told = told
page-telling = being told
page-queued = queued at the gateway
page-held = to be told at
page-with_others = one message with others
page-delivered = delivered
page-undelivered = did not arrive
page-not_reached = not reached
page-nobody = nobody is told
page-on = On
page-off = Off
page-ok = OK
page-warning = Warning
page-critical = Critical
page-unknown = Unknown
page-no_value = no value
page-history = Last 24 hours
page-check = Check
page-state = State
page-value = Value
page-since_head = Since
page-last_head = Last result
page-address = Address
page-over = over
page-not_found = There is no such page
page-not_found_hint = The address is wrong, or what it showed was taken out of the configuration.
page-not_allowed = That cannot be done here
page-not_allowed_hint = This page can only be read.
page-wrong_host = The dashboard does not answer to this name
page-wrong_host_hint = Open it by the address it listens on, or add the name to “hosts” in [web].
page-back = To the overview
page-attempt = attempt { $count } of { $of }
page-together = one message with { $count } notices
page-problems =
    { $count ->
        [one] 1 problem
       *[other] { $count } problems
    }
page-all_run =
    { $count ->
        [one] The server runs
       *[other] All { $count } servers run
    }
page-all_checks =
    { $count ->
        [one] The check is OK
       *[other] All { $count } checks are OK
    }
page-some_run = { $count } of { $of } servers run as they should.
page-services_off =
    { $count ->
        [one] 1 service off
       *[other] { $count } services off
    }
page-history_summary =
    { $bad ->
        [0]
            { $unknown ->
                [0] no problem
               *[other] no problem; nothing known in { $unknown } of 48 half hours
            }
       *[other]
            { $unknown ->
                [0] problems in { $bad } of 48 half hours
               *[other] problems in { $bad } of 48 half hours; nothing known in { $unknown }
            }
    }
