# The pages about incidents.

incidents-incidents = Incidents
incidents-none_open = No incident is open
incidents-none_open_hint = Nothing needs a person now.
incidents-none_yet = There has been no incident yet. When a check fails, its story is kept here.
incidents-none_found = No incident is as you asked.
incidents-open = Open
incidents-closed = Over
incidents-older = Older incidents
incidents-newest = Newest incidents
incidents-server = Server
incidents-any = all
incidents-show = Show
incidents-show_all = Show all
incidents-away = The history cannot be read now, so only what the monitor itself knows is shown.
incidents-history_away = The history cannot be read now
incidents-away_hint = The monitor goes on and keeps what happens until the history is back. This page tries again by itself.
incidents-unknown_number = There is no incident of this number
incidents-unknown_number_hint = See whether the number is typed as in the message. All incidents are in the list.
incidents-to_list = To the list of incidents
incidents-was_off = was Off
incidents-was_unreachable = was unreachable
incidents-was_unknown = was unknown
incidents-had_failed = failed
incidents-had_warned = warned
incidents-was = was
incidents-end_unknown = how it ended is not known
incidents-told_head = Told
incidents-timeline = What happened
incidents-first_bad = First bad result
incidents-raised = It became a problem
incidents-became = It became
incidents-accepted = accepted
incidents-queued = queued at the gateway
incidents-try_failed = failed, to be tried again
incidents-given_up = given up
incidents-notice_raised = Problem notice
incidents-notice_escalated = Notice that it is worse
incidents-notice_reminder = Reminder
incidents-notice_unacknowledged = Notice that nobody took it
incidents-notice_acknowledged = Notice that somebody took it
incidents-notice_flapping = Notice that it comes and goes
incidents-notice_remedy = Remedy
incidents-notice_remedy_failed = Notice that the remedy did not help
incidents-notice_recovered = Recovery notice
incidents-notice_raised_and_recovered = Problem and recovery in one notice
incidents-notice_undelivered = Notice that another did not arrive
incidents-notice_job_ended = The end of a job
incidents-notice_test = Test message
incidents-notice_other = Notice
incidents-end_recovered = Recovered
incidents-end_withdrawn = Withdrawn: the check was taken out of the configuration
incidents-end_other = Ended
incidents-open_count =
    { $count ->
        [one] 1 open incident
       *[other] { $count } open incidents
    }
incidents-attempt = attempt { $count }
