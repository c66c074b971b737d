#!/bin/bash
# Writes a root file system of Debian's busybox-static as a layer tar: the same bytes every time.
#
#   busybox-layer.sh FILE
set -euo pipefail
umask 022
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,dev,etc,home,proc,root,sys,tmp,usr/bin,var/www}
ln -s ../../bin/env "$root/usr/bin/env"
chmod 755 "$root"
chmod 1777 "$root/tmp"
chmod 700 "$root/root"
cp /bin/busybox "$root/bin/busybox"
for applet in $(/bin/busybox --list); do
  [[ -e $root/bin/$applet ]] || ln -s busybox "$root/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n' \
  >"$root/etc/passwd"
printf 'root:x:0:\nadm:x:4:www-data\nwww-data:x:33:\nnogroup:x:65534:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"

tar --create --file "$1" --directory "$root" --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 \
  --numeric-owner .
