# Refreshes and updates packages by what the server has for that.
LC_ALL=C
DEBIAN_FRONTEND=noninteractive
NEEDRESTART_MODE=a
APT_LISTCHANGES_FRONTEND=none
export LC_ALL DEBIAN_FRONTEND NEEDRESTART_MODE APT_LISTCHANGES_FRONTEND

has() { command -v "$1" >/dev/null 2>&1; }

# Changed files of configuration stay as they are; a lock is waited for.
apt() {
    apt-get -y -q -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        -o DPkg::Lock::Timeout=60 "$@" </dev/null
}

unknown() {
    echo 'no apt-get, dnf, yum, apk or pkg was found on this server' >&2
    exit 69
}

refresh() {
    if has apt-get; then
        apt update
    elif has dnf; then
        dnf -y makecache </dev/null
    elif has yum; then
        yum -y makecache </dev/null
    elif has apk; then
        apk update
    elif has pkg; then
        pkg update -f </dev/null
    else
        unknown
    fi
}

# What is there to be updated, without doing anything.
preview() {
    if has apt-get; then
        apt -s "$1" | sed -n -e 's/^Inst //p' -e 's/^Remv \(.*\)/\1 (is removed)/p'
    elif has dnf; then
        upgradable dnf
    elif has yum; then
        upgradable yum
    elif has apk; then
        apk -s upgrade
    else
        pkg upgrade -n </dev/null
    fi
}

# Their exit status 100 says that there is something.
upgradable() {
    "$1" -q check-update </dev/null
    case $? in 0 | 100) return 0 ;; *) return 1 ;; esac
}

change() {
    case $1 in dist-upgrade) erasing=--allowerasing ;; *) erasing= ;; esac
    if has apt-get; then
        apt "$1"
    elif has dnf; then
        dnf -y upgrade $erasing </dev/null
    elif has yum; then
        yum -y update </dev/null
    elif has apk; then
        case $1 in dist-upgrade) apk upgrade --available ;; *) apk upgrade ;; esac
    else
        pkg upgrade -y </dev/null
    fi
}

# Services that still run what was replaced. Those that would take the session or the network with
# them are named, and left for a restart of the server.
restart_services() {
    if has needrestart; then
        needrestart -q -r a </dev/null || echo "needrestart ended with status $?"
    elif has needs-restarting; then
        for unit in $(needs-restarting -s 2>/dev/null); do
            case $unit in
            *.service) ;;
            *) continue ;;
            esac
            case $unit in
            dbus* | systemd-* | NetworkManager* | user@* | getty@* | serial-getty@*)
                echo "$unit needs a restart of the server"
                ;;
            *) systemctl try-restart "$unit" && echo "$unit was restarted" ;;
            esac
        done
    else
        echo 'not looked for: neither needrestart nor needs-restarting is there'
    fi
}

reboot_required() {
    if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
        echo yes
    elif has needs-restarting; then
        if needs-restarting -r >/dev/null 2>&1; then echo no; else echo yes; fi
    elif [ "$(uname -s)" = FreeBSD ] && has freebsd-version; then
        if [ "$(freebsd-version -k)" = "$(freebsd-version -r)" ]; then echo no; else echo yes; fi
    elif has apt-get; then
        echo no
    else
        echo 'not known'
    fi
}

update() {
    echo '== lists of packages'
    refresh || exit
    echo '== packages that change'
    preview "$1" || exit
    [ "$LITEMON_PARAM_ONLY_SHOW" = yes ] && exit 0
    echo '== update'
    change "$1" || exit
    echo '== services'
    restart_services
    echo "== reboot required: $(reboot_required)"
}
