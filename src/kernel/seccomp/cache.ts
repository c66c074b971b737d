/**
 * Compiled filters, kept in a directory that only root can enter: compiling one takes as long as all the rest of a
 * launch. A file is named by the digest of the profile and holds the digest of its own content, so that one that was
 * cut short is compiled anew.
 */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../base/digest.ts";
import type { Seccomp } from "../../spec/runtime/seccomp.ts";
import { formatJson } from "../../spec/schema/json.ts";
import { hostArchitecture } from "../program/encode.ts";
import type { Architecture } from "../syscalls.ts";
import type { CompiledSeccomp, SeccompFilter } from "./filter.ts";

/** To be raised whenever the compiler's output for a profile changes. */
const compilerVersion = 1;

const digestSize = 32;
const headSize = digestSize + 8;

export async function compiledSeccomp(
  directory: string,
  profile: Seccomp,
  host: Architecture = hostArchitecture(),
): Promise<CompiledSeccomp> {
  const name = sha256(`${compilerVersion} ${host} ${textOf(profile)}`).toString("hex");
  const path = join(directory, name);
  const kept = read(path);
  if (kept) return { profile, filter: kept };
  const { compileSeccomp } = await import("./compile.ts");
  return { profile, filter: keep(directory, path, compileSeccomp(profile, host)) };
}

/** Numbers beyond what JSON.stringify takes are rare, and writing them is slow. */
function textOf(profile: Seccomp): string {
  try {
    return JSON.stringify(profile);
  } catch {
    return formatJson(profile);
  }
}

function read(path: string): SeccompFilter | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  if (bytes.length < headSize || !sha256(bytes.subarray(digestSize)).equals(bytes.subarray(0, digestSize)))
    return undefined;
  return {
    flags: bytes.readUInt32LE(digestSize),
    listener: bytes.readUInt32LE(digestSize + 4) === 1,
    program: bytes.subarray(headSize),
  };
}

/** A cache that cannot be written is no reason to fail. */
function keep(directory: string, path: string, filter: SeccompFilter): SeccompFilter {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(filter.flags, 0);
  head.writeUInt32LE(filter.listener ? 1 : 0, 4);
  const content = Buffer.concat([head, filter.program]);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, Buffer.concat([sha256(content), content]), { mode: 0o600 });
    renameSync(fresh, path);
  } catch {
    return filter;
  }
  return filter;
}
