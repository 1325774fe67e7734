# Short names of the months.

months-january = Jan
months-february = Feb
months-march = Mar
months-april = Apr
months-may = May
months-june = Jun
months-july = Jul
months-august = Aug
months-september = Sep
months-october = Oct
months-november = Nov
months-december = Dec
