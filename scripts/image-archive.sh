#!/bin/bash
# Writes an image archive from layer tars: the same bytes for the same input.
#
#   image-archive.sh --name REPOSITORY:TAG --out FILE [--gzip] [--config JSON] LAYER.tar…
#
# The archive is an OCI image layout (image-spec, image-layout.md) that also carries the manifest.json of
# `docker save`, so `docker load`, `podman load`, skopeo and brig all read it. --gzip compresses the layers;
# --config is the "config" object of the image (Cmd, Env, Labels …).
set -euo pipefail

name='' out='' config='{}' gzip=''
while (($#)); do
  case $1 in
    --name) name=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --config) config=$2; shift 2 ;;
    --gzip) gzip=yes; shift ;;
    -*) echo "image-archive.sh: unknown option $1" >&2; exit 2 ;;
    *) break ;;
  esac
done
[[ -n $name && -n $out && $# -gt 0 ]] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blobs=$work/blobs/sha256
mkdir -p "$blobs" "$(dirname "$out")"

# add FILE: moves it among the blobs and leaves its digest's hexadecimal part and its size in two variables.
add() {
  hex=$(sha256sum "$1" | cut -d' ' -f1)
  size=$(stat -c %s "$1")
  mv "$1" "$blobs/$hex"
}

oci_type=application/vnd.oci.image
layer_type=$oci_type.layer.v1.tar${gzip:++gzip}
diff_ids='' history='' layers='' paths=''
for layer; do
  diff_ids+=",\"sha256:$(sha256sum "$layer" | cut -d' ' -f1)\""
  history+=",{\"created\":\"1970-01-01T00:00:00Z\",\"created_by\":\"$(basename "$layer" .tar)\"}"
  # -n: no name and no time in the gzip header, or the digest would change with the clock.
  if [[ $gzip ]]; then gzip -n -c "$layer" >"$work/layer"; else cp "$layer" "$work/layer"; fi
  add "$work/layer"
  layers+=",{\"mediaType\":\"$layer_type\",\"digest\":\"sha256:$hex\",\"size\":$size}"
  paths+=",\"blobs/sha256/$hex\""
done

printf '{"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:00Z","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}' \
  "$config" "${diff_ids:1}" "${history:1}" >"$work/config"
add "$work/config"
config_path=blobs/sha256/$hex
printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
  "$oci_type" "$oci_type" "$hex" "$size" "${layers:1}" >"$work/manifest"
add "$work/manifest"
printf '{"schemaVersion":2,"mediaType":"%s.index.v1+json","manifests":[{"mediaType":"%s.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"io.containerd.image.name":"%s","org.opencontainers.image.ref.name":"%s"}}]}' \
  "$oci_type" "$oci_type" "$hex" "$size" "$name" "${name##*:}" >"$work/index.json"
printf '{"imageLayoutVersion":"1.0.0"}' >"$work/oci-layout"
printf '[{"Config":"%s","RepoTags":["%s"],"Layers":[%s]}]' "$config_path" "$name" "${paths:1}" >"$work/manifest.json"

# Beside the target, then renamed: whoever reads the archive never sees half of it.
tar --create --file "$out.$$" --directory "$work" --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 \
  --numeric-owner --mode=u=rwX,go=rX oci-layout index.json manifest.json blobs
mv "$out.$$" "$out"
