/** `--add-host NAME:ADDRESS` or `NAME=ADDRESS`, for /etc/hosts; the address `host-gateway` is the host's. */

import { ipVersion } from "../../../base/ip-version.ts";
import { quote } from "../../../docker/text/quote.ts";
import { listOf } from "../../flags/types/text.ts";

export interface ExtraHost {
  readonly name: string;
  /** An IP address without brackets, or `host-gateway`. */
  readonly address: string;
}

export const extraHostList = listOf((text): ExtraHost => {
  const [, name, given] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? [];
  if (name === undefined || given === undefined) throw new Error(`bad format for add-host: ${quote(text)}`);
  const address = given.replace(/^\[(.*)\]$/s, "$1");
  if (address !== "host-gateway" && ipVersion(address) === 0) {
    throw new Error(`invalid IP address in add-host: ${quote(given)}`);
  }
  return { name, address };
});
