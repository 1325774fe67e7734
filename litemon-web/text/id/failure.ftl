# Why a check could not look.

failure-not_resolved = namanya tidak punya alamat
failure-refused = koneksi ditolak
failure-no_route = tidak ada rute
failure-silent = tidak menjawab
failure-host_key = host key tidak dipercaya
failure-auth = login ditolak
failure-busy = sibuk
failure-dropped = koneksi terputus
failure-protocol = kesalahan protokol
failure-timeout = tidak selesai tepat waktu
failure-exit = perintah gagal
failure-output = keluaran tidak dipahami
failure-overrun = yang sebelumnya belum selesai
failure-internal = kesalahan monitor
failure-pending = menunggu panggilan pertama
failure-other = kegagalan lain
