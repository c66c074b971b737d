/** Where `brig --host` means to differ from Docker's client: with brig's service behind it, and with Debian's dockerd. */

import { apiDifferences } from "./api-differences.ts";
import { type Difference, differences } from "./differences.ts";

/** What of the differences of the two command lines is one of theirs, whatever engine is behind. */
const ofCommandLines = ["d create --name apart --userns private", "d inspect -f '{{.Config.Nosuch}}'"];

const macAddress: Difference = {
  line: "d run --rm --mac-address 02:42:ac:11:00:77 busybox cat /sys/class/net/eth0/address",
  in: ["code", "stdout", "stderr"],
  reason:
    "Docker's client of today refuses to ask an API before 1.44 for an address, which has had a field for it since the beginning",
  better: "brig",
};

const ofBoth: readonly Difference[] = [
  ...differences.filter(({ line }) => ofCommandLines.some((beginning) => line.startsWith(beginning))),
  macAddress,
];

const pruned =
  "as with Docker since API 1.42 volumes that have a name stay unless all are asked for; Docker's client asks in 1.41 here, and takes them";

export const hostDifferences: readonly Difference[] = [
  ...apiDifferences,
  ...ofBoth,
  { line: "d volume create free; d volume prune -f", in: ["stdout"], reason: pruned, better: "brig" },
  {
    line: "echo n | d volume prune; echo | d network prune",
    in: ["stdout"],
    reason: pruned,
    better: "brig",
  },
];

const refused = `${pruned}; an engine that knows no other way is not asked to`;

export const hostDockerDifferences: readonly Difference[] = [
  ...ofBoth,
  {
    line: "d volume create free; d volume prune -f",
    in: ["code", "stdout", "stderr"],
    reason: refused,
    better: "brig",
  },
  {
    line: "d run --name had -v /left busybox true; d rm had; d volume prune -f | wc -l",
    in: ["stdout", "stderr"],
    reason: refused,
    better: "brig",
  },
  {
    line: "echo n | d volume prune; echo | d network prune",
    in: ["stdout"],
    reason: pruned,
    better: "brig",
  },
];
