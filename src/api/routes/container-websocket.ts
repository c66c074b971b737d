/** Attaching to a container by a WebSocket (Engine API, ContainerAttachWebsocket). */

import { noContainer, output } from "../answers.ts";
import type { Call } from "../call.ts";
import type { Answer } from "../http/answer.ts";
import type { Connection } from "../http/hijack.ts";
import { type Route, route } from "../route.ts";
import { isBefore } from "../version.ts";
import { attachable, attaching, talkWith } from "./container-io.ts";

export const containerWebSocket: readonly Route[] = [
  route({
    method: "GET",
    path: "/containers/{name}/attach/ws",
    summary: "Attach to a container by a WebSocket",
    asked: attaching,
    answers: {
      101: output("The connection is a WebSocket from here on"),
      400: "It was not asked for by the WebSocket protocol",
      403: "It was asked for by a page of another host",
      ...noContainer,
      409: "It is paused",
    },
    answer: attach,
  }),
];

async function attach(call: Call<typeof attaching>): Promise<Answer> {
  const container = await attachable(call);
  const { stream, stdin, stdout, stderr } = call.query;
  // Before 1.42 it was all of them, whatever was asked for.
  const every = isBefore(call.version, { major: 1, minor: 42 });
  const streams = { stdin: every || stdin, stdout: every || stdout, stderr: every || stderr };
  const talk = talkWith(call, container, streams, { isFramed: false });
  return {
    kind: "websocket",
    text: isBefore(call.version, { major: 1, minor: 28 }),
    async talk(connection) {
      if (!streams.stdin || !stream) void discard(connection);
      await talk(connection);
    },
  };
}

/** The client's pings are to be answered, and its farewell, though nobody asks what it says. */
async function discard({ input }: Connection): Promise<void> {
  try {
    for await (const _ of input);
  } catch {
    // It is told already, and its connection ends.
  }
}
