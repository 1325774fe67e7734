# Shuts the server down, now or in some minutes.
minutes=${LITEMON_PARAM_IN:-0}
if command -v shutdown >/dev/null 2>&1; then
    case $(uname -s) in FreeBSD) how=-p ;; *) how=-P ;; esac
    if [ "$minutes" -eq 0 ]; then exec shutdown "$how" now; fi
    exec shutdown "$how" "+$minutes"
fi
if [ "$minutes" -ne 0 ]; then
    echo 'no shutdown was found on this server, so it can only be shut down at once' >&2
    exit 69
fi
if command -v poweroff >/dev/null 2>&1; then exec poweroff; fi
echo 'no shutdown or poweroff was found on this server' >&2
exit 69
