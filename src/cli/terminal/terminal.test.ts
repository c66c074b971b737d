import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { windowSize } from "./terminal.ts";

const module = JSON.stringify(new URL("./terminal.ts", import.meta.url).pathname);
const hasScript = spawnSync("script", ["--version"]).status === 0;

/** Runs a program on a terminal of its own and returns what it printed. */
function onTerminal(program: string): string {
  const command = `stty rows 7 columns 33; "${process.execPath}" --input-type=module -e "$PROGRAM"; stty -a`;
  const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], {
    encoding: "utf8",
    env: { ...process.env, PROGRAM: program },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return stdout;
}

const settings = `console.log(execFileSync("stty", ["-a"], { stdio: [0, "pipe", 2], encoding: "utf8" }));`;

test("raw mode turns input and output processing off and is given back", { skip: !hasScript }, () => {
  const output = onTerminal(`
    import { execFileSync } from "node:child_process";
    import { RawMode } from ${module};
    { using raw = new RawMode(process.stdin); ${settings} }
  `);
  const [inside = "", after = ""] = output.split(/(?=speed \d+ baud)/).slice(-2);
  for (const setting of ["-icanon", "-echo ", "-isig", "-icrnl", "-opost"])
    assert.match(inside, new RegExp(setting));
  for (const setting of [" icanon", " echo ", " isig", " icrnl", " opost"]) {
    assert.match(after.replaceAll("\n", " "), new RegExp(setting));
  }
});

test("the terminal is given back when the process ends without leaving the scope", {
  skip: !hasScript,
}, () => {
  const output = onTerminal(`
    import { RawMode } from ${module};
    const raw = new RawMode(process.stdin);
    process.exit(0);
  `);
  assert.match(output.replaceAll(/\s+/g, " "), / icanon .* echo .*/);
  assert.match(output.replaceAll(/\s+/g, " "), / opost /);
});

test("the size of a terminal is reported", { skip: !hasScript }, () => {
  const output = onTerminal(`
    import { watchSize } from ${module};
    using watch = watchSize(process.stdout, (size) => console.log(JSON.stringify(size)));
  `);
  assert.match(output, /{"columns":33,"rows":7}/);
});

test("what is no terminal has no size", () => {
  assert.equal(windowSize(undefined), undefined);
});
