# Lists of servers and what narrows them.

list-find = Cari
list-group = Grup
list-groups = Grup
list-label = Label
list-no_group = Tanpa grup
list-all = semua
list-with_problem = dengan gangguan
list-show = Tampilkan
list-show_all = Tampilkan semua
list-none = Tidak ada server yang sesuai.
list-off = Layanan off
list-found = { $count } dari { $of }
list-more = dan { $count } gangguan lagi: lihat server yang mengalaminya
list-count =
    { $count ->
       *[other] { $text } server
    }
