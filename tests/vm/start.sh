#!/bin/busybox sh
# The initrd's /init: mounts the disks and goes on from them. The first is Debian, the second the checkout.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs dev /dev
modprobe -a virtio_pci virtio_blk
mount -t ext4 -o noatime /dev/vda /root
mkdir -p /root/brig
mount -t ext4 -o noatime /dev/vdb /root/brig
mount --move /dev /root/dev
. /root/brig/settings
[ "$INIT" = systemd ] || exec switch_root /root /brig/tests/vm/inside.sh
# The tests are all it is to start. Without an id it would take this for the first start of a new installation.
cp /root/brig/tests/vm/tests.service /root/etc/systemd/system
echo 0123456789abcdef0123456789abcdef >/root/etc/machine-id
exec switch_root /root /lib/systemd/systemd --unit=tests.service
