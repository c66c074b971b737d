/**
 * Log drivers by Docker's names. `json-file` and `local` are one thing here: the shim's own file (log.c), which
 * rotates; `none` keeps nothing. What neither driver's option changes is that a log cannot fill the disk.
 */

import { BrigError } from "../../base/errors.ts";
import { parseBytes } from "../../base/units.ts";
import type { LoggingSpec } from "./spec.ts";

export interface LogSetting {
  /** How many files are kept: the current one, and `.1`, `.2` … with what came before. */
  readonly files: number;
  /** Bytes of one. */
  readonly size: number;
}

/** Docker lets a log grow for ever; here it has three files of ten megabytes. */
const usual: LogSetting = { files: 3, size: 10_000_000 };
/** The kernel's pages are the least that is worth a file; a thousand names are what a rotation can move at once. */
const [leastSize, mostFiles] = [4096, 1000];

/** Undefined where nothing is kept. Throws for what no driver does. */
export function logSetting({ driver = "json-file", options = {} }: LoggingSpec = {}): LogSetting | undefined {
  if (!drivers.includes(driver)) throw new BrigError("invalid", unknownDriver(driver));
  for (const [name, value] of Object.entries(options)) {
    if (driver === "none" || !known.includes(name))
      throw new BrigError("invalid", `unknown log opt '${name}' for ${driver} log driver`);
    if (value === "") throw new BrigError("invalid", `invalid value for log opt '${name}': it is empty`);
  }
  if (driver === "none") return undefined;
  const { "max-size": size, "max-file": files } = options;
  return {
    size: size === undefined || size === "-1" ? usual.size : sizeOf(size),
    // Whoever names a size and no number means one file, as Docker does.
    files: files !== undefined ? filesOf(files) : size !== undefined && size !== "-1" ? 1 : usual.files,
  };
}

const drivers: readonly string[] = ["json-file", "local", "none"];
const known: readonly string[] = ["max-size", "max-file"];
/** Docker's other ones. */
const elsewhere = ["awslogs", "etwlogs", "fluentd", "gcplogs", "gelf", "journald", "splunk", "syslog"];

function unknownDriver(driver: string): string {
  return elsewhere.includes(driver)
    ? `--log-driver ${driver} is not supported yet; use one of ${drivers.join(", ")}`
    : `logger: no log driver named '${driver}' is registered`;
}

function sizeOf(text: string): number {
  const size = parseBytes(text);
  if (size < leastSize)
    throw new BrigError("invalid", `invalid max-size ${text}: the least is ${leastSize} bytes`);
  return size;
}

function filesOf(text: string): number {
  const files = /^\d+$/.test(text) ? Number(text) : 0;
  if (files < 1) throw new BrigError("invalid", `max-file cannot be less than 1: '${text}'`);
  if (files > mostFiles)
    throw new BrigError("invalid", `max-file cannot be more than ${mostFiles}: '${text}'`);
  return files;
}
