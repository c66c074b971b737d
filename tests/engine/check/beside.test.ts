/** What other brigs are just doing is never told, and nothing that a repair does is in their way. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { image, until } from "../../cli/brig.ts";
import { assertSameHost, hostState } from "../../fixtures/leaks.ts";
import { contradictions } from "../remains.ts";
import { clean, damagedRoot } from "./damage.ts";

const { brig, about, place, ok, importImage, end } = damagedRoot();
const host = hostState({ about });
after(end);

/** What four clients do for a while; ports that nobody names might be those of another root. */
const work: readonly (readonly string[])[] = [
  ["run", "--rm", image, "true"],
  ["run", "--rm", "-p", "PORT:80", "-v", "/anonymous", image, "sh", "-c", "echo x > /anonymous/x"],
  ["run", "-d", "--rm", image, "sleep", "0.05"],
  ["run", "-d", "--name", "NAME", "-p", "PORT:80", "-v", "vol-NAME:/data", image, "sleep", "1000"],
  ["exec", "NAME", "true"],
  ["pause", "NAME"],
  ["unpause", "NAME"],
  ["cp", "NAME:/bin/busybox", "-"],
  ["restart", "-t", "0", "NAME"],
  ["update", "-m", "64m", "--memory-swap", "64m", "NAME"],
  ["stop", "-t", "0", "NAME"],
  ["start", "NAME"],
  ["rm", "-f", "NAME"],
  ["volume", "rm", "vol-NAME"],
];

test("beside four clients at work no check finds anything, and no repair is in their way", async () => {
  let working = 4;
  const client = async (name: string, port: number) => {
    for (let round = 0; round < 2; round++)
      for (const words of work) {
        const { code, stderr } = await brig(
          ...words.map((word) => word.replace("NAME", name).replace("PORT", String(port))),
        );
        assert.equal(code, 0, `${words.join(" ")}: ${stderr}`);
      }
  };
  const load = async () => {
    for (let round = 0; round < 5; round++) {
      await importImage(`come-and-go-${round}`);
      await ok("rmi", `come-and-go-${round}`);
    }
  };
  const clients = [client("anne", 18511), client("bart", 18512), client("cook", 18513), load()].map((each) =>
    each.finally(() => working--),
  );
  let checks = 0;
  for (; working > 0; checks++) {
    const words = ["system", "check", ...(checks % 3 === 2 ? ["--repair"] : [])];
    assert.deepEqual(await brig(...words), clean);
  }
  await Promise.all(clients);
  assert(checks > 2, `${checks}`);
  await until(
    () => contradictions(place).length === 0,
    () => contradictions(place).join("\n"),
  );
  await ok("system", "release");
  await assertSameHost(host, { about });
});
