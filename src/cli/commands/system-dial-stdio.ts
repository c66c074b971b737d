/**
 * `brig system dial-stdio`: what a client that comes by ssh speaks to. Where no service runs one is started, which ends
 * when nobody has been connected for a minute; its containers go on without it. One serves all connections of a client,
 * as who attaches to a container and who starts it come on two of them.
 */

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import { parseAddress } from "../../client/address.ts";
import { dial } from "../../client/dial/dial.ts";
import { untilEnd } from "../../client/http/body.ts";
import { write } from "../../client/http/send.ts";
import { ByteSource } from "../../client/http/source.ts";
import type { CallTo, Context } from "./context.ts";

export async function systemDialStdio(_call: CallTo<"systemDialStdio">, context: Context): Promise<number> {
  const { target } = context;
  if (target.kind === "context")
    throw new BrigError("unsupported", "cannot connect stdio with a context; use --host");
  const stream =
    target.kind === "host" ? await dial({ address: parseAddress(target.url) }) : await dialLocal(context);
  return relay(stream, context);
}

/** The service that is always there, else the one for such clients, which is started when it is not there either. */
async function dialLocal({ runRoot, self }: Context): Promise<Duplex> {
  const usual = await dialUnix(join(runRoot, "brig.sock")).catch(unlessAbsent);
  if (usual) return usual;
  const socket = join(runRoot, "dial.sock");
  const found = await dialUnix(socket).catch(unlessAbsent);
  if (found) return found;
  startService(self, socket, runRoot);
  for (let look = 0; look < looks; look++) {
    const stream = await dialUnix(socket).catch(unlessAbsent);
    if (stream) return stream;
    await sleep(pause);
  }
  throw new BrigError("unavailable", "cannot connect stdio: the API has not come up");
}

const dialUnix = (path: string): Promise<Duplex> => dial({ address: { kind: "unix", path } });

function unlessAbsent(error: unknown): undefined {
  const { code } = (error as { readonly cause?: NodeJS.ErrnoException }).cause ?? {};
  if (code !== "ENOENT" && code !== "ECONNREFUSED") throw error;
}

/** Milliseconds, and how often it is looked whether the service listens. */
const pause = 10;
const looks = 1000;

/** Of two that are started at once the second finds the socket taken, and ends. */
function startService(self: readonly string[], socket: string, runRoot: string): void {
  mkdirSync(runRoot, { recursive: true, mode: 0o711 });
  const [program, ...words] = [...self, "service", "--host", `unix://${socket}`, "--idle", "1m"];
  // It must outlive this process, and keep nothing of the connection that this one was started for.
  spawn(program!, words, { detached: true, stdio: "ignore" }).unref();
}

/** Until the engine has said everything; what the client says may end before. */
async function relay(stream: Duplex, { stdin, stdout }: Context): Promise<number> {
  const source = new ByteSource(stream);
  void (async () => {
    for await (const bytes of stdin.bytes()) await write(stream, bytes);
    stream.end();
  })().catch(() => stream.destroy());
  for await (const bytes of untilEnd(source)) await stdout.write(bytes);
  stream.destroy();
  return 0;
}
