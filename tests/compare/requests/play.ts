/** Chapters played to both services at once, a test for every step; and what differs in what they answer. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Difference, type Differing, differing, isOf } from "./difference.ts";
import { seenIn } from "./seen.ts";
import { type Chapter, nameOf, type Step, stepOf } from "./step.ts";
import { type Asked, ask, type RawAnswer } from "./wire.ts";

export const sides = ["brig", "docker"] as const;
export type Side = (typeof sides)[number];
type Both<T> = Readonly<Record<Side, T>>;

/** Each side's socket. */
export type Sockets = Both<string>;

/** A step that has been answered by both, with brig's status. */
export interface Played {
  readonly step: Step;
  readonly status: number;
}

const wanted = process.env.COMPARE;

/** What has been played when the tests have run. */
export function playChapters(
  chapters: readonly Chapter[],
  differences: readonly Difference[],
  sockets: () => Sockets,
  { someUnused = false }: { readonly someUnused?: boolean } = {},
): readonly Played[] {
  const played: Played[] = [];
  const used = new Set<Difference>();

  const compare = async (step: Step, answers: Both<RawAnswer>) => {
    const name = nameOf(step);
    played.push({ step, status: Number(answers.brig.first.split(" ")[1]) });
    const [brig, docker] = await Promise.all(sides.map((side) => seenIn(answers[side], step.kinds ?? false)));
    const known = (pair: Differing) => differences.filter((difference) => isOf(difference, name, pair));
    const found = differing(brig!, docker!);
    for (const pair of found) for (const difference of known(pair)) used.add(difference);
    if (wanted !== undefined && name.includes(wanted)) console.log(name, { brig, docker });
    const unknown = found.filter((pair) => known(pair).length === 0);
    assert.deepEqual(unknown, [], `${name}\n${unknown.map(inWords).join("\n")}`);
  };

  for (const { title, lines } of chapters)
    describe(title, () => {
      const turn = new Turn(sockets);
      for (const { step, part } of scheduled(lines.map(stepOf)))
        test(`${nameOf(step)}${part === "begin" ? ": begun" : ""}`, async () => {
          if (part !== "end") await turn.begin(step);
          if (part !== "begin") await compare(step, await turn.end(step));
        });
      test("and nothing is left of it", () => turn.clear());
    });

  if (!someUnused)
    test("every difference that is listed is one", () => {
      assert.deepEqual(
        differences.filter((difference) => !used.has(difference)),
        [],
      );
    });
  return played;
}

function inWords({ field, brig, docker }: Differing): string {
  return `  ${field}\n    brig:   ${brig}\n    docker: ${docker}`;
}

interface Part {
  readonly step: Step;
  readonly part: "whole" | "begin" | "end";
}

/** A step that stays open ends behind as many others as it says. */
function scheduled(steps: readonly Step[]): readonly Part[] {
  return steps.flatMap((step, at) => {
    const begun: Part = { step, part: step.open === undefined ? "whole" : "begin" };
    const ends = steps.filter((other, from) => other.open !== undefined && from + other.open === at);
    return [begun, ...ends.map((other): Part => ({ step: other, part: "end" }))];
  });
}

const ports: Both<string> = { brig: "15080", docker: "25080" };

/** How long an answer that goes on may take to begin before the next step is asked. */
const beginning = 500;

/** One chapter: what was kept of earlier answers, and what is still being answered. */
class Turn {
  readonly #sockets: () => Sockets;
  readonly #pending = new Map<Step, Both<Asked>>();
  readonly #kept: Both<Map<string, string>> = {
    brig: new Map([["port", ports.brig]]),
    docker: new Map([["port", ports.docker]]),
  };

  constructor(sockets: () => Sockets) {
    this.#sockets = sockets;
  }

  async begin(step: Step): Promise<void> {
    if (step.after !== undefined) await sleep(step.after);
    const asked = both((side) => ask(this.#sockets()[side], step, this.#kept[side]));
    for (const side of sides) asked[side].answer.catch(() => {});
    this.#pending.set(step, asked);
    if (step.open !== undefined)
      await Promise.race([Promise.all(sides.map((side) => asked[side].head)), sleep(beginning)]);
  }

  async end(step: Step): Promise<Both<RawAnswer>> {
    const asked = this.#pending.get(step)!;
    const [brig, docker] = await Promise.all(sides.map((side) => asked[side].answer));
    const answers = { brig: brig!, docker: docker! };
    for (const [name, field] of Object.entries(step.keep ?? {}))
      for (const side of sides) {
        const value = (JSON.parse(answers[side].body.toString()) as Record<string, unknown>)[field];
        this.#kept[side].set(name, String(value));
      }
    return answers;
  }

  /** Takes away containers and volumes, so that a failure stays in its chapter. */
  async clear(): Promise<void> {
    await Promise.all(
      sides.map(async (side) => {
        const socket = this.#sockets()[side];
        const told = async <T>(what: string) => {
          const { body } = await ask(socket, { ask: what }, new Map()).answer;
          return (body.length === 0 ? undefined : JSON.parse(body.toString())) as T;
        };
        for (const { Id } of await told<readonly { readonly Id: string }[]>("GET /containers/json?all=1"))
          await told(`DELETE /containers/${Id}?force=1&v=1`);
        const { Volumes } = await told<{ readonly Volumes: readonly { readonly Name: string }[] }>(
          "GET /volumes",
        );
        for (const { Name } of Volumes) await told(`DELETE /volumes/${Name}?force=1`);
      }),
    );
  }
}

function both<T>(make: (side: Side) => T): Both<T> {
  return { brig: make("brig"), docker: make("docker") };
}
