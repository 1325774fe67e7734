# Units of a duration.

units-second = s
units-minute = min
units-hour = h
units-day = d
