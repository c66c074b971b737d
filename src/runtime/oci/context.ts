/** What every operation of the runtime is given: where state is, how to start the executor, where warnings go. */

import type { HostPath } from "../../base/ids.ts";
import type { ContainerStore } from "./store.ts";

export interface OciContext {
  readonly store: ContainerStore;
  readonly shim: HostPath;
  /** A fact that does not stop the operation (runtime.md#warnings). */
  readonly warn: (message: string) => void;
  readonly now: () => Date;
  /** Name of the user who calls. */
  readonly owner: string;
}
