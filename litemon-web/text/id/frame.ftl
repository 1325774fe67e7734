# What stands around every page.

frame-pages = Halaman
frame-language = Bahasa
frame-jobs = Tugas
frame-reports = Laporan
frame-admin = Administrasi
frame-account = Akun
