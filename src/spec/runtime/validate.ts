/**
 * What the types of config.json cannot say: the spec's MUSTs, and what the kernel would refuse later with less
 * clear words, found before anything is created (runtime-spec, runtime.md#create). Pure: whatever needs a look at
 * the host (does the root exist, is this fd a namespace of that type) is checked where it is opened.
 */

import { BrigError } from "../../base/errors.ts";
import type { RuntimeConfig } from "./config.ts";
import type { Process } from "./process.ts";
import type { Resources } from "./resources.ts";
import { controlGroupRules, resourceRules } from "./rules/cgroup.ts";
import { deviceRules } from "./rules/devices.ts";
import type { Finding } from "./rules/finding.ts";
import { hookRules } from "./rules/hooks.ts";
import { kernelRules } from "./rules/kernel.ts";
import { mountRules } from "./rules/mounts.ts";
import { namespaceRules } from "./rules/namespaces.ts";
import { processRules } from "./rules/process.ts";
import { sysctlRules } from "./rules/sysctl.ts";
import { topRules } from "./rules/top.ts";

const rules: readonly ((config: RuntimeConfig) => Iterable<Finding>)[] = [
  topRules,
  (config) => (config.process ? processRules(config.process, "process") : []),
  hookRules,
  mountRules,
  namespaceRules,
  sysctlRules,
  deviceRules,
  controlGroupRules,
  kernelRules,
];

/**
 * Refuses a config that contradicts the spec or itself, naming everything that is wrong with it.
 * Returns the warnings (runtime.md#warnings): the operation goes on as if they had not been given.
 */
export function validateRuntimeConfig(config: RuntimeConfig, name = "config.json"): readonly string[] {
  return judge(
    rules.flatMap((rule) => [...rule(config)]),
    name,
  );
}

/** The same for the process of an `exec`; fields are named from the top of the document. */
export function validateProcess(process: Process, name = "process.json"): readonly string[] {
  return judge([...processRules(process, "")], name);
}

/** The same for the resources of an `update`. */
export function validateResources(resources: Resources, name = "resources"): readonly string[] {
  return judge([...resourceRules(resources, "")], name);
}

/** Throws what is an error, `unsupported` only when nothing is also invalid; returns the texts of the warnings. */
function judge(findings: readonly Finding[], name: string): readonly string[] {
  const textOf = ({ path, reason, clause }: Finding) => `${path}: ${reason} (${clause})`;
  const errors = findings.filter((finding) => finding.kind !== "warning");
  if (errors.length > 0) {
    const kind = errors.some((finding) => finding.kind === "invalid") ? "invalid" : "unsupported";
    const shown = errors.slice(0, shownErrors).map(textOf).join("; ");
    const rest = errors.length > shownErrors ? `; and ${errors.length - shownErrors} more` : "";
    throw new BrigError(kind, `${name}: ${shown}${rest}`);
  }
  return findings.map((finding) => `${name}: ${textOf(finding)}`);
}

/** More would not be read, and a hostile config could make the message as long as itself. */
const shownErrors = 10;
