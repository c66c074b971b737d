#!/bin/bash
# Makes the machine that `make test-vm` boots: Debian 12 with its own kernel, and what the tests call.
#
#   machine.sh FOLDER      writes FOLDER/kernel, FOLDER/initrd and FOLDER/root.ext4
#
# The kernel's package is unpacked, not installed: it would bring an initramfs builder and a boot loader. In the cloud
# kernel ext4 is built in and the paravirtual disk is not, so the initrd holds its modules, busybox and `start.sh`.
set -euo pipefail
umask 022
here=$(dirname "$(readlink -f "$0")")
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

packages=kmod,busybox-static,iproute2,nftables,netbase,strace,procps,xz-utils,zstd,gcc,libc6-dev,crun,runc,systemd,dbus,podman
mmdebstrap --quiet --variant=minbase --include="$packages" \
  --customize-hook="copy-in $here/start.sh /boot" \
  --customize-hook='chroot "$1" sh -euc "
    cd /boot
    package=\$(apt-cache depends linux-image-cloud-amd64 | sed -n \"s/.*Depends: //p\")
    apt-get -qq -o APT::Sandbox::User=root download \$package
    dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x -C / --keep-directory-symlink
    rm linux-image-*.deb
    version=\$(ls /lib/modules)
    depmod \$version
    mkdir -p initrd/bin initrd/dev initrd/proc initrd/root initrd/lib/modules/\$version
    for module in virtio virtio_ring virtio_pci virtio_pci_modern_dev virtio_pci_legacy_dev virtio_blk; do
      find /lib/modules -name \$module.ko -exec cp {} initrd/lib/modules/\$version \;
    done
    cp /lib/modules/\$version/modules.order /lib/modules/\$version/modules.builtin* initrd/lib/modules/\$version
    depmod -b initrd \$version
    cp /bin/busybox initrd/bin
    install -m 755 start.sh initrd/init
    cd initrd
    find . | busybox cpio -o -H newc >../initrd.cpio" >&2' \
  bookworm "$work/root"

mkdir -p "$out"
mv "$work"/root/boot/vmlinuz-* "$out/kernel"
mv "$work/root/boot/initrd.cpio" "$out/initrd"
rm -rf "$work/root/boot"
# Room for what tests write; the file is sparse, and the machine writes to a copy that is gone with it.
mke2fs -q -t ext4 -m 0 -O ^has_journal -d "$work/root" "$out/root.ext4" 3G >/dev/null
