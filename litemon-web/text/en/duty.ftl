# Who is on call.

duty-on_call = On call
duty-until = until
duty-then = then
duty-monday = Mon
duty-tuesday = Tue
duty-wednesday = Wed
duty-thursday = Thu
duty-friday = Fri
duty-saturday = Sat
duty-sunday = Sun
