/** Completion as bash asks for it, and the manual pages as man reads them. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig } from "./brig.ts";

const { brig, end, root, executable, environment } = ownBrig();

before(async () => {
  await brig("create", "--name", "web", image, "true");
  await brig("create", "--name", "worker", image, "true");
  await brig("volume", "create", "data");
});
after(end);

/** What bash offers when the tab key is pressed at the end of the line. */
function offered(line: string): readonly string[] {
  const script = `source <("$BRIG" completion bash)
    COMP_WORDS=(${line} "") COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    [[ "$LINE" == *" " ]] || { unset "COMP_WORDS[-1]"; COMP_CWORD=$((COMP_CWORD - 1)); }
    compopt() { :; }
    _brig; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], {
    encoding: "utf8",
    env: {
      ...environment,
      BRIG: executable,
      LINE: line,
      PATH: `${dirname(executable)}:${process.env.PATH}`,
    },
  });
  assert.equal(stderr, "");
  return stdout.split("\n").filter(Boolean);
}

test("bash completes commands, flags, and the names of what is there", () => {
  assert.deepEqual(offered("brig unp"), ["unpause"]);
  assert.deepEqual(offered("brig container un"), ["unpause"]);
  assert.deepEqual(offered("brig run --memory-s"), ["--memory-swap"]);
  assert.deepEqual(offered("brig rm w").toSorted(), ["web", "worker"]);
  assert.deepEqual(offered("brig rm -f we"), ["web"]);
  assert.deepEqual(offered("brig run --rm brig"), ["brig.local/hello:latest"]);
  assert.deepEqual(offered("brig volume rm "), ["data"]);
  assert.deepEqual(offered("brig network inspect b"), ["bridge"]);
  assert.deepEqual(offered("brig no-such "), []);
});

test("there are scripts for three shells, and no other", async () => {
  for (const shell of ["bash", "zsh", "fish"])
    assert.match((await brig("completion", shell)).stdout, /brig __complete|__complete/);
  assert.equal((await brig("completion", "csh")).code, 1);
});

test("every command has a manual page that groff takes without a complaint", async () => {
  const folder = join(root, "man");
  assert.equal((await brig("man", folder)).code, 0);
  const files = readdirSync(folder);
  for (const file of ["brig.1", "brig-run.1", "brig-container-ls.1", "brig-volume-create.1"])
    assert.ok(files.includes(file), file);
  assert.ok(!files.includes("brig-settle.1"));
  const { stdout, stderr } = spawnSync("groff", ["-man", "-ww", "-Tutf8", ...files], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  assert.equal(stderr, "");
  assert.match(stdout, /brig-volume-create - Make a volume/);
});
