# Reports.

report-reports = Reports
report-report = Report
report-services = Services and other checks
report-service = Service
report-server = Server
report-available = Available
report-down = Down
report-unknown = Unknown
report-planned = Planned
report-incidents = Incidents
report-number = No.
report-since = Since
report-lasted = Lasted
report-told_after = Told after
report-open = still open
report-nobody = nobody
report-not_told = not told
report-resources = Busiest resources
report-mean = Mean
report-highest = Highest
report-at = At
report-new = New
report-total = In all
report-days = Days counted
report-jobs = Jobs
report-operator = Operator
report-outcomes = Outcomes
report-what = What
report-none = None in this time.
report-no_incident = No incident.
report-nothing_known = Nothing is known of any server in this time.
report-about_shares = Available is a part of the time that is known and was not planned, rounded down.
report-today = Today
report-yesterday = Yesterday
report-this_week = This week
report-last_week = Last week
report-this_month = This month
report-last_month = Last month
report-from = From
report-until = Until
report-show = Show
report-earlier = Earlier
report-later = Later
report-times = Time of the report
report-unreadable = That is no time. Choose a first and a last day.
report-backwards = The last day is before the first one.
report-too_long = A report may be of ten years at most.
report-to_come = That time has not begun.
report-slow = The report takes too long. Choose a shorter time, or make it with “litemon report”.
report-away = The history cannot be read now. See whether the database answers, and try again.
report-so_far = As of { $time }: this time is not over.
report-to = { $from } to { $to }
report-were_available =
    { $count ->
        [one] 1 server was available { $share } of the known time.
       *[other] { $count } servers were available { $share } of the known time.
    }
report-were_incidents =
    { $count ->
        [one] 1 incident.
       *[other] { $count } incidents.
    }
report-were_told = Told after { $mean } on average, { $longest } at most.
report-were_over = Over after { $mean } on average, { $longest } at most.
report-more = and { $count } more: the CSV has them
report-days_of = { $count } of { $of }
report-outcome =
    { $word ->
        [ok] { $count } ok
        [failed] { $count } failed
        [signalled] { $count } ended by a signal
        [sudo_refused] { $count } refused by sudo
        [unreachable] { $count } unreachable
        [host_key] { $count } with an untrusted host key
        [auth] { $count } refused the login
        [timed_out] { $count } timed out
        [dropped] { $count } lost
        [cancelled] { $count } cancelled
        [running] { $count } running
       *[other] { $count } unknown
    }
