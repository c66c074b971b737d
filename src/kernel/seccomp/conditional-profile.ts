/**
 * A seccomp profile whose entries depend on the container and the host: the format of `--security-opt
 * seccomp=FILE`, which is the runtime-spec's plus `archMap`, `name`, `includes` and `excludes` (Docker's
 * documentation, "Seccomp security profiles for Docker"). Unknown fields, such as comments, are ignored.
 */

import { BrigError } from "../../base/errors.ts";
import { type Seccomp, type SeccompRule, seccompArg } from "../../spec/runtime/seccomp.ts";
import { parseJson } from "../../spec/schema/json.ts";
import { kernelText, text, uint32 } from "../../spec/schema/scalars.ts";
import {
  fail,
  type Infer,
  list,
  object,
  omitEmpty,
  optional,
  type Schema,
} from "../../spec/schema/schema.ts";
import type { Architecture } from "../syscalls.ts";

/** What the conditions of entries are about. */
export interface ProfileContext {
  /** The container's bounding set, as CAP_* names. */
  readonly capabilities: readonly string[];
  readonly architecture: Architecture;
  /** The running kernel's version: 6.18.44 is [6, 18]. */
  readonly kernel: KernelVersion;
}

export type KernelVersion = readonly [major: number, minor: number];

/** The profile in the text of a file, as it applies here; `name` is what errors call the file. */
export function profileFromDockerFile(
  json: string,
  context: ProfileContext,
  name = "seccomp profile",
): Seccomp {
  return resolveProfile(parseJson(conditionalProfile, json, name, profileLimit), context);
}

/** The profile with the entries that apply, and without their conditions. */
export function resolveProfile(profile: ConditionalProfile, context: ProfileContext): Seccomp {
  const { archMap = [], architectures = [], syscalls = [], ...rest } = profile;
  if (archMap.length > 0 && architectures.length > 0) {
    throw new BrigError(
      "invalid",
      "cannot use seccomp profile: it has both architectures and archMap; use one of them",
    );
  }
  const { seccompName } = hosts[context.architecture];
  const mapped = archMap.find(({ architecture }) => architecture === seccompName);
  return {
    ...rest,
    architectures: mapped ? [mapped.architecture, ...(mapped.subArchitectures ?? [])] : architectures,
    syscalls: syscalls.filter((rule) => applies(rule, context)).map(plainRule),
  };
}

/** Far beyond any real profile: Docker's own takes 15 kB. */
const profileLimit = 512 * 1024;

const versionPattern = /^(\d{1,3})\.(\d{1,3})$/;

const kernelVersion: Schema<KernelVersion> = (value, at) => {
  const match = versionPattern.exec(text(value, at));
  if (!match) fail(at, 'must be a kernel version such as "4.8"');
  return [Number(match[1]), Number(match[2])];
};

const filter = object({
  caps: optional(list(text)),
  arches: optional(list(text)),
  minKernel: omitEmpty(kernelVersion),
});

const conditionalRule = object({
  names: optional(list(text)),
  name: omitEmpty(text),
  action: text,
  errnoRet: optional(uint32),
  args: optional(list(seccompArg)),
  includes: optional(filter),
  excludes: optional(filter),
});

const conditionalProfile = object({
  defaultAction: text,
  defaultErrnoRet: optional(uint32),
  architectures: optional(list(text)),
  archMap: optional(list(object({ architecture: text, subArchitectures: optional(list(text)) }))),
  flags: optional(list(text)),
  listenerPath: omitEmpty(kernelText),
  listenerMetadata: omitEmpty(text),
  syscalls: optional(list(conditionalRule)),
});

interface ConditionalRule extends Infer<typeof conditionalRule> {}
export interface ConditionalProfile extends Infer<typeof conditionalProfile> {}

/** `name` is the word of `includes.arches`. */
const hosts: Readonly<Record<Architecture, { readonly name: string; readonly seccompName: string }>> = {
  x86_64: { name: "amd64", seccompName: "SCMP_ARCH_X86_64" },
  aarch64: { name: "arm64", seccompName: "SCMP_ARCH_AARCH64" },
};

/** All that `includes` asks for must hold, and nothing that `excludes` names. */
function applies({ includes, excludes }: ConditionalRule, context: ProfileContext): boolean {
  const arch = hosts[context.architecture].name;
  const has = (capability: string) => context.capabilities.includes(capability);
  const { caps = [], arches = [], minKernel } = includes ?? {};
  if (!caps.every(has) || (arches.length > 0 && !arches.includes(arch))) return false;
  if (minKernel && !atLeast(context.kernel, minKernel)) return false;
  if (excludes?.caps?.some(has) || excludes?.arches?.includes(arch)) return false;
  return !(excludes?.minKernel && atLeast(context.kernel, excludes.minKernel));
}

function atLeast(kernel: KernelVersion, least: KernelVersion): boolean {
  return kernel[0] !== least[0] ? kernel[0] > least[0] : kernel[1] >= least[1];
}

function plainRule({ name, names = [], includes: _, excludes: __, ...rest }: ConditionalRule): SeccompRule {
  if (name !== undefined && names.length > 0) {
    throw new BrigError(
      "invalid",
      `cannot use seccomp profile: the entry of ${name} has both name and names; use names`,
    );
  }
  return { ...rest, names: name === undefined ? names : [name] };
}
