# Undoes a shutdown that is yet to come.
if [ "$(uname -s)" = FreeBSD ]; then
    pkill -x shutdown || {
        echo 'no shutdown is to come' >&2
        exit 1
    }
    echo 'the shutdown is undone'
    exit 0
fi
if command -v shutdown >/dev/null 2>&1; then exec shutdown -c; fi
echo 'no shutdown was found on this server' >&2
exit 69
