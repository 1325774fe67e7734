# What this machine is, a line each: a word, a tab, what it is. Needs no root, changes nothing, asks no network.
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin; export PATH
say() { printf '%s\t%s\n' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }
# For what works for seconds: behind everything else, and not for ever when nobody waits for it any more.
calmly() { if has timeout && has nice; then timeout 50 nice -n 19 "$@"; else "$@"; fi; }
say kernel "$(uname -sr)"
say machine "$(uname -m)"
say host "$(uname -n)"
if [ -r /etc/os-release ]; then
  say os "$(. /etc/os-release && printf %s "${PRETTY_NAME:-$NAME}")"
elif has freebsd-version; then
  say os "FreeBSD $(freebsd-version -u)"
fi
if [ -r /proc/uptime ]; then
  read -r up rest </proc/uptime && say uptime "${up%%.*}"
  [ -r /proc/sys/kernel/random/boot_id ] && say boot "$(cat /proc/sys/kernel/random/boot_id)"
elif has sysctl; then
  boot=$(sysctl -n kern.boottime 2>/dev/null | sed -n 's/.*{ sec = \([0-9]*\).*/\1/p')
  [ -n "$boot" ] && say uptime "$(($(date +%s) - boot))" && say boot "$boot"
fi
if has ip; then
  ip -o addr show scope global 2>/dev/null | awk '{ print "address\t" $4 }'
elif has ifconfig; then
  ifconfig 2>/dev/null | awk '/inet6? / && $2 !~ /^(addr:)?(127\.|::1|fe80)/ { sub(/^addr:/, "", $2); print "address\t" $2 }'
fi
say cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null)"
if [ -r /proc/meminfo ]; then
  awk '$1 == "MemTotal:" { printf "memory\t%d\n", $2 * 1024; exit }' /proc/meminfo
else
  say memory "$(sysctl -n hw.physmem 2>/dev/null)"
fi
if has apt-get; then
  if list=$(calmly apt-get -s -o Debug::NoLocking=true -o APT::Get::Show-User-Simulation-Note=false dist-upgrade 2>/dev/null); then
    say pending "$(printf '%s\n' "$list" | grep -c '^Inst ')"
    say security "$(printf '%s\n' "$list" | grep '^Inst ' | grep -ci security)"
  fi
elif has dnf; then
  list=$(calmly dnf -q -C check-update 2>/dev/null); status=$?
  if [ "$status" = 0 ] || [ "$status" = 100 ]; then
    say pending "$(printf '%s\n' "$list" | awk '/^Obsoleting/ { exit } NF == 3' | wc -l | tr -d ' ')"
  fi
fi
reboot=
if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
  reboot=yes
elif [ -e "/boot/vmlinuz-$(uname -r)" ]; then
  newest=$(ls /boot 2>/dev/null | sed -n '/rescue/d; s/^vmlinuz-//p' | sort -V | tail -n 1)
  if [ "$newest" = "$(uname -r)" ]; then reboot=no; else reboot=yes; fi
elif has apt-get && [ -d /etc/update-motd.d ]; then
  reboot=no
fi
[ -n "$reboot" ] && say reboot "$reboot"
exit 0
