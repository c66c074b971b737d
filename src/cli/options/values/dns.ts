/** `--dns` and `--dns-search`, for /etc/resolv.conf. */

import { ipVersion } from "../../../base/ip-version.ts";
import { listOf } from "../../flags/types/text.ts";

export const nameServerList = listOf((text) => {
  const address = text.trim();
  if (ipVersion(address) === 0) throw new Error(`IP address is not correctly formatted: ${address}`);
  return address;
});

/** Labels of a name as RFC 1123 has them; a lone `.` asks for no search at all. */
export const searchDomainList = listOf((text) => {
  const domain = text.trim();
  const labels = domain.replace(/\.$/, "").split(".");
  const isLabel = (label: string) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label);
  if (domain === ".") return domain;
  if (!labels.every(isLabel) || domain.length > 255) throw new Error(`${domain} is not a valid domain`);
  return labels.join(".");
});
