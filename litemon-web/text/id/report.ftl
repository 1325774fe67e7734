# Laporan.

report-reports = Laporan
report-report = Laporan
report-services = Layanan dan pemeriksaan lain
report-service = Layanan
report-server = Server
report-available = Tersedia
report-down = Mati
report-unknown = Tidak diketahui
report-planned = Direncanakan
report-incidents = Insiden
report-number = No.
report-since = Sejak
report-lasted = Lamanya
report-told_after = Diberitahukan setelah
report-open = masih terbuka
report-nobody = tidak kepada siapa pun
report-not_told = belum diberitahukan
report-resources = Sumber daya tersibuk
report-mean = Rata-rata
report-highest = Tertinggi
report-at = Pada
report-new = Baru
report-total = Seluruhnya
report-days = Hari terhitung
report-jobs = Tugas
report-operator = Operator
report-outcomes = Hasil
report-what = Apa
report-none = Tidak ada dalam waktu ini.
report-no_incident = Tidak ada insiden.
report-nothing_known = Tidak ada yang diketahui tentang server mana pun dalam waktu ini.
report-about_shares = Tersedia adalah bagian dari waktu yang diketahui dan tidak direncanakan, dibulatkan ke bawah.
report-today = Hari ini
report-yesterday = Kemarin
report-this_week = Minggu ini
report-last_week = Minggu lalu
report-this_month = Bulan ini
report-last_month = Bulan lalu
report-from = Dari
report-until = Sampai
report-show = Tampilkan
report-earlier = Sebelumnya
report-later = Sesudahnya
report-times = Waktu laporan
report-unreadable = Itu bukan waktu. Pilih hari pertama dan hari terakhir.
report-backwards = Hari terakhir mendahului hari pertama.
report-too_long = Laporan paling lama sepuluh tahun.
report-to_come = Waktu itu belum mulai.
report-slow = Laporan terlalu lama dibuat. Pilih waktu yang lebih pendek, atau buat dengan “litemon report”.
report-away = Riwayat tidak dapat dibaca sekarang. Periksa apakah basis data menjawab, lalu coba lagi.
report-so_far = Sampai { $time }: waktu ini belum selesai.
report-to = { $from } sampai { $to }
report-were_available = { $count } server tersedia { $share } dari waktu yang diketahui.
report-were_incidents = { $count } insiden.
report-were_told = Diberitahukan rata-rata setelah { $mean }, paling lama { $longest }.
report-were_over = Selesai rata-rata setelah { $mean }, paling lama { $longest }.
report-more = dan { $count } lagi: ada di CSV
report-days_of = { $count } dari { $of }
report-outcome =
    { $word ->
        [ok] { $count } berhasil
        [failed] { $count } gagal
        [signalled] { $count } diakhiri sinyal
        [sudo_refused] { $count } ditolak sudo
        [unreachable] { $count } tidak terjangkau
        [host_key] { $count } dengan kunci host tak tepercaya
        [auth] { $count } menolak login
        [timed_out] { $count } melewati batas waktu
        [dropped] { $count } terputus
        [cancelled] { $count } dibatalkan
        [running] { $count } berjalan
       *[other] { $count } tidak diketahui
    }
