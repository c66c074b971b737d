#!/bin/bash
# Installs the Debian packages given as arguments that are not installed yet. Silent when there is nothing to do.
#
# A package's service must not start by being installed (dockerd would take the host's bridges and firewall), so a
# policy-rc.d that forbids it is in place meanwhile (invoke-rc.d(8)), unless the host already has one.
set -euo pipefail

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
missing=()
for package in "$@"; do
  grep -qxF "installed $package" <<<"$installed" || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ((EUID != 0)); then
  echo "cannot install Debian packages: not root; run: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi

echo "apt    ${missing[*]}"
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi

log=$(mktemp)
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null ||
    { cat "$log" >&2; exit 1; }
}
# Lists may be absent or name versions that the mirror has dropped, so they are renewed, and only when we install.
apt update
apt install --no-install-recommends "${missing[@]}"
rm -f "$log"
