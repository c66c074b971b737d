#!/bin/bash
# Packs the library for npm: JavaScript and types of src, the shim, the image that every brig carries, the pages.
#   scripts/package.sh NODE        → build/brig-VERSION.tgz
# Node does not take types out of sources below node_modules, and whoever installs has no compiler: hence JavaScript.
set -euo pipefail

node=$1
package=build/package

rm -rf "$package"
"$node" node_modules/typescript/bin/tsc -p tsconfig.package.json
mkdir -p "$package"/{bin,build,docs}
install -m 755 bin/brig-shim "$package/bin/brig-shim"
install -m 644 build/embedded-image.tar "$package/build/"
install -m 644 README.md LICENSE "$package/"
cp -r docs/library "$package/docs/"

printf '#!/usr/bin/env node\n/** The command line, for whoever has only the package. */\nimport "../src/main.js";\n' >"$package/bin/brig.js"
chmod 755 "$package/bin/brig.js"

# No scripts: nothing is executed when it is installed.
"$node" -e '
  const { private: _, devDependencies, scripts, ...manifest } = JSON.parse(fs.readFileSync("package.json", "utf8"));
  const entry = (name) => ({ types: `./src/${name}/index.d.ts`, default: `./src/${name}/index.js` });
  manifest.exports = { ".": entry("engine"), "./client": entry("client") };
  manifest.bin = { brig: "bin/brig.js" };
  manifest.os = ["linux"];
  manifest.cpu = ["x64"];
  fs.writeFileSync(process.argv[1], `${JSON.stringify(manifest, null, 2)}\n`);
' "$package/package.json"

(cd "$package" && npm pack --ignore-scripts --loglevel=error --pack-destination .. >/dev/null)
