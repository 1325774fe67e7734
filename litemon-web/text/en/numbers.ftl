# Messaging and statistics, and how numbers are written.

numbers-messaging = Messaging
numbers-statistics = Statistics
numbers-failed = Failed
numbers-delay = Delay
numbers-expires = Expires after
numbers-last_hour = Last hour
numbers-last_day = Last 24 hours
numbers-as_many_as_yesterday = As many as all of yesterday
numbers-today = Today
numbers-yesterday = Yesterday
numbers-this_week = This week
numbers-this_month = This month
numbers-total = Total
numbers-thousands = ,
numbers-decimal = .
numbers-between = between { $low } and { $high }
numbers-part_of_yesterday = So far { $part }{"\u00A0"}% of all of yesterday
numbers-more_than_yesterday = Already { $count } more than all of yesterday
