/** Performs steps in the namespaces of a test, as the runtime does in those of the host and a container. */

import { type ErrnoName, errnoName } from "../../kernel/errno.ts";
import type { NetworkNamespace, Sender } from "../../kernel/netlink/testbed/namespace.ts";
import type { NetlinkStep, Step } from "../step.ts";

export interface Stage {
  readonly sender: Sender;
  readonly host: NetworkNamespace;
  readonly container?: NetworkNamespace;
  /** Where the container's namespace is open for the sender. */
  readonly namespaceFd?: number;
}

/** Throws at the first error that a step does not tolerate. Returns the microseconds that messages took. */
export function perform(steps: readonly Step[], stage: Stage): number {
  return steps.reduce(
    (sum, step) => sum + (step.kind === "netlink" ? send(step, stage) : write(step, stage)),
    0,
  );
}

function send(step: NetlinkStep, { sender, host, container, namespaceFd }: Stage): number {
  const space = step.side === "host" ? host : container;
  if (!space) throw new Error(`cannot ${step.why}: there is no container`);
  const request = { protocol: step.protocol, bytes: step.messages, text: step.text };
  const slots = container && namespaceFd !== undefined ? { [namespaceFd]: container } : {};
  const [answer] = space.send([request], sender, slots);
  const { errno, text } = answer!.acknowledgement;
  const name = errnoName(errno) as ErrnoName;
  if (errno === 0 || step.on?.[name] === "continue") return answer!.micros;
  throw new Error(`cannot ${step.why}: ${name} ${text ?? ""} (${step.text})`);
}

function write(step: Extract<Step, { kind: "sysctl" }>, { host }: Stage): number {
  host.run("sh", "-c", `echo ${step.value} > /proc/sys/${step.path}`);
  return 0;
}
