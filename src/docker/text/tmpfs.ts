/** `TARGET[:OPTIONS]`: an empty file system in memory, with mount(8)'s options for tmpfs. */

import type { TmpfsMount } from "../../engine/container/spec.ts";
import { checkTarget, propagations } from "./mount-target.ts";

const switches = [
  "defaults",
  "ro",
  "rw",
  "suid",
  "nosuid",
  "dev",
  "nodev",
  "exec",
  "noexec",
  "sync",
  "async",
  "dirsync",
  "remount",
  "mand",
  "nomand",
  "atime",
  "noatime",
  "diratime",
  "nodiratime",
  "bind",
  "rbind",
  "unbindable",
  "runbindable",
  "relatime",
  "norelatime",
  "strictatime",
  "nostrictatime",
];

const settings = ["size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"];

export function parseTmpfs(text: string): TmpfsMount {
  const colon = text.indexOf(":");
  const target = checkTarget(colon < 0 ? text : text.slice(0, colon));
  const options = colon < 0 || colon === text.length - 1 ? [] : text.slice(colon + 1).split(",");
  for (const option of options) {
    const [name, value] = option.split("=", 2) as [string, string?];
    const known = value === undefined ? [...switches, ...propagations] : settings;
    if (!known.includes(name)) throw new Error(`invalid tmpfs option ${JSON.stringify([option])}`);
  }
  const last = options.findLast((option) => option === "ro" || option === "rw");
  return {
    kind: "tmpfs",
    target,
    readOnly: last === "ro",
    options: options.filter((option) => option !== "ro" && option !== "rw"),
  };
}
