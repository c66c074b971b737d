/**
 * What every network driver keeps to. A driver's test registers each check in three lines:
 *
 *   for (const { title, check } of driverContract(bridge, { request, endpoint })) {
 *     test(title, check);
 *   }
 */

import assert from "node:assert/strict";
import { readAttributes } from "../kernel/netlink/attribute.ts";
import { messagesOf } from "../kernel/netlink/message.ts";
import { NetworkNamespace, Sender } from "../kernel/netlink/testbed/namespace.ts";
import type { NetworkConfig, NetworkDriver, NetworkRequest } from "./driver.ts";
import type { Endpoint } from "./endpoint.ts";
import type { NetlinkStep, Step } from "./step.ts";
import { perform } from "./testbed/perform.ts";

export interface Sample {
  readonly request: NetworkRequest;
  readonly endpoint?: Endpoint;
}

export interface Check {
  readonly title: string;
  check(): void | Promise<void>;
}

export function driverContract<Config extends NetworkConfig>(
  driver: NetworkDriver<Config>,
  sample: Sample,
): Check[] {
  const configure = (): Config => driver.config(sample.request);
  const steps = (config = configure()): Step[] => stepsOf(driver, config, sample.endpoint);
  return [
    {
      title: "a configuration is plain JSON, and gives the same steps after it was stored",
      check() {
        const stored = JSON.parse(JSON.stringify(configure())) as Config;
        assert.deepEqual(stored, configure());
        assert.deepEqual(steps(stored), steps());
      },
    },
    {
      title: "every step says why, and in the words of the tool a user knows what",
      check() {
        for (const step of steps()) {
          assert.match(step.why, /^[a-z]/);
          if (step.kind === "netlink") assert.match(step.text, /^(?:ip|add|delete|flush|conntrack) /);
        }
      },
    },
    {
      title: "every message asks for its acknowledgement, but for the frame of a batch",
      check() {
        for (const step of steps()) if (step.kind === "netlink") assertAcknowledged(step);
      },
    },
    {
      title: "a namespace of its own gets its loopback, another's is left alone",
      check() {
        const names = steps().flatMap((step) =>
          step.kind === "netlink" && step.side === "container" ? [step.text] : [],
        );
        const own = configure().namespace.kind === "new";
        assert.equal(names.includes("ip link set lo up"), own);
        if (!own) assert.deepEqual(steps(), []);
      },
    },
    {
      title: "setting a network up twice and taking it down twice leaves the host as it was",
      check: () => roundTrip(driver, configure(), sample.endpoint),
    },
  ];
}

const namespaceFd = 40;

function stepsOf<Config extends NetworkConfig>(
  { setup, teardown }: NetworkDriver<Config>,
  config: Config,
  endpoint: Endpoint | undefined,
): Step[] {
  return [
    ...setup.network(config),
    ...setup.endpoint(config, endpoint, { namespaceFd, bridgeNetfilter: true }),
    ...(endpoint ? [...setup.ports(config, endpoint), ...teardown.ports(config, endpoint)] : []),
    ...teardown.endpoint(config, endpoint),
    ...teardown.network(config),
  ];
}

function assertAcknowledged({ messages, protocol, text }: NetlinkStep): void {
  const all = [...messagesOf(messages)];
  const isFrame = (type: number): boolean => protocol === "netfilter" && (type === 16 || type === 17);
  assert.ok(all.length > 0, text);
  for (const { type, flags, body } of all) {
    assert.equal((flags & 4) !== 0, !isFrame(type), text);
    assert.ok(body.length <= 8000 && readAttributes(body) instanceof Map, text);
  }
}

async function roundTrip<Config extends NetworkConfig>(
  driver: NetworkDriver<Config>,
  config: Config,
  endpoint: Endpoint | undefined,
): Promise<void> {
  using sender = new Sender();
  using host = await NetworkNamespace.create();
  const links = (): string => host.run("ip", "-o", "link");
  const before = links();
  const container = await NetworkNamespace.create();
  try {
    const stage = { sender, host, container, namespaceFd };
    for (let i = 0; i < 2; i++) perform(driver.setup.network(config), stage);
    perform(driver.setup.endpoint(config, endpoint, { namespaceFd, bridgeNetfilter: false }), stage);
    for (let i = 0; i < 2; i++) perform(driver.teardown.endpoint(config, endpoint), stage);
  } finally {
    container[Symbol.dispose]();
  }
  for (let i = 0; i < 2; i++) perform(driver.teardown.network(config), { sender, host });
  const deadline = Date.now() + 5000;
  while (links() !== before && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(links(), before);
  assert.doesNotMatch(host.run("nft", "list", "ruleset"), /elements/);
}
