/** The host's ends of containers' interfaces. One is brig's by its name, its index and the bridge that it is in. */

import type { Link } from "../../kernel/netlink/dump.ts";
import { deleteLink, setLink } from "../../kernel/netlink/link.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { isHostEnd } from "../../network/endpoint.ts";
import { netlinkStep, type Step } from "../../network/step.ts";
import { isAlive } from "../container/alive.ts";
import { type ContainerRecord, isLive, listContainers, readContainer } from "../container/records.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { readHost } from "../network/read-host.ts";
import { stepInstructions } from "../network/steps.ts";
import { storedConfig } from "../network/stored-network.ts";
import { advice, check, type Finding, repair } from "./finding.ts";

type Data =
  | { readonly kind: "stray"; readonly link: Pick<Link, "name" | "index"> }
  | { readonly kind: "loose" | "lost"; readonly id: ContainerRecord["id"] };

export const links = check<Data>({
  find: async (host) => {
    const config = storedConfig(host.database);
    if (!config) return [];
    const found = await readLinks(host);
    const records = listContainers(host.database).filter(({ endpoint }) => endpoint);
    const known = new Set(records.map(({ endpoint }) => endpoint!.host.index));
    return [
      ...found
        .filter((link) => isHostEnd(link) && link.master === config.link.index && !known.has(link.index))
        .map(
          ({ name, index }): Finding<Data> => ({
            what: "interface",
            where: name,
            why: `it is in the bridge ${config.link.name} for no container`,
            remedy: repair("deletes it"),
            data: { kind: "stray", link: { name, index } },
          }),
        ),
      ...records
        // That of one whose shim is gone went with it.
        .filter((record) => record.state !== "starting" && isLive(record) && isAlive(host, record))
        .flatMap((record) => missing(record, config, found) ?? []),
    ];
  },
  mend: async (host, data) => {
    const config = storedConfig(host.database);
    if (!config) return;
    if (data.kind === "stray") {
      const step = netlinkStep("host", `delete ${data.link.name}`, deleteLink({ index: data.link.index }), {
        tolerate: ["ENODEV"],
      });
      return perform(host, step);
    }
    const record = readContainer(host.database, data.id);
    if (!record?.endpoint || !isLive(record)) return;
    const { name, index } = record.endpoint.host;
    const request = setLink({ index }, { master: config.link.index, up: true });
    await perform(host, netlinkStep("host", `connect ${name} to ${config.link.name}`, request));
  },
});

/** What is wrong with the interface of a container that runs. */
function missing(
  { id, name, endpoint }: ContainerRecord,
  { link }: BridgeConfig,
  found: readonly Link[],
): Finding<Data> | undefined {
  const end = found.find(({ index }) => index === endpoint!.host.index);
  const where = endpoint!.host.name;
  if (!end) {
    const remedy = advice(`brig restart ${name} makes it anew`);
    const why = `container ${name} runs, and its interface is gone`;
    return { what: "interface", where, why, remedy, data: { kind: "lost", id } };
  }
  if (end.master === link.index && end.up) return undefined;
  const why = `that of container ${name} is ${end.up ? `not in the bridge ${link.name}` : "down"}`;
  return { what: "interface", where, why, remedy: repair("connects it"), data: { kind: "loose", id } };
}

async function readLinks(host: EngineHost): Promise<readonly Link[]> {
  const session = hostSession(host);
  try {
    return (await readHost(session)).links;
  } finally {
    session.close();
  }
}

async function perform(host: EngineHost, step: Step): Promise<void> {
  const session = hostSession(host);
  try {
    await session.run(stepInstructions([step], "host", session.slots));
  } finally {
    session.close();
  }
}
