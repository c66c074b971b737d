/**
 * Connects a process in a container to the caller's own streams until it ends, or the caller detaches.
 *
 * Both directions wait for whoever is slower: the next output is asked for when the last has been written, the next
 * input when the process has room.
 */

import { DetachWatch } from "../../docker/detach.ts";
import type { Ended, Session } from "../../engine/session.ts";
import type { Input } from "./input.ts";
import { BrokenOutput, type Output } from "./output.ts";
import type { SignalProxy } from "./signal-proxy.ts";

export interface StandardStreams {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
}

export interface RelayOptions {
  /** The caller's stdin goes to the process. */
  readonly input: boolean;
  /** The process has a terminal. */
  readonly terminal: boolean;
  readonly detachKeys: Uint8Array;
  readonly signals?: SignalProxy;
}

/** How the process ended; undefined when the caller has detached. */
export async function relay(
  session: Session,
  streams: StandardStreams,
  options: RelayOptions,
): Promise<Ended | undefined> {
  const ended = await untilEndOrKeys(session, streams, options);
  // Also the line end that the user's cursor waits for.
  if (!ended) await streams.stderr.write("read escape sequence\n");
  return ended;
}

async function untilEndOrKeys(
  session: Session,
  streams: StandardStreams,
  options: RelayOptions,
): Promise<Ended | undefined> {
  using _terminal = options.terminal ? await takeTerminal(session, streams, options) : undefined;
  options.signals?.to(session);
  const output = pump(session, streams);
  const end = Promise.all([session.wait(), output]).then(([ended]) => ended);
  const detached = options.input
    ? feed(session, streams.stdin, options.terminal ? options.detachKeys : noKeys)
    : never<undefined>();
  try {
    const ended = await Promise.race([end, detached]);
    if (ended) return ended;
    // Whether and how it ends is no longer our business.
    end.catch(() => {});
    await session.detach();
    await output;
    return undefined;
  } catch (error) {
    end.catch(() => {});
    if (error instanceof BrokenOutput) await session.detach().catch(() => {});
    throw error;
  }
}

const noKeys = new Uint8Array();

async function pump(session: Session, { stdout, stderr }: StandardStreams): Promise<void> {
  for await (const { stream, bytes } of session.output)
    await (stream === "stdout" ? stdout : stderr).write(bytes);
}

/** Resolves when the user types the keys that detach, else never: the end of the process is told elsewhere. */
async function feed(session: Session, input: Input, keys: Uint8Array): Promise<undefined> {
  const watch = new DetachWatch(keys);
  try {
    for await (const bytes of input.bytes()) {
      const { forward, detached } = watch.push(bytes);
      if (forward.length > 0) await session.write(forward);
      if (detached) return undefined;
    }
    await session.closeStdin();
  } catch {
    // The process has ended, or its shim has gone: `wait` says which.
  }
  return never();
}

/** Raw mode, when what the user types goes to the process, and the size of the window. */
async function takeTerminal(
  session: Session,
  { stdin, stdout }: StandardStreams,
  { input }: RelayOptions,
): Promise<Disposable> {
  const { RawMode, watchSize } = await import("./terminal.ts");
  const taken = new DisposableStack();
  if (input && (await stdin.isTerminal())) taken.use(new RawMode(stdin.terminal()));
  const window = stdout.terminal();
  if (window)
    taken.use(watchSize(window, ({ rows, columns }) => void session.resize(rows, columns).catch(() => {})));
  return taken;
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
