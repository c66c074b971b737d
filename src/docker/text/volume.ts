/** `[SOURCE:]TARGET[:MODES]`: a host path, the name of a volume, or nothing for an anonymous volume. */

import type { BindMount, Propagation, VolumeMount } from "../../engine/container/spec.ts";
import { checkTarget, propagations } from "./mount-target.ts";

export function parseVolume(text: string): BindMount | VolumeMount {
  if (text === "") throw new Error("invalid empty volume spec");
  const parts = text.split(":");
  if (parts.includes("")) throw new Error(`invalid spec: ${text}: empty section between colons`);
  const [first, second, third] = parts as [string, string?, string?];
  const invalid = (reason = "") => new Error(`invalid volume specification: '${text}'${reason}`);
  if (parts.length > 3 || (parts.length === 2 && parseModes(second!))) throw invalid();
  const modes = parseModes(third ?? "");
  if (!modes) throw new Error(`invalid mode: ${third}`);
  const isBind = second !== undefined && /^[/.]/.test(first);
  const config = (reason: string) =>
    invalid(`: invalid mount config for type "${isBind ? "bind" : "volume"}": ${reason}`);
  if (isBind && modes.noCopy) throw config("field VolumeOptions must not be specified");
  if (!isBind && modes.propagation) throw config("field BindOptions must not be specified");
  try {
    const target = checkTarget(second ?? first);
    return isBind
      ? bind(first, target, modes)
      : volume(second === undefined ? undefined : first, target, modes);
  } catch (error) {
    throw config((error as Error).message);
  }
}

/** The same as text: what reads as this mount again, where `--volume` can say it at all. */
export function volumeText(mount: BindMount | VolumeMount): string {
  const { target, readOnly, relabel, idmap } = mount;
  const source = mount.kind === "bind" ? mount.source : mount.name;
  const modes = [
    ...(readOnly ? ["ro"] : []),
    ...(relabel ? [relabel === "shared" ? "z" : "Z"] : []),
    ...(mount.kind === "bind" && mount.propagation ? [mount.propagation] : []),
    ...(mount.kind === "volume" && mount.noCopy ? ["nocopy"] : []),
    ...(idmap ? ["idmap"] : []),
  ];
  return [
    ...(source === undefined ? [] : [source]),
    target,
    ...(modes.length > 0 ? [modes.join(",")] : []),
  ].join(":");
}

interface Modes {
  readonly readOnly?: boolean;
  readonly relabel?: "private" | "shared";
  readonly propagation?: Propagation;
  readonly noCopy?: true;
  readonly idmap?: true;
  /** Accepted for the sake of other hosts: Linux always has the strongest. */
  readonly consistency?: string;
}

const modeWords: Readonly<Record<string, Modes>> = {
  ro: { readOnly: true },
  rw: { readOnly: false },
  z: { relabel: "shared" },
  Z: { relabel: "private" },
  nocopy: { noCopy: true },
  idmap: { idmap: true },
  consistent: { consistency: "consistent" },
  cached: { consistency: "cached" },
  delegated: { consistency: "delegated" },
};

/** Each kind of mode at most once; undefined when a word is unknown or a kind comes twice. */
function parseModes(text: string): Modes | undefined {
  let modes: Modes = {};
  for (const word of text === "" ? [] : text.split(",")) {
    const propagation = propagations.find((name) => name === word);
    const mode: Modes | undefined = propagation
      ? { propagation }
      : Object.hasOwn(modeWords, word)
        ? modeWords[word]
        : undefined;
    if (!mode || Object.keys(mode).some((kind) => kind in modes)) return undefined;
    modes = { ...modes, ...mode };
  }
  return modes;
}

function bind(source: string, target: string, modes: Modes): BindMount {
  const { readOnly = false, relabel, propagation, idmap } = modes;
  return {
    kind: "bind",
    source,
    target,
    readOnly,
    recursive: "enabled",
    createSource: true,
    ...(idmap && { idmap }),
    ...(relabel && { relabel }),
    ...(propagation && { propagation }),
  };
}

function volume(
  name: string | undefined,
  target: string,
  { readOnly = false, relabel, noCopy, idmap }: Modes,
): VolumeMount {
  return {
    kind: "volume",
    ...(name !== undefined && { name }),
    target,
    readOnly,
    noCopy: noCopy ?? false,
    driverOptions: {},
    labels: {},
    ...(idmap && { idmap }),
    ...(relabel && { relabel }),
  };
}
