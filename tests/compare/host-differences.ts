/** Where `brig --host` means to differ from Docker's client: with brig's service behind it, and with Debian's dockerd. */

import { apiDifferences } from "./api-differences.ts";
import type { Difference } from "./differences.ts";

export const hostDifferences: readonly Difference[] = [...apiDifferences];

export const hostDockerDifferences: readonly Difference[] = [];
