/** Options that brig reads and does not do: refused with a reason, never ignored. */

import { BrigError } from "../../base/errors.ts";
import type { ContainerOptions } from "./container-spec.ts";

/** Throws for the first option that cannot be honoured here. */
export function refuseUnsupported(options: ContainerOptions): void {
  if (options.rm && options.restart.name !== "no")
    throw new BrigError("invalid", "conflicting options: cannot specify both --restart and --rm");
  const found = unsupported.find(([asked]) => asked(options));
  if (found) throw new BrigError("unsupported", found[1], { code: "unsupported-option" });
}

const hostArchitectures: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: "amd64",
  arm64: "arm64",
};

const attachments = ({ network }: ContainerOptions) => network.filter((each) => each.kind === "network");

const unsupported: readonly (readonly [asked: (options: ContainerOptions) => boolean, reason: string])[] = [
  [
    ({ isolation }) => isolation === "vm",
    "--isolation vm is not supported yet: only 'process' and 'sandbox' are; leave the flag out",
  ],
  [
    ({ platform: { os = "linux", architecture } = {} }) =>
      os !== "linux" ||
      (architecture !== undefined && architecture !== hostArchitectures[process.arch as NodeJS.Architecture]),
    "--platform is not supported yet for platforms other than this host's",
  ],
  [
    ({ pull }) => pull === "always",
    "--pull always is not supported yet: registries are not; bring the image with brig load or brig import",
  ],
  [
    ({ isolation, runtime }) => isolation === "sandbox" && runtime !== undefined,
    "--isolation sandbox and --runtime exclude each other: the sandbox is the runtime runsc",
  ],
  [
    ({ securityOpt }) => securityOpt.label.some((label) => label !== "disable"),
    "--security-opt label is not supported yet, but for label=disable",
  ],
  [({ network }) => network.length > 1, "--network is supported only once yet"],
  [({ ip6 }) => ip6 !== undefined, "--ip6 is not supported yet: containers have IPv4 addresses"],
  [
    (options) =>
      attachments(options).some(
        (each) =>
          each.ipv6 !== undefined || each.linkLocal.length > 0 || Object.keys(each.driverOptions).length > 0,
      ),
    "--network with ip6, link-local-ip or driver-opt is not supported yet",
  ],
  [
    (options) => attachments(options).some(({ aliases }) => aliases.length > 0),
    "network-scoped aliases are only supported for user-defined networks",
  ],
  [
    ({ mount }) =>
      mount.some((each) => each.kind === "volume" && each.driver !== undefined && each.driver !== "local"),
    "--mount with volume-driver is not supported yet but for local",
  ],
];
