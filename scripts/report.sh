#!/bin/sh
# What isolates this container, read from inside: the kernel's own answers, nothing that brig claims.
# Runs in busybox's ash; the program of brig.local/hello.

line() { printf '  %-14s %s\n' "$1" "$2"; }
more() { printf '  %-14s %s\n' '' "$1"; }
status() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }

# Namespaces made after boot have inode numbers above those of the kernel's first set (include/linux/proc_ns.h).
own='' shared=''
for kind in mnt pid net ipc uts cgroup user time; do
  number=$(readlink /proc/self/ns/$kind | tr -cd 0-9)
  [ -n "$number" ] || continue
  if [ "$number" -ge 4026532000 ]; then own="$own $kind"; else shared="$shared $kind"; fi
done

# bits HEX NAMES…: the names of the set bits, in order, and their number in $count.
bits() {
  set_bits=$((0x$1))
  shift
  names='' count=0
  for name in "$@"; do
    if [ $((set_bits & 1)) = 1 ]; then names="$names $name" count=$((count + 1)); fi
    set_bits=$((set_bits >> 1))
  done
}
# The order of include/uapi/linux/capability.h.
capabilities='chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
  net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace
  sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control
  setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'

# limit V2-FILE V1-FILE: the first that exists; "max" and v1's huge numbers mean no limit.
limit() {
  for file in /sys/fs/cgroup/$1 /sys/fs/cgroup/$2; do
    if [ -r "$file" ]; then cat "$file"; return; fi
  done
  echo unknown
}
memory=$(limit memory.max memory/memory.limit_in_bytes)
case $memory in
  max | unknown) ;;
  ????????????????*) memory=max ;;
  *) memory="$((memory / 1048576)) MiB" ;;
esac
cpu=unknown
if [ -r /sys/fs/cgroup/cpu.max ]; then
  read -r quota period </sys/fs/cgroup/cpu.max
else
  quota=$(limit - cpu/cpu.cfs_quota_us) period=$(limit - cpu/cpu.cfs_period_us)
fi
case $quota in
  max | -1) cpu=max ;;
  unknown) ;;
  *) cpu="$((quota / period)).$(printf %02d $((quota % period * 100 / period))) CPUs" ;;
esac
pids=$(limit pids.max pids/pids.max)
words() { case $1 in max) echo unlimited ;; unknown) echo 'not visible' ;; *) echo "at most $1" ;; esac; }

root=$(awk '$5 == "/" { line = $0 } END { print line }' /proc/self/mountinfo)
kind=${root##* - } kind=${kind%% *}
layers=$(echo "$root" | tr ',' '\n' | awk -F= '
  /lowerdir[+]?=/ { sub(/^[^=]*=/, ""); count += split($0, parts, ":") } END { print count + 0 }')
case $root in *upperdir=*) writable='a writable one on top' ;; *) writable='read-only' ;; esac
masked=$(awk '$5 ~ "^/(proc|sys)/"' /proc/self/mountinfo | wc -l)

case $(status Seccomp) in
  2) seccomp="system calls are filtered, number of filters: $(status Seccomp_filters)" ;;
  1) seccomp=strict ;;
  *) seccomp='off: every system call is allowed' ;;
esac
case $(status NoNewPrivs) in 1) privileges='setuid programs gain nothing' ;; *) privileges='setuid programs work' ;; esac

address=$(ip -4 -o addr show dev eth0 2>/dev/null | awk '{ print $4; exit }')
gateway=$(ip -4 route 2>/dev/null | awk '$1 == "default" { print $3; exit }')
if [ -n "$address" ]; then network="eth0 has $address${gateway:+, the way out is $gateway}"
elif [ -d /sys/class/net/eth0 ]; then network='eth0 without an address'
else network='no interface but loopback'; fi

echo
echo '  This is a container made by brig. What separates it from the host, as the kernel tells it:'
echo
line process "pid $$; $(ls -d /proc/[0-9]* | wc -l) processes to be seen, counting this report's own"
line namespaces "own:   $own"
[ -z "$shared" ] || more "shared with the host:$shared"
line hostname "$(hostname)"
line network "$network"
if [ "$kind" = overlay ]; then line root "overlay: $layers read-only layers, $writable"; else line root "$kind"; fi
line user "uid $(id -u), gid $(id -g)"
bits "$(status CapEff)" $capabilities
line capabilities "$count of 41${names:+:}"
[ -z "$names" ] || echo "$names" | fold -s -w 76 | sed 's/^ *//; s/ *$//' | while read -r part; do more "$part"; done
line seccomp "$seccomp"
line privileges "$privileges"
line memory "$(words "$memory")"
line cpu "$(words "$cpu")"
line pids "$(words "$pids")"
line 'proc and sys' "$masked paths masked or read-only"
line kernel "Linux $(uname -r), shared with the host"
echo
echo '  Next:  brig explain run brig.local/hello       every system call that made this, and why'
echo '         brig run -it brig.local/hello sh        look around yourself'
echo
