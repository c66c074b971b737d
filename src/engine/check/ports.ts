/** Published ports in the firewall table, against the endpoints of containers. */

import { dumpElements, readElements } from "../../kernel/nftables/dump.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { bridge } from "../../network/bridge/driver.ts";
import { familiesOf } from "../../network/bridge/elements.ts";
import { targetOf } from "../../network/bridge/target.ts";
import { set } from "../../network/firewall.ts";
import {
  type PortElement,
  portElements,
  readPortElement,
  unpublishElement,
} from "../../network/ports/elements.ts";
import { netlinkStep, type Step } from "../../network/step.ts";
import { type ContainerRecord, isLive, listContainers, readContainer } from "../container/records.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { dump } from "../network/dump.ts";
import { stepInstructions } from "../network/steps.ts";
import { storedConfig } from "../network/stored-network.ts";
import { check, type Finding, repair } from "./finding.ts";

type Data =
  | { readonly kind: "stray"; readonly element: PortElement }
  | { readonly kind: "lost"; readonly id: ContainerRecord["id"] };

export const ports = check<Data>({
  find: async (host) => {
    const config = storedConfig(host.database);
    if (!config) return [];
    const found = await listed(host, config);
    const records = published(host);
    const wanted = records.flatMap((record) => elementsOf(record).map((element) => ({ record, element })));
    const due = new Set(wanted.map(({ element }) => textOf(element)));
    const there = new Set(found.map(textOf));
    return [
      ...found
        .filter((element) => !due.has(textOf(element)))
        .map(
          (element): Finding<Data> => ({
            what: "published port",
            where: textOf(element),
            why: `no container publishes it, and the firewall table ${config.table} has it`,
            remedy: repair("takes it out of the table"),
            data: { kind: "stray", element },
          }),
        ),
      ...wanted
        .filter(({ record, element }) => record.state !== "starting" && !there.has(textOf(element)))
        .map(
          ({ record, element }): Finding<Data> => ({
            what: "published port",
            where: textOf(element),
            why: `container ${record.name} publishes it, and the firewall table ${config.table} does not have it`,
            remedy: repair("publishes it again"),
            data: { kind: "lost", id: record.id },
          }),
        ),
    ];
  },
  mend: async (host, data) => {
    const config = storedConfig(host.database);
    if (!config) return;
    if (data.kind === "lost") return publishAgain(host, config, [readContainer(host.database, data.id)]);
    const owners = () =>
      published(host).filter((record) =>
        elementsOf(record).some((each) => textOf(each) === textOf(data.element)),
      );
    if (owners().length > 0) return;
    const request = unpublishElement(config.table, data.element);
    await perform(host, [
      netlinkStep("host", "take a port out of the table", request, { tolerate: ["ENOENT", "EEXIST"] }),
    ]);
    // Whoever has got the same port and address in the meantime has taken the element for its own.
    await publishAgain(host, config, owners());
  },
});

async function publishAgain(
  host: EngineHost,
  config: BridgeConfig,
  records: readonly (ContainerRecord | undefined)[],
): Promise<void> {
  for (const record of records)
    if (record?.endpoint && isLive(record)) await perform(host, bridge.setup.ports(config, record.endpoint));
}

async function perform(host: EngineHost, steps: readonly Step[]): Promise<void> {
  const session = hostSession(host);
  try {
    await session.run(stepInstructions(steps, "host", session.slots));
  } finally {
    session.close();
  }
}

async function listed(host: EngineHost, config: BridgeConfig): Promise<readonly PortElement[]> {
  const session = hostSession(host);
  try {
    const found: PortElement[] = [];
    for (const family of familiesOf(config))
      for (const setName of [set.ports, set.portsAt]) {
        const request = dumpElements({ family, table: config.table }, setName);
        const elements = readElements(await dump(session, `${family} ${setName}`, request));
        found.push(...elements.flatMap((element) => readPortElement({ family, setName }, element) ?? []));
      }
    return found;
  } finally {
    session.close();
  }
}

/** Also of one that is being removed: it still has what it has. */
const published = ({ database }: EngineHost) =>
  listContainers(database).filter(
    (record) => record.endpoint && (isLive(record) || record.state === "removing"),
  );

const elementsOf = ({ endpoint }: ContainerRecord) =>
  endpoint ? portElements(endpoint.ports, targetOf(endpoint)) : [];

const textOf = ({ family, setName, element: { key, data } }: PortElement) =>
  `${family} ${setName} ${key.text} : ${data?.text}`;
