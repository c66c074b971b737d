/** Resource limits of this process, which its children begin with (getrlimit(2); proc(5), /proc/PID/limits). */

import type { rlimitNumbers } from "../abi/process.ts";
import { readFact } from "./network.ts";

export type LimitName = keyof typeof rlimitNumbers;
export type Limits = Readonly<Partial<Record<LimitName, { readonly soft: bigint; readonly hard: bigint }>>>;

export function readLimits(text = readFact("/proc/self/limits")): Limits {
  const entries = text.split("\n").flatMap((line) => {
    const [, title, soft, hard] = /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/.exec(line) ?? [];
    const name = title === undefined ? undefined : names[title];
    return name === undefined ? [] : [[name, { soft: numberOf(soft!), hard: numberOf(hard!) }] as const];
  });
  return Object.fromEntries(entries);
}

const numberOf = (text: string) => (text === "unlimited" ? (1n << 64n) - 1n : BigInt(text));

const names: Readonly<Record<string, LimitName>> = {
  "Max cpu time": "RLIMIT_CPU",
  "Max file size": "RLIMIT_FSIZE",
  "Max data size": "RLIMIT_DATA",
  "Max stack size": "RLIMIT_STACK",
  "Max core file size": "RLIMIT_CORE",
  "Max resident set": "RLIMIT_RSS",
  "Max processes": "RLIMIT_NPROC",
  "Max open files": "RLIMIT_NOFILE",
  "Max locked memory": "RLIMIT_MEMLOCK",
  "Max address space": "RLIMIT_AS",
  "Max file locks": "RLIMIT_LOCKS",
  "Max pending signals": "RLIMIT_SIGPENDING",
  "Max msgqueue size": "RLIMIT_MSGQUEUE",
  "Max nice priority": "RLIMIT_NICE",
  "Max realtime priority": "RLIMIT_RTPRIO",
  "Max realtime timeout": "RLIMIT_RTTIME",
};
