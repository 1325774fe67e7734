# Words that many pages have.

page-overview = Ringkasan
page-servers = Server
page-other_checks = Pemeriksaan lain
page-skip = Langsung ke isi
page-live = langsung
page-without_scripts = Halaman ini dimuat ulang setiap 10 detik.
page-last_result = Hasil terakhir
page-ago = yang lalu
page-lost = Sambungan ke monitor terputus. Sedang dicoba lagi; yang terlihat adalah keadaan pada
page-stale_notice = Tidak ada hasil yang masuk. Yang terlihat sudah lama.
page-waiting = Menunggu hasil pertama
page-waiting_hint = Monitor baru saja dimulai. Hasil akan tampil di sini.
page-nothing = Belum ada yang dipantau
page-nothing_hint = Tambahkan server ke litemon.toml, periksa dengan “litemon config check”, lalu muat ulang monitor dengan SIGHUP.
page-stale = Monitor berhenti
page-stale_hint = Tidak ada hasil yang masuk, jadi isi di bawah tidak dapat diandalkan. Periksa apakah “litemon run” masih berjalan, dan lognya.
page-isolated = litemon terputus dari jaringannya
page-isolated_hint = Yang ada di baliknya tidak diketahui, dan tidak ada server yang dinyatakan mati. Setelah pulih, semuanya diperiksa lagi.
page-cut_off = Terputus
page-journal_hint = Monitor tidak dapat menulis jurnalnya. Periksa ruang disk.
page-own_fault = Monitor sendiri mengalami gangguan
page-unreachable = Tak terjangkau
page-is_unreachable = tidak terjangkau
page-refuses_login = menolak login
page-key_untrusted = menunjukkan host key yang tidak dipercaya
page-is_busy = terlalu sibuk untuk login
page-is_off = Off
page-is_unknown = tidak diketahui
page-is_critical = kritis
page-failed = gagal
page-warns = memberi peringatan
page-above = di atas
page-since = sejak
page-told = diberi tahu
page-telling = sedang diberi tahu
page-queued = antre di gateway
page-held = akan diberitahukan pukul
page-with_others = satu pesan bersama yang lain
page-delivered = diterima
page-undelivered = tidak sampai
page-not_reached = tidak tercapai
page-nobody = tidak ada yang diberi tahu
page-on = On
page-off = Off
page-ok = OK
page-warning = Peringatan
page-critical = Kritis
page-unknown = Tidak diketahui
page-no_value = tanpa nilai
page-history = 24 jam terakhir
page-check = Pemeriksaan
page-state = Keadaan
page-value = Nilai
page-since_head = Sejak
page-last_head = Hasil terakhir
page-address = Alamat
page-over = di atas
page-not_found = Halaman ini tidak ada
page-not_found_hint = Alamatnya salah, atau isinya sudah dikeluarkan dari konfigurasi.
page-not_allowed = Itu tidak dapat dilakukan di sini
page-not_allowed_hint = Halaman ini hanya dapat dibaca.
page-wrong_host = Dasbor tidak menjawab nama ini
page-wrong_host_hint = Buka dengan alamat tempat ia mendengarkan, atau tambahkan namanya ke “hosts” di [web].
page-back = Ke ringkasan
page-attempt = percobaan { $count } dari { $of }
page-together = satu pesan berisi { $count } pemberitahuan
page-problems = { $count } gangguan
page-all_run =
    { $count ->
        [1] Server berjalan
       *[other] Semua { $count } server berjalan
    }
page-all_checks =
    { $count ->
        [1] Pemeriksaan OK
       *[other] Semua { $count } pemeriksaan OK
    }
page-some_run = { $count } dari { $of } server berjalan sebagaimana mestinya.
page-services_off = { $count } layanan off
page-history_summary =
    { $bad ->
        [0]
            { $unknown ->
                [0] tanpa gangguan
               *[other] tanpa gangguan; { $unknown } dari 48 setengah jam tidak diketahui
            }
       *[other]
            { $unknown ->
                [0] gangguan dalam { $bad } dari 48 setengah jam
               *[other] gangguan dalam { $bad } dari 48 setengah jam; { $unknown } tidak diketahui
            }
    }
