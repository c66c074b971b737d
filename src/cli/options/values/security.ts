/**
 * `--security-opt`: all occurrences together are one record. `KEY=VALUE` is Docker's form, `KEY:VALUE` its older one;
 * mask and unmask are Podman's.
 */

import { quote } from "../../../docker/text/quote.ts";
import type { FlagType } from "../../flags/flag.ts";

export interface SecurityOptions {
  /** Absent: the engine's default profile. */
  readonly seccomp?:
    | { readonly kind: "unconfined" | "builtin" }
    | { readonly kind: "file"; readonly path: string };
  /** Name of an AppArmor profile, or `unconfined`. */
  readonly apparmor?: string;
  /** Parts of the SELinux label: `disable`, `user:U`, `role:R`, `type:T`, `level:L`. */
  readonly label: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** No path under /proc and /sys is masked or read-only. */
  readonly systemPathsUnconfined?: true;
  /** Further paths to mask. */
  readonly mask: readonly string[];
  /** Paths that stay visible; `ALL` for every one. */
  readonly unmask: readonly string[];
}

const none: SecurityOptions = { label: [], mask: [], unmask: [] };

export const securityOptions: FlagType<SecurityOptions, SecurityOptions> = {
  word: "list",
  initial: none,
  whole: true,
  read: (text, before = none) => ({ ...before, ...readOption(text, before) }),
};

function readOption(text: string, before: SecurityOptions): Partial<SecurityOptions> {
  const invalid = () => new Error(`Invalid --security-opt: ${quote(text)}`);
  if (text === "no-new-privileges") return { noNewPrivileges: true };
  const [, key, value] = /^([^=:]+)[=:](.+)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined || !Object.hasOwn(readers, key)) throw invalid();
  const read = readers[key]!(value, before);
  if (!read) throw invalid();
  return read;
}

type Reader = (value: string, before: SecurityOptions) => Partial<SecurityOptions> | undefined;

const readers: Readonly<Record<string, Reader>> = {
  seccomp: (value) => ({
    seccomp: value === "unconfined" || value === "builtin" ? { kind: value } : { kind: "file", path: value },
  }),
  apparmor: (value) => ({ apparmor: value }),
  label: (value, { label }) => ({ label: [...label, value] }),
  "no-new-privileges": (value) =>
    value === "true" || value === "false" ? { noNewPrivileges: value === "true" } : undefined,
  systempaths: (value) => (value === "unconfined" ? { systemPathsUnconfined: true } : undefined),
  mask: (value, { mask }) => ({ mask: [...mask, ...value.split(":")] }),
  unmask: (value, { unmask }) => ({ unmask: [...unmask, ...value.split(":")] }),
};
