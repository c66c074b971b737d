/** `SecurityOpt`, `MaskedPaths` and `ReadonlyPaths` of a request. The profile of a filter comes as text. */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import type { SecuritySpec } from "../../engine/container/spec.ts";
import type { HostConfigBody } from "./container-body.ts";

export function securityOf({ SecurityOpt = [], MaskedPaths, ReadonlyPaths }: HostConfigBody): SecuritySpec {
  const parts = SecurityOpt.map(optionOf);
  // What `--security-opt systempaths=unconfined` becomes on the way.
  const unconfined = MaskedPaths?.length === 0 && ReadonlyPaths?.length === 0;
  return present({
    ...Object.assign({}, ...parts),
    ...(unconfined ? { systemPathsUnconfined: true } : {}),
  }) as SecuritySpec;
}

function optionOf(text: string): Partial<SecuritySpec> {
  if (text === "no-new-privileges") return { noNewPrivileges: true };
  const [, key, value] = /^([^=:]+)[=:](.+)$/s.exec(text) ?? [];
  const read = key !== undefined && Object.hasOwn(readers, key) ? readers[key]!(value!) : undefined;
  if (!read) throw new BrigError("invalid", `invalid --security-opt 2: ${JSON.stringify(text.slice(0, 64))}`);
  return read;
}

const readers: Readonly<Record<string, (value: string) => Partial<SecuritySpec> | undefined>> = {
  seccomp: (value) => ({
    seccomp:
      value === "unconfined" || value === "builtin" ? { kind: value } : { kind: "profile", json: value },
  }),
  apparmor: (value) => ({ apparmor: value }),
  label: (value) => (value === "disable" ? {} : undefined),
  "no-new-privileges": (value) =>
    value === "true" || value === "false" ? { noNewPrivileges: value === "true" } : undefined,
  systempaths: (value) => (value === "unconfined" ? { systemPathsUnconfined: true } : undefined),
  mask: (value) => ({ mask: value.split(":") }),
  unmask: (value) => ({ unmask: value.split(":") }),
};
