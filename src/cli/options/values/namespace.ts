/** `--pid`, `--ipc`, `--uts`, `--cgroupns`: whose namespace the container gets. */

import type { NamespaceMode } from "../../../engine/container/spec.ts";
import type { FlagType } from "../../flags/flag.ts";

export const pidMode = namespaceMode(["host", "container"], "--pid: invalid PID mode");
export const ipcMode = namespaceMode(
  ["host", "container", "private", "shareable", "none"],
  "--ipc: invalid IPC mode",
);
export const utsMode = namespaceMode(["host"], "--uts: invalid UTS mode");
export const cgroupMode = namespaceMode(["host", "private"], "--cgroupns: invalid CGROUP mode");

/** The empty text is the engine's default: undefined. */
function namespaceMode(
  kinds: readonly NamespaceMode["kind"][],
  reason: string,
): FlagType<NamespaceMode | undefined, undefined> {
  const read = (text: string): NamespaceMode | undefined => {
    if (text === "") return undefined;
    const container = /^container:(.+)$/s.exec(text)?.[1];
    const kind = kinds.find((known) => known === (container === undefined ? text : "container"));
    if (!kind || (kind === "container" && container === undefined)) throw new Error(reason);
    return kind === "container" ? { kind, container: container! } : { kind };
  };
  return { word: "string", initial: undefined, whole: true, read };
}
