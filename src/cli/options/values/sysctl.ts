/**
 * `--sysctl NAME=VALUE`: only kernel parameters that belong to a namespace of the container.
 */

import type { FlagType } from "../../flags/flag.ts";

/** The parameters of the ipc namespace (ipc_namespaces(7)). */
const ipcParameters = [
  "kernel.msgmax",
  "kernel.msgmnb",
  "kernel.msgmni",
  "kernel.sem",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "kernel.shm_rmid_forced",
];

const prefixes = ["net.", "fs.mqueue."];

type Sysctls = Readonly<Record<string, string>>;

export const sysctlMap: FlagType<Sysctls, Sysctls> = {
  word: "map",
  initial: {},
  read: (text, before = {}) => {
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(equals, 0));
    if (!ipcParameters.includes(name) && !prefixes.some((prefix) => name.startsWith(prefix))) {
      throw new Error(`sysctl '${text}' is not allowed`);
    }
    return { ...before, [name]: text.slice(equals + 1) };
  },
};
