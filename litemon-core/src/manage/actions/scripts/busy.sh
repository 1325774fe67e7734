# Names the program that holds one of the locks in LITEMON_LOCKS or is one of LITEMON_PROGRAMS;
# prints nothing when there is none. Needs no root: everybody may read which file is locked.
for lock in $LITEMON_LOCKS; do
    [ -e "$lock" ] || continue
    inode=$(stat -c %i "$lock" 2>/dev/null) || continue
    pid=$(sed -n "s/^[0-9]*: [A-Z]* *[A-Z]* *WRITE \([0-9]*\) [^ ]*:$inode .*/\1/p" /proc/locks |
        sed -n 1p)
    [ -n "$pid" ] || continue
    name=$(cat "/proc/$pid/comm" 2>/dev/null)
    echo "${name:-process $pid}"
    exit 0
done
if command -v pgrep >/dev/null 2>&1; then
    for name in $LITEMON_PROGRAMS; do
        if pgrep -x "$name" >/dev/null; then
            echo "$name"
            exit 0
        fi
    done
fi
exit 0
