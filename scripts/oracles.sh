#!/bin/bash
# Runs tests/oci on other OCI runtimes: what they claim of the runtime-spec holds there too, or a test says why not.
#
#   oracles.sh NODE
#
# Debian's runc and crun are taken as they are. Newer ones come from the registries of their languages, by the ordinary
# clients, into build/oracles: runc through the Go proxy, youki (where YOUKI=1: minutes) through crates.io. What cannot
# be had is named and left out; it is no failure.
#
#   RUNC     versions of runc to build ("" builds none)
#   YOUKI    1 builds youki too, for the one sentence that runc and crun do not follow
#   EVERY    1 runs skipped tests too: is what they say of a peer still true?
set -euo pipefail
cd "$(dirname "$0")/.."

node=$1
versions=${RUNC-1.5.2 1.4.3 1.3.6}
youki=0.7.0
into=$PWD/build/oracles
mkdir -p "$into"
# Docker and Podman have runtimes of their own.
mapfile -t tests < <(find tests/oci -name '*.test.ts' ! -name engines.test.ts | sort)
failed=()

try() {
  local name=$1 runtime=$2
  shift 2
  # crun refuses a hybrid layout of cgroups; there it gets one of its own.
  local around=()
  [[ $runtime == */crun ]] && around=(tests/fixtures/isolated.sh)
  local report="$into/${name// /-}.tap"
  BRIG_TEST_RUNTIME=$runtime BRIG_TEST_EVERY=${EVERY-} "${around[@]}" "$node" --test --test-concurrency=1 \
    --test-timeout=120000 --test-reporter=tap "$@" >"$report" 2>&1 || failed+=("$name")
  echo "oracle $name: $(sums "$report")"
  grep '^not ok' "$report" || true
}

sums() {
  awk '/^# (pass|fail|skipped) / { printf "%s%s %s", separator, $3, $2 == "pass" ? "passed" : $2 == "fail" ? "failed" : $2
    separator = ", " }' "$1"
}

not_run() { echo "oracle $1: not run: $2"; }

for version in $versions; do
  runc=$into/runc-$version/runc
  if [[ ! -x $runc ]]; then
    command -v go >/dev/null || { not_run "runc $version" "no Go"; continue; }
    GOBIN=$(dirname "$runc") go install -tags seccomp -ldflags "-X main.version=$version" \
      "github.com/opencontainers/runc@v$version" >"$into.log" 2>&1 ||
      { not_run "runc $version" "$(tail -1 "$into.log")"; continue; }
  fi
  try "runc $version" "$runc" "${tests[@]}"
done

for debian in /usr/sbin/runc /usr/bin/crun; do
  if [[ -x $debian ]]; then
    try "$("$debian" --version | head -1)" "$debian" "${tests[@]}"
  else
    not_run "${debian##*/}" "not installed"
  fi
done

if [[ ${YOUKI-} == 1 ]]; then
  binary=$into/youki-$youki/bin/youki
  if [[ ! -x $binary ]] && ! command -v cargo >/dev/null; then
    not_run "youki $youki" "no Cargo"
  elif [[ -x $binary ]] || CARGO_TARGET_DIR=$into/cargo cargo install youki --version "$youki" --locked \
    --features v1,v2,seccomp --root "$into/youki-$youki" >"$into.log" 2>&1; then
    rm -rf "$into/cargo"
    try "youki $youki" "$binary" --test-name-pattern='without a umask' tests/oci/process.test.ts
  else
    not_run "youki $youki" "$(tail -1 "$into.log")"
  fi
fi

[[ ${#failed[@]} -eq 0 ]] || { printf 'oracles.sh: tests failed on %s\n' "${failed[@]}" >&2; exit 1; }
