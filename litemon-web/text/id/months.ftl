# Short names of the months.

months-january = Jan
months-february = Feb
months-march = Mar
months-april = Apr
months-may = Mei
months-june = Jun
months-july = Jul
months-august = Agu
months-september = Sep
months-october = Okt
months-november = Nov
months-december = Des
