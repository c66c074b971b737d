/** Kernel parameters must belong to a namespace of the container (runtime-spec, config-linux.md#sysctl; sysctl(8)). */

import { quote } from "../../schema/schema.ts";
import type { RuntimeConfig } from "../config.ts";
import type { NamespaceType } from "../linux.ts";
import { sysctlPath } from "../sysctl.ts";
import { type Finding, invalid } from "./finding.ts";
import { namespacesOf } from "./namespaces.ts";

/**
 * Parameters of a namespace, by their path below /proc/sys; a trailing slash means all below (ipc_namespaces(7),
 * uts_namespaces(7)). All others are the host's own and would change it. That a joined network namespace is not
 * the runtime's own is checked where it is opened.
 */
const owners: Readonly<Record<string, NamespaceType>> = {
  "net/": "network",
  "fs/mqueue/": "ipc",
  "kernel/msgmax": "ipc",
  "kernel/msgmnb": "ipc",
  "kernel/msgmni": "ipc",
  "kernel/sem": "ipc",
  "kernel/shmall": "ipc",
  "kernel/shmmax": "ipc",
  "kernel/shmmni": "ipc",
  "kernel/shm_rmid_forced": "ipc",
  "kernel/domainname": "uts",
};

export function* sysctlRules(config: RuntimeConfig): Iterable<Finding> {
  const clause = "config-linux.md#sysctl";
  const namespaces = namespacesOf(config);
  for (const name of Object.keys(config.linux?.sysctl ?? {})) {
    const path = sysctlPath(name);
    if (path === undefined) {
      yield invalid("linux.sysctl", `${quote(name)} is not the name of a kernel parameter`, clause);
      continue;
    }
    if (path === "kernel/hostname") {
      yield invalid("linux.sysctl", "kernel.hostname conflicts with the field hostname; use that", clause);
      continue;
    }
    const owner = ownerOf(path);
    if (owner === undefined) {
      yield invalid(
        "linux.sysctl",
        `${quote(name)} belongs to no namespace and would change the host`,
        clause,
      );
    } else if (!namespaces.has(owner)) {
      yield invalid(
        "linux.sysctl",
        `${quote(name)} needs a ${owner} namespace; add one to linux.namespaces`,
        clause,
      );
    }
  }
}

function ownerOf(path: string): NamespaceType | undefined {
  const key = Object.keys(owners).find((known) =>
    known.endsWith("/") ? path.startsWith(known) : path === known,
  );
  return key === undefined ? undefined : owners[key];
}
