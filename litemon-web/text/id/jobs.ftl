# Jobs, what starts them, and how they end.

jobs-jobs = Tugas
jobs-what = Apa
jobs-who = Oleh
jobs-when = Waktu
jobs-took = Lama
jobs-servers = Server
jobs-results = Hasil
jobs-all = semua
jobs-find = Cari
jobs-state = Keadaan
jobs-show = Tampilkan
jobs-show_all = Tampilkan semua
jobs-running_ones = sedang berjalan
jobs-failed_ones = dengan kegagalan
jobs-done_ones = selesai
jobs-none_yet = Belum ada yang dijalankan
jobs-none_yet_hint = Pilih server di daftar, lalu tindakan atau perintah. Apa yang dijalankan, oleh siapa dan hasilnya disimpan di sini.
jobs-none_found = Tidak ada tugas yang sesuai.
jobs-older = Tugas lebih lama
jobs-newest = Tugas terbaru
jobs-unknown_number = Tidak ada tugas bernomor ini
jobs-unknown_number_hint = Mungkin sudah dihapus: tugas disimpan untuk beberapa waktu. Yang masih disimpan ada di daftar.
jobs-to_list = Ke daftar tugas
jobs-to_servers = Ke daftar server
jobs-away = Tugas tidak dapat dibaca sekarang
jobs-away_hint = Yang berjalan tetap berjalan. Halaman ini mencoba lagi sendiri.
jobs-waiting = Menunggu
jobs-waits_for_turn = giliran
jobs-running = Berjalan
jobs-cancelling = Sedang dibatalkan
jobs-ok = Berhasil
jobs-failed = Gagal
jobs-signalled = Diakhiri sinyal
jobs-sudo_refused = sudo menolak
jobs-unreachable = Tak terjangkau
jobs-host_key = Host key tidak dipercaya
jobs-auth = Login ditolak
jobs-timed_out_ended = Waktu habis, diakhiri
jobs-timed_out_running = Waktu habis, mungkin masih berjalan
jobs-dropped = Koneksi terputus
jobs-cancelled = Dibatalkan
jobs-unknown = Tidak diketahui
jobs-cancel = Batalkan semua
jobs-cancel_one = Batalkan di sini
jobs-output = Keluaran
jobs-no_output = Tanpa keluaran.
jobs-whole_output = Sebagai teks
jobs-cut = Bagian awal tidak ditampilkan di sini.
jobs-same_head = Keluaran sama
jobs-differs = Berbeda dari kebanyakan
jobs-command = Perintah
jobs-as_root = sebagai root
jobs-terminal = dengan terminal
jobs-one_by_one = satu server demi satu
jobs-select_none = Batalkan pilihan
jobs-select_hint = Pilih server untuk menjalankan sesuatu di sana.
jobs-choose_first = Pilih setidaknya satu server, lalu pilih apa yang dijalankan.
jobs-command_hint = uptime
jobs-run = Jalankan
jobs-as_root_box = Sebagai root (sudo)
jobs-back = Kembali, jangan jalankan
jobs-think_twice = Pikirkan dahulu
jobs-password = Kata sandi Anda
jobs-password_hint = Tindakan ini memintanya sekali lagi.
jobs-at_once_head = Urutan
jobs-at_once_all = semua sekaligus
jobs-run_here = Jalankan di sini
jobs-do_ping = Ping
jobs-do_restart = Mulai ulang
jobs-do_shutdown = Matikan
jobs-do_cancel_shutdown = Batalkan pemadaman
jobs-do_refresh = Segarkan daftar paket
jobs-do_update = Perbarui
jobs-do_full_upgrade = Perbarui penuh
jobs-do_service = Layanan
jobs-do_service_start = Mulai layanan
jobs-do_service_stop = Hentikan layanan
jobs-do_service_restart = Mulai ulang layanan
jobs-doubt_down = sudah mati
jobs-doubt_own = litemon sendiri berjalan di sana
jobs-not_done = Itu tidak dilakukan
jobs-ran = Yang sudah dijalankan
jobs-planned = Tugas terjadwal
jobs-planned_name = Tugas
jobs-planned_times = Berjalan
jobs-planned_next = Berikutnya
jobs-planned_last = Terakhir
jobs-planned_run = Jalankan sekarang
jobs-planned_called = saat dipanggil
jobs-planned_also = dan saat dipanggil
jobs-planned_never = belum pernah
jobs-planned_off = dimatikan
jobs-planned_skipped = Tidak berjalan pada
jobs-planned_missed = litemon tidak berjalan saat itu
jobs-until_back = sampai kembali, paling lambat { $time }
jobs-planned_running = berjalan sebagai tugas { $number }
jobs-planned_ran = tugas { $number } belum selesai
jobs-planned_ask = Jalankan { $name } sekarang?
jobs-planned_as = tugas terjadwal { $name }
jobs-planned_on = Jalankan di { $count } server
jobs-pick = Pilih { $name }
jobs-servers_count = { $count } server
jobs-select_all = Pilih semua { $count }
jobs-selected = { $count } server dipilih
jobs-verdict_running =
    { $count ->
        [1] berjalan
       *[other] { $done } dari { $count } server selesai
    }
jobs-verdict_ok =
    { $count ->
        [1] berhasil
       *[other] semua { $count } server berhasil
    }
jobs-verdict_failed =
    { $count ->
        [1] tidak berhasil
       *[other] { $failed } dari { $count } server tidak berhasil
    }
jobs-verdict_cancelled =
    { $count ->
        [1] dibatalkan
       *[other] dibatalkan di { $cancelled } dari { $count } server
    }
jobs-by = oleh { $name }
jobs-retry_of = ulangan #{ $number }
jobs-again = Jalankan lagi di { $count } yang tidak berhasil
jobs-on = { $what } { $count } server
jobs-on_one = { $what } { $server }
jobs-ask = { $what }: { $count } server?
jobs-ask_one = { $what }: { $server }?
jobs-at_once = { $count } sekaligus
jobs-limit_each = paling lama { $time } tiap server
jobs-exit_status = status keluar { $status }
jobs-by_signal = sinyal { $signal }
jobs-output_of = Keluaran { $server }
jobs-between = Bilangan bulat dari { $min } sampai { $max }
jobs-pattern = Harus cocok dengan { $pattern }
jobs-count_ok = { $count } berhasil
jobs-count_failed = { $count } tidak berhasil
jobs-count_running = { $count } berjalan
jobs-count_waiting = { $count } menunggu
jobs-count_cancelled = { $count } dibatalkan
jobs-running_count = { $count } tugas sedang berjalan
jobs-doubt_last = tidak ada server lain dari { $group } yang tersisa
jobs-doubt_planned = sedang dimulai ulang atau dimatikan oleh { $name }
jobs-doubt_packages = paketnya sedang dipakai oleh { $what }
jobs-doubt_disk = disknya { $percent }% penuh
jobs-doubt_jump = hanya lewat server ini dapat dijangkau: { $names }
