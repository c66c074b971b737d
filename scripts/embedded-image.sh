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

"$here/busybox-layer.sh" "$work/busybox.tar"
mkdir -p "$work/report/bin"
install -m 755 "$here/report.sh" "$work/report/bin/report"
tar --create --file "$work/report.tar" --directory "$work/report" --format=ustar --mtime=@0 --owner=0 --group=0 \
  --numeric-owner bin/report
"$here/image-archive.sh" --name brig.local/hello:latest --out "$1" \
  --config '{"Cmd":["/bin/report"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"WorkingDir":"/"}' \
  "$work/busybox.tar" "$work/report.tar"
