# Server yang sedang dimulai ulang atau dimatikan.

planned-restarting = dimulai ulang
planned-leaving = sedang dimatikan
planned-off = mati
planned-back = sedang menyala
planned-by = { $state }, direncanakan oleh { $who }
