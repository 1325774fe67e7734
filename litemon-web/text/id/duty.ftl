# Siapa yang bertugas.

duty-on_call = Bertugas
duty-until = sampai
duty-then = lalu
duty-monday = Sen
duty-tuesday = Sel
duty-wednesday = Rab
duty-thursday = Kam
duty-friday = Jum
duty-saturday = Sab
duty-sunday = Min
