# The page on which servers are added and edited.

inventory-add = Tambah server
inventory-none = Tidak ada server yang sesuai.
inventory-to_list = Ke daftar server
inventory-name = Nama
inventory-name_hint = Huruf, angka, titik, tanda hubung; nama tetap, karena riwayatnya disimpan dengan nama itu.
inventory-address = Alamat
inventory-address_hint = Host, host:port, atau [IPv6]:port
inventory-place = Letaknya
inventory-login = Login
inventory-watched = Yang diperiksa
inventory-told = Yang diberi tahu
inventory-groups = Grup
inventory-groups_hint = Server ini mengikuti apa yang dikatakan grup-grup itu di konfigurasi.
inventory-labels = Label
inventory-labels_hint = KUNCI=TEKS, satu per baris
inventory-profiles = Profil
inventory-profiles_hint = Kumpulan pemeriksaan; “linux” berarti cpu, mem, dan hdd. Keterjangkauan selalu diperiksa.
inventory-services = Layanan
inventory-services_hint = On selama perintah berakhir dengan status keluar 0 dan, bila ada yang diharapkan, keluarannya cocok. Kosongkan baris untuk menghapusnya; baris terakhir untuk yang baru.
inventory-resources = Persentase
inventory-resources_hint = cpu, mem, dan hdd tidak perlu perintah; yang lain mencetak angka 0 sampai 100. Di atas ambang, itu gangguan.
inventory-check_name = Nama
inventory-command = Perintah
inventory-expect = Diharapkan (pola)
inventory-threshold = Ambang (%)
inventory-tells = Gangguan server ini
inventory-tells_default = diberitahukan menurut grupnya atau konfigurasi
inventory-tells_own = diberitahukan kepada yang dicentang
inventory-notifiers = Penerima
inventory-notify_hint = Berlaku hanya bila dipilih di atas; tanpa centang, tidak ada yang diberi tahu.
inventory-device = Sistem
inventory-user = Pengguna
inventory-default_hint = Kosong: menurut konfigurasi
inventory-identity = Berkas kunci
inventory-identity_hint = Jalur di mesin tempat litemon berjalan, mulai dari / atau ~/; kosong: menurut konfigurasi
inventory-jump = Melalui (jump host)
inventory-jump_hint = Nama server, atau pengguna@host:port; kosong: langsung
inventory-password = Kata sandi
inventory-sudo_password = Kata sandi sudo
inventory-secret_hint = Disimpan terenkripsi, tidak pernah ditampilkan. Kosong: tanpa
inventory-private_key = Kunci privat
inventory-private_key_hint = Tanpa frasa sandi, seperti ditulis OpenSSH. Disimpan terenkripsi, tidak pernah ditampilkan. Kosong: tanpa
inventory-stored = Sudah ada yang tersimpan. Bila kosong, tetap dipakai.
inventory-forget = Hapus yang tersimpan
inventory-checks = Pemeriksaan
inventory-origin = Dikelola
inventory-locked = dari berkas, terkunci
inventory-locked_hint = dari berkas konfigurasi, dan diubah di sana
inventory-editable = ditambahkan di sini
inventory-save = Simpan
inventory-remove = Hapus
inventory-remove_hint = Server tidak dipantau lagi, rahasianya yang tersimpan dihapus, dan gangguannya yang terbuka ditutup sebagai ditarik. Riwayatnya tetap ada.
inventory-is_added = Sudah ditambahkan, dan dipantau dalam hitungan detik. Uji sekarang: host key-nya harus dipercaya sekali.
inventory-is_saved = Tersimpan. Berlaku dalam hitungan detik.
inventory-to_server = Keadaannya sekarang
inventory-test = Uji
inventory-tested = Yang berfungsi
inventory-reachable = Terjangkau
inventory-host_key = Host key
inventory-sudo = sudo
inventory-works = berfungsi
inventory-not_tried = tidak dicoba
inventory-trusted = dipercaya
inventory-changed = bukan yang dipercaya
inventory-revoked = dicabut, jangan dipercaya
inventory-unknown_key = belum dipercaya
inventory-pin = Percayai kunci ini
inventory-pin_hint = Cocokkan dahulu sidik jarinya. Di server itu sendiri dapat dilihat dengan:
inventory-pin_changed = Server dipasang ulang, atau ada yang menyela di tengah. Percayai kunci baru hanya bila Anda tahu mengapa berubah; di server itu sendiri dapat dilihat dengan:
inventory-remove_named = Hapus { $name }
inventory-remove_sure = Hapus { $name }?
inventory-counted =
    { $locked ->
        [0] { $added } ditambahkan di sini.
       *[other] { $added } ditambahkan di sini, { $locked } dari berkas. Yang dari berkas diubah di sana.
    }
