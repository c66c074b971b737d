/**
 * Platforms as users write them ("linux/arm64", "arm/v7", "windows(10.0.17763)/amd64"), and which image of several
 * fits one: the rules of containerd's platforms, on which Docker's `--platform` rests.
 */

import { BrigError } from "../base/errors.ts";
import type { Platform } from "./image/descriptor.ts";
import { quote } from "./schema/schema.ts";

export type { Platform } from "./image/descriptor.ts";

/** Reads `os[(version)]`, `arch`, `os/arch` or `os/arch/variant`; what is left out comes from `host`. */
export function parsePlatform(text: string, host: Platform): Platform {
  const [first = "", arch, variant, ...more] = text.split("/");
  const system = systemPattern.exec(first);
  const valid = [arch, variant].every((part) => part === undefined || wordPattern.test(part));
  if (!system || !valid || more.length > 0) throw invalid(text, "use os, os/arch or os/arch/variant");

  const os = normalOs(system[1]!);
  const version = system[2] ? { "os.version": system[2] } : {};
  if (variant !== undefined) {
    const [architecture, normal] = normalArch(arch!, variant);
    // An explicit v8 stays visible, though it matches as if it were not there.
    return {
      os,
      ...version,
      architecture,
      ...named(architecture === "arm64" && normal === "" ? "v8" : normal),
    };
  }
  if (arch !== undefined) return { os, ...version, ...defaultVariant(arch) };
  if (knownSystems.includes(os)) {
    const { architecture, variant: own } = host;
    // As everywhere, v7 is what "arm" alone means.
    return {
      os,
      ...version,
      architecture,
      ...named(architecture === "arm" && own !== "v7" ? (own ?? "") : ""),
    };
  }
  const alone = defaultVariant(first);
  if (knownArchitectures.includes(alone.architecture)) return { os: host.os, ...alone };
  throw invalid(text, "neither an operating system nor an architecture that is known");
}

/** The one spelling of a platform: x86_64 → amd64, aarch64 → arm64, armhf → arm/v7, macos → darwin. */
export function normalizePlatform(platform: Platform): Platform {
  const { variant: given = "", ...rest } = platform;
  const [architecture, variant] = normalArch(platform.architecture, given);
  return { ...rest, os: normalOs(platform.os), architecture, ...named(variant) };
}

/** "linux/arm/v7". */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return os === "" ? "unknown" : [os, architecture, variant].filter(Boolean).join("/");
}

/** The platforms whose images run on this one, the best first: arm64, then arm/v8 down to v5; amd64/v3 down, 386. */
export function compatiblePlatforms(platform: Platform): readonly Platform[] {
  const own = normalizePlatform(platform);
  const { architecture, variant } = own;
  const as = (arch: string, name: string) => normalizePlatform({ ...own, architecture: arch, variant: name });
  switch (architecture) {
    case "amd64":
      return [own, ...versionsBelow(variant, 1).map((name) => as("amd64", name)), as("386", "")];
    case "arm":
      return [own, ...versionsBelow(variant, 5).map((name) => as("arm", name))];
    case "arm64":
      return [own, ...compatiblePlatforms(as("arm", variant ?? "v8"))];
    default:
      return [own];
  }
}

/** Equal system, architecture and variant, however they are spelled. */
export function samePlatform(one: Platform, other: Platform): boolean {
  const a = normalizePlatform(one);
  const b = normalizePlatform(other);
  return a.os === b.os && a.architecture === b.architecture && a.variant === b.variant;
}

/** Of the candidates that run on `platform` the best, the first of equals; candidates without a platform never fit. */
export function bestMatch<T extends { readonly platform?: Platform }>(
  candidates: readonly T[],
  platform: Platform,
): T | undefined {
  for (const wanted of compatiblePlatforms(platform)) {
    const found = candidates.find(
      (each) => each.platform !== undefined && samePlatform(each.platform, wanted),
    );
    if (found) return found;
  }
  return undefined;
}

const wordPattern = /^[A-Za-z0-9_-]+$/;
const systemPattern = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.-]*)\))?$/;

/** The values of GOOS and GOARCH, by which images name platforms. */
const knownSystems: readonly string[] =
  "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos".split(
    " ",
  );
const knownArchitectures: readonly string[] =
  "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm".split(
    " ",
  );

function normalOs(os: string): string {
  const lower = os.toLowerCase();
  return lower === "" ? "linux" : lower === "macos" ? "darwin" : lower;
}

/** Spellings that fix architecture and variant together. */
const spellings: Readonly<Record<string, readonly [arch: string, variant: string]>> = {
  i386: ["386", ""],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
};

const sameArchitecture: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
};

/** Variants by architecture that have another normal name; "" is none. */
const sameVariant: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  amd64: { v1: "" },
  arm64: { "8": "", v8: "" },
  arm: { "": "v7", "7": "v7", "5": "v5", "6": "v6", "8": "v8" },
};

function normalArch(arch: string, variant: string): readonly [arch: string, variant: string] {
  const lower = arch.toLowerCase();
  if (Object.hasOwn(spellings, lower)) return spellings[lower]!;
  const name = Object.hasOwn(sameArchitecture, lower) ? sameArchitecture[lower]! : lower;
  const variants = Object.hasOwn(sameVariant, name) ? sameVariant[name]! : {};
  const own = variant.toLowerCase();
  return [name, Object.hasOwn(variants, own) ? variants[own]! : own];
}

/** An architecture written without a variant; that of "arm" is v7, and not spelled out. */
function defaultVariant(arch: string): { readonly architecture: string; readonly variant?: string } {
  const [architecture, variant] = normalArch(arch, "");
  return { architecture, ...named(architecture === "arm" && variant === "v7" ? "" : variant) };
}

function named(variant: string): { readonly variant?: string } {
  return variant === "" ? {} : { variant };
}

/** "v8", 5 → v7, v6, v5. */
function versionsBelow(variant: string | undefined, least: number): readonly string[] {
  const version = /^v?(\d{1,3})$/.exec(variant ?? "");
  if (!version) return [];
  const count = Math.max(0, Number(version[1]) - least);
  return Array.from({ length: count }, (_, index) => `v${Number(version[1]) - 1 - index}`);
}

function invalid(text: string, reason: string): BrigError {
  return new BrigError("invalid", `invalid platform ${quote(text)}: ${reason}`, { code: "invalid-platform" });
}
