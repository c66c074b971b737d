#!/bin/bash
# Makes the image that is embedded in the executable, brig.local/hello: Debian's busybox-static in one layer, and the
# report that `make run` shows in a second one, so that the report has layers to count. The same bytes every time.
#
#   embedded-image.sh FILE
set -euo pipefail
umask 022
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

root=$work/busybox
mkdir -p "$root"/{bin,dev,etc,proc,root,sys,tmp,var}
chmod 1777 "$root/tmp"
chmod 700 "$root/root"
cp /bin/busybox "$root/bin/busybox"
for applet in $(/bin/busybox --list); do
  [[ -e $root/bin/$applet ]] || ln -s busybox "$root/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"

mkdir -p "$work/report/bin"
install -m 755 "$here/report.sh" "$work/report/bin/report"

for layer in busybox report; do
  tar --create --file "$work/$layer.tar" --directory "$work/$layer" --format=ustar --sort=name --mtime=@0 \
    --owner=0 --group=0 --numeric-owner .
done
"$here/image-archive.sh" --name brig.local/hello:latest --out "$1" \
  --config '{"Cmd":["/bin/report"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"WorkingDir":"/"}' "$work/busybox.tar" "$work/report.tar"
