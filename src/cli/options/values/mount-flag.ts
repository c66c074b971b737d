/**
 * `--mount type=bind,source=/a,target=/b,readonly`: comma-separated fields, in quotes where they contain commas.
 */

import { parseBoolean } from "../../../docker/text/boolean.ts";
import { checkTarget, propagations } from "../../../docker/text/mount-target.ts";
import { quote } from "../../../docker/text/quote.ts";
import type { MountSpec } from "../../../engine/container/spec.ts";
import { parseSize } from "../../flags/types/bytes.ts";
import { parseCsv } from "../../flags/types/csv.ts";
import { listOf } from "../../flags/types/text.ts";

export const mountList = listOf(parseMount, { word: "mount" });

export function parseMount(text: string): MountSpec {
  const fields = new Fields();
  for (const field of parseCsv(text)) readField(fields, field);
  if (fields.target === "") throw new Error("target is required");
  fields.checkMixed();
  const build = Object.hasOwn(builders, fields.type) ? builders[fields.type] : undefined;
  const invalid = (reason: string) =>
    new Error(`invalid mount config for type ${quote(fields.type)}: ${reason}`);
  if (!build) throw invalid("mount type unknown");
  try {
    checkTarget(fields.target);
    return build(fields);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

/** What the fields said, before it is known which of them the type of mount allows. */
class Fields {
  type = "volume";
  source = "";
  target = "";
  readOnly = false;
  propagation = "";
  recursive: "enabled" | "disabled" | "writable" | "readonly" = "enabled";
  noCopy = false;
  idmap = false;
  subpath = "";
  driver = "";
  size: number | undefined;
  mode: number | undefined;
  readonly labels = new Map<string, string>();
  readonly driverOptions = new Map<string, string>();
  /** Prefixes of the keys that belong to one type: bind, volume, tmpfs, image. */
  readonly prefixes = new Set<string>();

  checkMixed(): void {
    for (const prefix of ["volume", "bind", "tmpfs", "image"]) {
      if (this.prefixes.has(prefix) && this.type !== prefix) {
        throw new Error(`cannot mix '${prefix}-*' options with mount type '${this.type}'`);
      }
    }
    if (this.subpath !== "" && this.type !== "volume" && this.type !== "image") {
      throw new Error(`cannot mix 'subpath' with mount type '${this.type}'`);
    }
    if (this.idmap && this.type !== "bind" && this.type !== "volume")
      throw new Error(`cannot mix 'idmap' with mount type '${this.type}'`);
    if (this.recursive === "readonly" && !this.readOnly) {
      throw new Error("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
    }
    if (this.recursive === "readonly" && this.propagation !== "rprivate") {
      throw new Error(
        "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
      );
    }
  }
}

/** Keys that stand alone for `=true`. */
const switches = ["readonly", "ro", "volume-nocopy", "bind-nonrecursive", "idmap"];

function readField(fields: Fields, field: string): void {
  const equals = field.indexOf("=");
  const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
  if (equals < 0 && !switches.includes(key))
    throw new Error(`invalid field '${field}' must be a key=value pair`);
  if (!Object.hasOwn(readers, key)) throw new Error(`unexpected key '${key}' in '${field}'`);
  const value = equals < 0 ? "true" : field.slice(equals + 1);
  const dash = key.indexOf("-");
  if (dash > 0) fields.prefixes.add(key.slice(0, dash));
  try {
    readers[key]!(fields, value);
  } catch (error) {
    const detail = error instanceof Detail ? ` ${error.message}` : "";
    throw new Error(`invalid value for ${key}: ${value}${detail}`);
  }
}

/** A reason worth showing after the value that is refused. */
class Detail extends Error {}

const readers: Readonly<Record<string, (fields: Fields, value: string) => void>> = {
  type: (fields, value) => void (fields.type = value.toLowerCase()),
  source: (fields, value) => void (fields.source = value),
  src: (fields, value) => void (fields.source = value),
  target: (fields, value) => void (fields.target = value),
  dst: (fields, value) => void (fields.target = value),
  destination: (fields, value) => void (fields.target = value),
  readonly: (fields, value) => void (fields.readOnly = parseBoolean(value)),
  ro: (fields, value) => void (fields.readOnly = parseBoolean(value)),
  consistency: () => {}, // Linux always has the strongest
  "bind-propagation": (fields, value) => void (fields.propagation = value.toLowerCase()),
  "bind-nonrecursive": (fields, value) =>
    void (fields.recursive = parseBoolean(value) ? "disabled" : "enabled"),
  "bind-recursive": (fields, value) => void (fields.recursive = parseRecursive(value)),
  "volume-nocopy": (fields, value) => void (fields.noCopy = parseBoolean(value)),
  idmap: (fields, value) => void (fields.idmap = parseBoolean(value)),
  "volume-subpath": (fields, value) => void (fields.subpath = value),
  "volume-driver": (fields, value) => void (fields.driver = value),
  "volume-label": (fields, value) => setPair(fields.labels, value),
  "volume-opt": (fields, value) => setPair(fields.driverOptions, value),
  "image-subpath": (fields, value) => void (fields.subpath = value),
  // Podman's, for either.
  subpath: (fields, value) => void (fields.subpath = value),
  "tmpfs-size": (fields, value) => void (fields.size = parseSize(value)),
  "tmpfs-mode": (fields, value) => void (fields.mode = parseMode(value)),
};

function parseRecursive(value: string): Fields["recursive"] {
  switch (value) {
    case "enabled":
    case "disabled":
    case "writable":
    case "readonly":
      return value;
    default:
      throw new Detail('(must be "enabled", "disabled", "writable", or "readonly")');
  }
}

function setPair(pairs: Map<string, string>, value: string): void {
  const equals = value.indexOf("=");
  if (equals < 0) pairs.set(value, "");
  else pairs.set(value.slice(0, equals), value.slice(equals + 1));
}

function parseMode(value: string): number {
  if (!/^[0-7]{1,10}$/.test(value)) throw new Error("not octal");
  return Number.parseInt(value, 8);
}

const builders: Readonly<Record<string, (fields: Fields) => MountSpec>> = {
  bind: ({ source, target, readOnly, propagation, recursive, idmap }) => {
    if (source === "") throw new Error("field Source must not be empty");
    if (!/^[/.]/.test(source)) throw new Error(`invalid mount path: '${source}' mount path must be absolute`);
    const known = propagations.find((name) => name === propagation);
    if (propagation !== "" && !known) throw new Error(`invalid propagation mode: ${propagation}`);
    return {
      kind: "bind",
      source,
      target,
      readOnly,
      recursive,
      createSource: false,
      ...(idmap && { idmap }),
      ...(known && { propagation: known }),
    };
  },
  volume: ({ source, target, readOnly, noCopy, driver, driverOptions, labels, subpath, idmap }) => ({
    kind: "volume",
    ...(source && { name: source }),
    target,
    readOnly,
    noCopy,
    ...(driver && { driver }),
    driverOptions: Object.fromEntries(driverOptions),
    labels: Object.fromEntries(labels),
    ...(idmap && { idmap }),
    ...(subpath && { subpath }),
  }),
  tmpfs: ({ source, target, readOnly, size, mode }) => {
    if (source !== "") throw new Error("field Source must not be specified");
    return {
      kind: "tmpfs",
      target,
      readOnly,
      ...(size !== undefined && { size }),
      ...(mode !== undefined && { mode }),
      options: [],
    };
  },
  image: ({ source, target, subpath }) => {
    if (source === "") throw new Error("field Source must not be empty");
    return { kind: "image", image: source, target, ...(subpath && { subpath }) };
  },
};
