# Servers that are being restarted or were shut down.

planned-restarting = restarting
planned-leaving = shutting down
planned-off = off
planned-back = starting
planned-by = { $state }, planned by { $who }
