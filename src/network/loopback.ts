/** Every container's own network begins with its loopback; the kernel makes the interface but leaves it down. */

import { setLink } from "../kernel/netlink/link.ts";
import { netlinkStep, type Step } from "./step.ts";

export function loopbackUp(): Step {
  return netlinkStep("container", "set the container's loopback up", setLink({ name: "lo" }, { up: true }));
}
