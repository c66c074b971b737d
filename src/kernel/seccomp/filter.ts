/** What seccomp(2) is given. */

import type { Seccomp } from "../../spec/runtime/seccomp.ts";

export interface SeccompFilter {
  /** An array of struct sock_filter, ready for struct sock_fprog. */
  readonly program: Uint8Array;
  /** SECCOMP_FILTER_FLAG_* bits for seccomp(2). */
  readonly flags: number;
  /** Installing the filter returns a notification fd that must reach `listenerPath`. */
  readonly listener: boolean;
}

/** A profile with its filter, so that there is never the one without the other. */
export interface CompiledSeccomp {
  readonly profile: Seccomp;
  readonly filter: SeccompFilter;
}
