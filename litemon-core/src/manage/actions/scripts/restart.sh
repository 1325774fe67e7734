# Restarts the server.
if command -v shutdown >/dev/null 2>&1; then exec shutdown -r now; fi
if command -v reboot >/dev/null 2>&1; then exec reboot; fi
echo 'no shutdown or reboot was found on this server' >&2
exit 69
