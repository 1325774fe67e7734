# What stands around every page.

frame-pages = Pages
frame-language = Language
