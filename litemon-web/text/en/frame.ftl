# What stands around every page.

frame-pages = Pages
frame-language = Language
frame-jobs = Jobs
frame-reports = Reports
frame-admin = Administration
frame-account = Account of
