# What a host's process 1 does before anything else, for a machine without systemd; read by `inside.sh`, with LAYOUT set.

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
ip link set lo up
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
