# Starts, stops or restarts a service, and says how it is then.
verb=$LITEMON_PARAM_VERB
unit=$LITEMON_PARAM_UNIT
has() { command -v "$1" >/dev/null 2>&1; }
if has systemctl; then
    systemctl --no-ask-password "$verb" -- "$unit" || exit
    state=$(systemctl is-active -- "$unit")
    echo "$unit is $state"
    case $verb:$state in
    stop:active | start:failed | restart:failed) exit 1 ;;
    *) exit 0 ;;
    esac
elif has rc-service; then
    exec rc-service -- "$unit" "$verb"
elif has service; then
    # FreeBSD leaves what its settings do not name alone; the order was meant, so it says one-.
    [ "$(uname -s)" = FreeBSD ] && verb=one$verb
    exec service "$unit" "$verb"
fi
echo 'no systemctl, rc-service or service was found on this server' >&2
exit 69
