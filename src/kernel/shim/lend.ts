/** An executor in the container's shim, for `exec` and `cp`: it holds the container's pidfd, so a reused pid is never entered. */

import { Executor } from "../executor/executor.ts";
import { FrameStream } from "../executor/frames.ts";
import type { Slot } from "../program/argument.ts";
import { dial } from "./dial.ts";
import { demandVersion, lentFds, parseState, shimFrame } from "./wire.ts";

/** Its programs begin in the host's namespaces; `process` is the slot of the container's first process. */
export async function lendExecutor(path: string): Promise<{ executor: Executor; process: Slot }> {
  const executor = Executor.over(await greeted(path), lentFds.process + 1);
  return { executor, process: { kind: "slot", name: "container", fd: lentFds.process } };
}

/** A connection to a shim whose protocol is known here; what a fork of it understands goes with that. */
async function greeted(path: string): Promise<FrameStream> {
  const frames = new FrameStream(await dial(path));
  try {
    await frames.send(shimFrame.status);
    for (let frame = await frames.next(); frame; frame = await frames.next()) {
      // Before the answer may come that the container has ended.
      if (frame.type !== shimFrame.state) continue;
      demandVersion(parseState(frame.payload));
      break;
    }
    return frames;
  } catch (error) {
    frames.close();
    throw error;
  }
}
