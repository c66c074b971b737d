/** Version, root, names and annotations (runtime-spec, config.md). */

import { quote } from "../../schema/schema.ts";
import type { RuntimeConfig } from "../config.ts";
import { type Finding, invalid, unsupported, warning } from "./finding.ts";
import { namespacesOf } from "./namespaces.ts";

/** semver.org, version 2.0.0. */
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** What brig implements: a config of a later minor version may ask for what this runtime ignores. */
const major = 1;
const minor = 3;

export function* topRules(config: RuntimeConfig): Iterable<Finding> {
  yield* versionRules(config.ociVersion);

  if (!config.root) yield invalid("root", "is required", "config.md#root");
  else if (config.root.path === "") yield invalid("root.path", "must not be empty", "config.md#root");

  // Without a namespace of its own the host's name would change.
  if (!namespacesOf(config).has("uts")) {
    for (const field of ["hostname", "domainname"] as const) {
      if (config[field] !== undefined) {
        yield invalid(field, "needs a uts namespace; add one to linux.namespaces", `config.md#${field}`);
      }
    }
  }

  if (config.annotations && Object.hasOwn(config.annotations, "")) {
    yield invalid("annotations", "must not have an empty key", "config.md#annotations");
  }
}

function* versionRules(version: string): Iterable<Finding> {
  const clause = "config.md#specification-version";
  const match = semver.exec(version);
  if (!match) {
    yield invalid("ociVersion", `must be a semantic version such as 1.3.0, not ${quote(version)}`, clause);
  } else if (Number(match[1]) !== major) {
    yield unsupported("ociVersion", `must be ${major}.x, not ${quote(version)}`, clause);
  } else if (Number(match[2]) > minor) {
    yield warning(
      "ociVersion",
      `${version} is later than ${major}.${minor}; what is new there is ignored`,
      clause,
    );
  }
}
