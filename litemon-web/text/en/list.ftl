# Lists of servers and what narrows them.

list-find = Find
list-group = Group
list-groups = Groups
list-label = Label
list-no_group = In no group
list-all = all
list-with_problem = with a problem
list-show = Show
list-show_all = Show all
list-none = No server is as you asked.
list-off = Services off
list-found = { $count } of { $of }
list-more = and { $count } more problems: see the servers that have one
list-count =
    { $count ->
        [one] 1 server
       *[other] { $text } servers
    }
