/** Wishes that exclude each other, in the words of Docker's engine. */

import { BrigError } from "../../base/errors.ts";
import type { ContainerSpec } from "./spec.ts";

/** Throws for the first of them. */
export function checkConflicts(spec: ContainerSpec): void {
  const found = conflicts.find(([holds]) => holds(spec));
  if (found) throw new BrigError("invalid", found[1]);
  const twice = duplicateMount(spec);
  if (twice !== undefined) throw new BrigError("invalid", `Duplicate mount point: ${twice}`);
}

/** What is said in vain; of what has no effect beside `--network container:` Docker says nothing. */
export function ineffectiveOptions(spec: ContainerSpec): readonly string[] {
  return [...laterOptions(spec), ...networkOptions(spec)];
}

/** What is kept with the container, for a brig that acts on it. */
function laterOptions({ restart, health }: ContainerSpec): readonly string[] {
  return [
    ...(restart ? ["--restart is kept, but this version does not start containers again"] : []),
    ...(health?.Test && health.Test[0] !== "NONE"
      ? ["--health-cmd is kept, but this version does not check the health of containers"]
      : []),
  ];
}

function networkOptions(spec: ContainerSpec): readonly string[] {
  const { dnsSearch, dnsOptions, mode, publish = [] } = spec.network ?? {};
  if (mode === "host" && publish.length > 0)
    return ["Published ports are discarded when using host network mode"];
  if (!joins(spec)) return [];
  const said = [
    ["--domainname", spec.domainname],
    ["--dns-search", dnsSearch],
    ["--dns-option", dnsOptions],
  ] as const;
  return said.flatMap(([flag, value]) =>
    value === undefined
      ? []
      : [`${flag} has no effect with --network ${mode}: name and files are those of that container`],
  );
}

const joins = (spec: ContainerSpec) => spec.network?.mode?.startsWith("container:") ?? false;
const joinsOrHost = (spec: ContainerSpec) => joins(spec) || spec.network?.mode === "host";

const conflicts: readonly (readonly [holds: (spec: ContainerSpec) => boolean, message: string])[] = [
  [
    (spec) => spec.namespaces?.uts?.kind === "host" && (spec.hostname ?? spec.domainname) !== undefined,
    "conflicting options: hostname and the UTS mode",
  ],
  [
    (spec) => joins(spec) && spec.hostname !== undefined,
    "conflicting options: hostname and the network mode",
  ],
  [(spec) => joins(spec) && spec.network?.dns !== undefined, "conflicting options: dns and the network mode"],
  [
    (spec) => joins(spec) && spec.network?.extraHosts !== undefined,
    "conflicting options: custom host-to-IP mapping and the network mode",
  ],
  [
    (spec) => joinsOrHost(spec) && spec.network?.macAddress !== undefined,
    "conflicting options: mac-address and the network mode",
  ],
  [
    (spec) => joins(spec) && (spec.network?.publish ?? spec.network?.publishAll) !== undefined,
    "conflicting options: port publishing and the container type network mode",
  ],
  [
    (spec) => joins(spec) && spec.network?.expose !== undefined,
    "conflicting options: port exposing and the container type network mode",
  ],
];

function duplicateMount({ mounts = [] }: ContainerSpec): string | undefined {
  const targets = mounts.map(({ target }) => normalized(target));
  return targets.find((target, at) => targets.indexOf(target) !== at);
}

/** `/a//b/./c/` → `/a/b/c`. */
function normalized(path: string): string {
  return `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
}
