/** The relay between a session and the caller's streams, with a session that only remembers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ended, OutputChunk, Session } from "../../engine/session.ts";
import type { Input } from "./input.ts";
import { BrokenOutput, type Output } from "./output.ts";
import { relay, type StandardStreams } from "./relay.ts";

const detachKeys = Uint8Array.of(0x10, 0x11);
const bytes = (text: string) => new TextEncoder().encode(text);

/** Stands for a process: what was done to it, and an end that the test decides on. */
class FakeSession implements Session {
  readonly done: string[] = [];
  readonly #end = Promise.withResolvers<Ended>();
  readonly #chunks: readonly OutputChunk[];
  readonly #live: boolean;

  /** `live`: its output goes on after the chunks, until it is detached or ends. */
  constructor(chunks: readonly OutputChunk[] = [], live = false) {
    this.#chunks = chunks;
    this.#live = live;
  }

  get output(): AsyncIterable<OutputChunk> {
    const chunks = this.#chunks;
    const rest = this.#live ? this.#end.promise : undefined;
    return (async function* () {
      yield* chunks;
      await rest;
    })();
  }

  async write(data: Uint8Array): Promise<void> {
    this.done.push(new TextDecoder().decode(data));
  }

  async closeStdin(): Promise<void> {
    this.done.push("end of stdin");
    this.end(0);
  }

  async resize(): Promise<void> {}

  async signal(number: number): Promise<void> {
    this.done.push(`signal ${number}`);
  }

  wait(): Promise<Ended> {
    return this.#end.promise;
  }

  async detach(): Promise<void> {
    this.done.push("detached");
    this.end(0);
  }

  end(code: number): void {
    this.#end.resolve({ code, oom: false });
  }
}

function streams(stdin: readonly string[] = [], broken = false) {
  const written: string[] = [];
  const output = (name: string) =>
    ({
      terminal: () => undefined,
      async write(data: string | Uint8Array) {
        if (broken) throw new BrokenOutput();
        written.push(`${name} ${typeof data === "string" ? data : new TextDecoder().decode(data)}`);
      },
    }) as unknown as Output;
  const input: Input = {
    isTerminal: async () => false,
    terminal: () => assert.fail("no terminal is taken"),
    async *bytes() {
      yield* stdin.map(bytes);
    },
  };
  const standard: StandardStreams = { stdin: input, stdout: output("out"), stderr: output("err") };
  return { written, standard };
}

const chunk = (stream: "stdout" | "stderr", text: string): OutputChunk => ({ stream, bytes: bytes(text) });

test("each stream of the process goes to the caller's own, and its exit code is the result", async () => {
  const session = new FakeSession([chunk("stdout", "a"), chunk("stderr", "b")]);
  session.end(7);
  const { written, standard } = streams();
  const ended = await relay(session, standard, { input: false, terminal: false, detachKeys });
  assert.deepEqual([ended?.code, written], [7, ["out a", "err b"]]);
});

test("stdin goes to the process, its end included", async () => {
  const session = new FakeSession([], true);
  await relay(session, streams(["x", "y"]).standard, { input: true, terminal: false, detachKeys });
  assert.deepEqual(session.done, ["x", "y", "end of stdin"]);
});

test("without a terminal the keys that detach are bytes like others", async () => {
  const session = new FakeSession([], true);
  await relay(session, streams(["\x10\x11"]).standard, { input: true, terminal: false, detachKeys });
  assert.deepEqual(session.done, ["\x10\x11", "end of stdin"]);
});

test("at a terminal the keys leave the process running", async () => {
  const session = new FakeSession([], true);
  const { written, standard } = streams(["ls\x10", "\x11rest"]);
  const ended = await relay(session, standard, { input: true, terminal: true, detachKeys });
  assert.equal(ended, undefined);
  assert.deepEqual(session.done, ["ls", "detached"]);
  assert.deepEqual(written, ["err read escape sequence\n"]);
});

test("when nobody reads the output any more the process is left to itself", async () => {
  const session = new FakeSession([chunk("stdout", "a")], true);
  const options = { input: false, terminal: false, detachKeys };
  await assert.rejects(relay(session, streams([], true).standard, options), BrokenOutput);
  assert.deepEqual(session.done, ["detached"]);
});
