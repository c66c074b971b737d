/**
 * brig runs as root in whatever folder its user stands in. What the runtime inside it would load from there by itself
 * (preloads, environment files, module maps) must not reach it. Each attack leaves a canary, and each is first seen to
 * work on the bare runtime, so that a change of it cannot make this test pass for nothing.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { image, ownBrig } from "./cli/brig.ts";
import { checkout } from "./fixtures/sources.ts";

const { executable, environment, end } = ownBrig();
const folder = mkdtempSync(join(tmpdir(), "hostile-"));
const canaries = join(folder, "canaries");
const bun = join(checkout, "node_modules/@oven/bun-linux-x64/bin/bun");

after(() => {
  end();
  rmSync(folder, { recursive: true, force: true });
});

/** TypeScript that leaves a canary. */
const leave = (name: string) =>
  `require("node:fs").writeFileSync(${JSON.stringify(join(canaries, name))}, String(process.argv)); export {};\n`;

interface Attack {
  /** What the attacker puts into the folder. */
  readonly files: Readonly<Record<string, string>>;
  /** What a program there asks for. */
  readonly probe: string;
}

const attacks: Readonly<Record<string, Attack>> = {
  bunfig: {
    files: {
      "bunfig.toml": `preload = ["./preload.ts"]\n`,
      ".bunfig.toml": `preload = ["./preload.ts"]\n`,
      "preload.ts": leave("bunfig"),
    },
    probe: "",
  },
  env: {
    files: { ".env": `BRIG_ROOT=${canaries}/env\nBRIG_RUN_ROOT=${canaries}/env\nBRIG_SHIM=/bin/false\n` },
    probe: `require("node:fs").mkdirSync(process.env.BRIG_ROOT);`,
  },
  "env-local": {
    files: {
      ".env.local": `BRIG_ROOT=${canaries}/env-local\n`,
      ".env.development": `BRIG_ROOT=${canaries}/env-local\n`,
    },
    probe: `require("node:fs").mkdirSync(process.env.BRIG_ROOT);`,
  },
  tsconfig: {
    files: {
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          baseUrl: ".",
          paths: { mapped: ["./mapped.ts"], "node:*": ["./mapped.ts"], "*": ["./mapped.ts"] },
        },
      }),
      "mapped.ts": leave("tsconfig"),
    },
    probe: `import "mapped";`,
  },
  package: {
    files: {
      "package.json": JSON.stringify({
        name: "brig",
        imports: { "#inner": "./inner.ts" },
        exports: { ".": "./inner.ts" },
      }),
      "inner.ts": leave("package"),
    },
    probe: `import "#inner";`,
  },
  modules: {
    files: {
      "node_modules/yaml/package.json": JSON.stringify({ name: "yaml", main: "index.ts" }),
      "node_modules/yaml/index.ts": leave("modules"),
    },
    probe: `import "yaml";`,
  },
};

function write(into: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(into, name)), { recursive: true });
    writeFileSync(join(into, name), text);
  }
}

for (const { files } of Object.values(attacks)) write(folder, files);

function freshCanaries(): void {
  rmSync(canaries, { recursive: true, force: true });
  mkdirSync(canaries);
}

for (const [name, { files, probe }] of Object.entries(attacks))
  test(`the attack by ${name} works on the bare runtime`, () => {
    freshCanaries();
    const alone = mkdtempSync(join(tmpdir(), "hostile-"));
    try {
      write(alone, { ...files, "probe.ts": `${probe}\nexport {};\n` });
      const { status, stderr } = spawnSync(bun, ["probe.ts"], { cwd: alone, encoding: "utf8" });
      assert.equal(status, 0, stderr);
      assert.deepEqual(readdirSync(canaries), [name]);
    } finally {
      rmSync(alone, { recursive: true, force: true });
    }
  });

const commands: readonly (readonly string[])[] = [
  ["version"],
  ["--help"],
  ["ps", "-a"],
  ["images"],
  ["info"],
  ["run", "--rm", "--network", "none", image, "true"],
  ["run", "--rm", "-v", "./:/here", "--network", "none", image, "true"],
  ["explain", "run", "--network", "none", image, "true"],
  ["oci", "list"],
  ["oci", "features"],
  ["oci", "--root", join(folder, "state"), "run", "--bundle", ".", "nothing"],
  ["load", "-i", "package.json"],
  ["nonsense"],
];

for (const command of commands)
  test(`brig ${command.join(" ").replaceAll(folder, "DIR")} runs nothing of the folder it stands in`, () => {
    freshCanaries();
    const env = { ...environment, HOME: folder, XDG_CONFIG_HOME: folder, NODE_ENV: "development" };
    const { status, stdout, stderr } = spawnSync(executable, command, { cwd: folder, env, encoding: "utf8" });
    assert.notEqual(status, null, stderr);
    assert.deepEqual(readdirSync(canaries), [], `${stdout}${stderr}`);
  });

test("brig where no root is said takes the default one, and not that of the folder's .env", () => {
  freshCanaries();
  const { BRIG_ROOT: _, BRIG_RUN_ROOT: __, ...env } = environment;
  const { stdout, stderr } = spawnSync(executable, ["info"], { cwd: folder, env, encoding: "utf8" });
  assert.match(stdout, /\/var\/lib\/brig/, stderr);
  assert.deepEqual(readdirSync(canaries), []);
});
