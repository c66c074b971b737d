/** /etc/hostname of a container, and what a host name may be (hostname(7), sethostname(2)). */

import { BrigError } from "../../base/errors.ts";

export const hostnameFile = (hostname: string): string => `${hostname}\n`;

/** Throws `invalid`. The kernel takes 64 bytes; labels are RFC 1123's, with Docker's leniency for "_". */
export function checkHostname(hostname: string): string {
  const labels = hostname.split(".");
  const isValid =
    hostname.length <= 64 &&
    labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
  if (!isValid) throw new BrigError("invalid", `invalid hostname format: ${hostname}`);
  return hostname;
}

/** What a container without `--hostname` is called: its short id. */
export const defaultHostname = (containerId: string): string => containerId.slice(0, 12);
