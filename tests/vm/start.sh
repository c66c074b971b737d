#!/bin/busybox sh
# The initrd's /init: finds the disks and goes on from them. The first is Debian, the second the checkout.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs dev /dev
for name in virtio virtio_ring virtio_mmio virtio_blk; do insmod /modules/$name.ko; done
# The numbers of the disks follow the order in which the bus finds them; a label does not.
root='' checkout=''
for disk in /dev/vd?; do
  case $(blkid "$disk") in
    *LABEL=\"checkout\"*) checkout=$disk ;;
    *) root=$disk ;;
  esac
done
mount -t ext4 -o noatime "$root" /root
mkdir -p /root/brig
mount -t ext4 -o noatime "$checkout" /root/brig
mount --move /dev /root/dev
exec switch_root /root /brig/tests/vm/inside.sh
