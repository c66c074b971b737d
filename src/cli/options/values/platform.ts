/**
 * `--platform OS[/ARCH[/VARIANT]]`, `ARCH` or `OS` alone, normalized as containerd does
 * (image-spec, image-index.md: platform).
 */

import { quote } from "../../../docker/text/quote.ts";
import type { FlagType } from "../../flags/flag.ts";

/** What is absent is the host's. */
export interface PlatformSpec {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

export const platform: FlagType<PlatformSpec, undefined> = {
  word: "string",
  initial: undefined,
  whole: true,
  read: parsePlatform,
};

/** Other names of architectures, each with the variant it implies. */
const aliases: Readonly<Record<string, readonly [architecture: string, variant: string]>> = {
  i386: ["386", ""],
  x86_64: ["amd64", ""],
  "x86-64": ["amd64", ""],
  aarch64: ["arm64", ""],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
  arm: ["arm", "v7"],
};

const architectures = [
  "386",
  "amd64",
  "arm",
  "arm64",
  "loong64",
  "mips",
  "mipsle",
  "mips64",
  "mips64le",
  "ppc64",
  "ppc64le",
  "riscv64",
  "s390x",
  "wasm",
];

const systems = [
  "aix",
  "android",
  "darwin",
  "dragonfly",
  "freebsd",
  "illumos",
  "ios",
  "js",
  "linux",
  "netbsd",
  "openbsd",
  "plan9",
  "solaris",
  "wasi",
  "wasip1",
  "windows",
];

/** The variant that goes without saying. */
const impliedVariants: Readonly<Record<string, string>> = { arm64: "v8", amd64: "v1" };

export function parsePlatform(text: string): PlatformSpec {
  const fail = (reason: string) =>
    new Error(`error parsing specified platform: ${quote(text)}: ${reason}: invalid argument`);
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3) throw fail("cannot parse platform specifier");
  const bad = parts.find((part) => !/^[a-z0-9_.-]+$/.test(part));
  if (bad !== undefined) throw fail(`${quote(bad)} is an invalid component of ${quote(text)}`);
  const [first, second, third] = parts as [string, string?, string?];
  if (second !== undefined) return { os: systemName(first), ...normalized(second, third) };
  if (systems.includes(systemName(first))) return { os: systemName(first) };
  const alone = normalized(first, undefined);
  if (!architectures.includes(alone.architecture)) throw fail("unknown operating system or architecture");
  return alone;
}

function systemName(name: string): string {
  return name === "macos" ? "darwin" : name;
}

function normalized(given: string, variant: string | undefined) {
  const alias = Object.hasOwn(aliases, given) ? aliases[given] : undefined;
  const architecture = alias?.[0] ?? given;
  const digits = /^\d$/.test(variant ?? "") ? `v${variant}` : variant;
  const wanted = digits ?? alias?.[1] ?? "";
  return wanted === "" || wanted === impliedVariants[architecture]
    ? { architecture }
    : { architecture, variant: wanted };
}
