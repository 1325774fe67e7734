# Why a check could not look.

failure-not_resolved = its name has no address
failure-refused = connection refused
failure-no_route = no route
failure-silent = no answer
failure-host_key = host key not trusted
failure-auth = login refused
failure-busy = busy
failure-dropped = connection dropped
failure-protocol = protocol error
failure-timeout = not done in time
failure-exit = the command failed
failure-output = output not understood
failure-overrun = the run before had not ended
failure-internal = a fault of the monitor
failure-pending = waits for its first call
failure-other = another failure
