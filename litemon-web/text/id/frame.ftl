# What stands around every page.

frame-pages = Halaman
frame-language = Bahasa
