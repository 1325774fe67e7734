# Units of a duration.

units-second = dtk
units-minute = mnt
units-hour = jam
units-day = hari
