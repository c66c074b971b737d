/** The Engine API: brig's service beside dockerd, with one and the same client. */

import { join } from "node:path";
import type { Case, Command } from "./case.ts";
import type { Side } from "./engines.ts";

/** A service, and the Node that the client runs on. */
export interface ServiceSide {
  readonly side: Side;
  readonly socket: string;
}

/** Within what two measurements of the same differ by. */
const notSlower = 1.05;

export function apiCases(services: readonly ServiceSide[]): readonly Case[] {
  const client = (socket: string, work: string, runs = 1): Command => [
    process.execPath,
    join(import.meta.dirname, "api.ts"),
    socket,
    work,
    String(runs),
  ];
  const ways = (work: string, runs: number, ...setup: readonly (readonly [work: string, count: number])[]) =>
    Object.fromEntries(
      services.map(({ side, socket }) => [
        side,
        {
          setup: setup.map(([made, count]) => client(socket, made, count)),
          measured: client(socket, work, runs),
          teardown: [client(socket, "empty")],
        },
      ]),
    );
  const against = (atMost: number) => [{ against: "docker", atMost }] as const;
  return [
    {
      name: "api-ping",
      title: "API: ping",
      runs: 1000,
      reports: true,
      ways: ways("ping", 1000),
      targets: against(notSlower),
    },
    {
      name: "api-run",
      title: "API: create, start, wait and remove",
      runs: 30,
      reports: true,
      ways: ways("run", 30),
      targets: against(1 / 5),
    },
    {
      name: "api-list",
      title: "API: containers/json with 500 containers",
      runs: 50,
      reports: true,
      ways: ways("list", 50, ["fill", 500]),
      targets: against(notSlower),
    },
    {
      name: "api-logs",
      title: "API: logs of 100 MB in lines of 100 bytes",
      runs: 5,
      reports: true,
      ways: ways("logs", 5, ["write", 100]),
      targets: against(notSlower),
    },
    {
      name: "api-events",
      title: "API: an event reaches 1,000 followers",
      runs: 20,
      reports: true,
      ways: ways("events", 20),
      targets: against(notSlower),
    },
    {
      name: "api-stats",
      title: "API: stats of 100 containers at once",
      runs: 10,
      reports: true,
      ways: ways("stats", 10, ["start", 100]),
      targets: against(notSlower),
    },
  ];
}
