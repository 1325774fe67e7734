# Messaging and statistics, and how numbers are written.

numbers-messaging = Pesan antar server
numbers-statistics = Statistik
numbers-failed = Gagal
numbers-delay = Jeda
numbers-expires = Kedaluwarsa setelah
numbers-last_hour = Satu jam terakhir
numbers-last_day = 24 jam terakhir
numbers-as_many_as_yesterday = Sama dengan seluruh kemarin
numbers-today = Hari ini
numbers-yesterday = Kemarin
numbers-this_week = Minggu ini
numbers-this_month = Bulan ini
numbers-total = Jumlah
numbers-thousands = .
numbers-decimal = ,
numbers-between = antara { $low } dan { $high }
numbers-part_of_yesterday = Sejauh ini { $part }{"\u00A0"}% dari seluruh kemarin
numbers-more_than_yesterday = Sudah { $count } lebih banyak dari seluruh kemarin
