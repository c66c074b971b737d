/** `brig completion` prints a shell's script; `brig __complete` is what the script asks. */

import { BrigError } from "../../base/errors.ts";
import { complete as completionOf } from "../flags/complete.ts";
import { brig } from "../options/program.ts";
import { type Shell, shells } from "../terminal/shell-completion.ts";
import type { CallTo, Context } from "./context.ts";
import type { EngineDoor } from "./engine-door.ts";

export async function completion({ operands }: CallTo<"completion">, context: Context): Promise<number> {
  const [shell] = operands;
  if (!Object.hasOwn(shells, shell!))
    throw new BrigError(
      "invalid",
      `cannot complete for ${shell}: use one of ${Object.keys(shells).join(", ")}`,
    );
  await context.stdout.write(shells[shell as Shell]);
  return 0;
}

export async function complete({ operands }: CallTo<"complete">, context: Context): Promise<number> {
  const { words, operand } = completionOf(brig, operands);
  const lines = words.map(({ text, help }) => `${text}\t${help}`);
  const current = operands.at(-1) ?? "";
  if (operand !== undefined) {
    const find = Object.hasOwn(names, operand) ? names[operand] : undefined;
    if (find) lines.push(...(await namesOf(find, context)).filter((name) => name.startsWith(current)));
    else lines.push(":files");
  }
  await context.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return 0;
}

type Find = (engine: EngineDoor) => Promise<readonly string[]>;

/** Nobody who presses a key wants to read about an engine that cannot be opened. */
async function namesOf(find: Find, context: Context): Promise<readonly string[]> {
  try {
    return await find(await context.engine());
  } catch {
    return [];
  }
}

const containers: Find = async (engine) => {
  const all = await engine.list({ all: true });
  return all.map(({ name, image, state }) => `${name}\t${image}, ${state}`);
};
const images: Find = async (engine) =>
  (await engine.images()).flatMap(({ names }) => names.map((name) => `${name}\timage`));
const volumes: Find = async (engine) => (await engine.volumes()).map(({ name }) => `${name}\tvolume`);
const networks: Find = async (engine) => (await engine.networks()).map(({ name }) => `${name}\tnetwork`);

/** By the words that usage lines have for them. */
const names: Readonly<Record<string, Find>> = {
  CONTAINER: containers,
  IMAGE: images,
  "SOURCE_IMAGE[:TAG]": images,
  "SOURCE_IMAGE[:TAG": images,
  "REPOSITORY[:TAG]": images,
  VOLUME: volumes,
  NETWORK: networks,
  "NAME|ID": async (engine) => [...(await containers(engine)), ...(await images(engine))],
};
