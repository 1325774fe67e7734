# Charts and the pages that have them.

charts-range_hour = 1 h
charts-range_day = 24 h
charts-range_week = 7 d
charts-range_month = 30 d
charts-range_year = 1 y
charts-range = Range
charts-millisecond = ms
charts-course = History
charts-lowest = lowest
charts-mean = mean
charts-highest = highest
charts-spread = lowest to highest
charts-limit = limit
charts-incident = incident
charts-no_record = nothing known
charts-nothing_measured = Nothing was measured in this time.
charts-reading = The history is being read …
charts-slow = The history does not answer in time. It is tried again every few seconds.
charts-unreadable = The history cannot be read now. It is tried again every few seconds.
charts-times_in = Times in
charts-keys = Arrow keys show single values
charts-as_table = As a table
charts-time = Time
charts-from = From
charts-to = To
charts-lasted = Lasted
charts-trends = Last 24 hours
charts-checks = Checks
charts-availability = Availability
charts-no_outage = no outage
charts-down = down
charts-unknown = unknown
charts-nothing_known = nothing known
charts-incidents = Incidents
charts-no_incidents = None in the last year.
charts-open = open
charts-withdrawn = check removed
charts-now = now
charts-limit_is = limit
charts-warns_from = warning above
charts-blocked = Nothing is known of it while its server cannot be reached.
charts-says = It says
charts-last_failure = Last failure
charts-checked = How it is checked
charts-interval = Interval
charts-timeout = Time limit
charts-attempts = A problem after
charts-told = Told
charts-somebody = somebody is told
charts-took = Last run took
charts-overruns = Runs skipped
charts-job = job
charts-ran = What ran here
charts-server_says = What the server says of itself
charts-asked = Asked at
charts-system = System
charts-kernel = Kernel
charts-up_for = Up for
charts-addresses = Addresses
charts-updates = Updates
charts-restart_needed = Restart needed
charts-restart_yes = yes
charts-restart_no = no
charts-as_of = This is as of { $time }.
charts-attempt_says = The last results say { $word }
charts-in_a_row =
    { $count ->
        [0] 1 result that is not OK
        [one] 1 result that is not OK
       *[other] { $count } results in a row that are not OK
    }
charts-skipped =
    { $count ->
        [0] none
       *[other] { $count }, as the one before was not done
    }
charts-updates_count =
    { $count ->
        [0] none
       *[other] { $count }
    }
charts-updates_of = { $count }, { $security } of them for security
