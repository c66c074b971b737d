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
exec switch_root /root /brig/tests/vm/inside.sh
