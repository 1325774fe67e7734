# Charts and the pages that have them.

charts-range_hour = 1 jam
charts-range_day = 24 jam
charts-range_week = 7 hari
charts-range_month = 30 hari
charts-range_year = 1 tahun
charts-range = Rentang
charts-millisecond = md
charts-course = Riwayat
charts-lowest = terendah
charts-mean = rata-rata
charts-highest = tertinggi
charts-spread = terendah sampai tertinggi
charts-limit = batas
charts-incident = insiden
charts-no_record = tidak diketahui
charts-nothing_measured = Tidak ada yang diukur dalam waktu ini.
charts-reading = Riwayat sedang dibaca …
charts-slow = Riwayat tidak menjawab pada waktunya. Dicoba lagi setiap beberapa detik.
charts-unreadable = Riwayat tidak dapat dibaca sekarang. Dicoba lagi setiap beberapa detik.
charts-times_in = Waktu dalam
charts-keys = Tombol panah menunjukkan tiap nilai
charts-as_table = Sebagai tabel
charts-time = Waktu
charts-from = Dari
charts-to = Sampai
charts-lasted = Lamanya
charts-trends = 24 jam terakhir
charts-checks = Pemeriksaan
charts-availability = Ketersediaan
charts-no_outage = tanpa gangguan
charts-down = mati
charts-unknown = tidak diketahui
charts-nothing_known = tidak diketahui
charts-incidents = Insiden
charts-no_incidents = Tidak ada dalam setahun terakhir.
charts-open = berlangsung
charts-withdrawn = pemeriksaan dihapus
charts-now = sekarang
charts-limit_is = batas
charts-warns_from = peringatan di atas
charts-blocked = Tidak ada yang diketahui selama servernya tidak terjangkau.
charts-says = Pesannya
charts-last_failure = Kegagalan terakhir
charts-checked = Cara pemeriksaan
charts-interval = Selang
charts-timeout = Batas waktu
charts-attempts = Gangguan setelah
charts-told = Diberi tahu
charts-somebody = ada yang diberi tahu
charts-took = Lama pemeriksaan terakhir
charts-overruns = Pemeriksaan dilewati
charts-job = tugas
charts-ran = Yang dijalankan di sini
charts-server_says = Kata server tentang dirinya
charts-asked = Ditanya pukul
charts-system = Sistem
charts-kernel = Kernel
charts-up_for = Menyala selama
charts-addresses = Alamat
charts-updates = Pembaruan
charts-restart_needed = Perlu dimulai ulang
charts-restart_yes = ya
charts-restart_no = tidak
charts-as_of = Ini keadaan pukul { $time }.
charts-attempt_says = Hasil terakhir menunjukkan { $word }
charts-in_a_row =
    { $count ->
        [0] 1 hasil yang tidak OK
        [1] 1 hasil yang tidak OK
       *[other] { $count } hasil berturut-turut yang tidak OK
    }
charts-skipped =
    { $count ->
        [0] tidak ada
       *[other] { $count }, karena yang sebelumnya belum selesai
    }
charts-updates_count =
    { $count ->
        [0] tidak ada
       *[other] { $count }
    }
charts-updates_of = { $count }, { $security } di antaranya untuk keamanan
