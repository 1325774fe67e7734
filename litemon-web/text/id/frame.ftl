# What stands around every page.

frame-pages = Halaman
frame-language = Bahasa
frame-jobs = Pekerjaan
frame-reports = Laporan
frame-admin = Administrasi
frame-account = Akun
