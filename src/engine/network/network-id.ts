/** What a network is called by its digits: the same ones every time, and others in every root. */

import { sha256 } from "../../base/digest.ts";
import type { Roots } from "../roots.ts";

/** 64 hexadecimal digits. */
export function networkId({ root }: Roots, name: string): string {
  return sha256(`${root}\0${name}`).toString("hex");
}
