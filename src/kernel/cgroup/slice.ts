/** Slices of systemd as cgroups (systemd.slice(5)): a dash leads to the slice above. */

import { BrigError } from "../../base/errors.ts";

const suffix = ".slice";

/** "a-b.slice" → "a.slice/a-b.slice", below the root of the hierarchies; "" for "-.slice", which is that root. */
export function slicePath(slice: string): string {
  if (slice === `-${suffix}`) return "";
  const name = slice.slice(0, -suffix.length);
  const parts = name.split("-");
  if (!slice.endsWith(suffix) || !isUnitName(slice) || parts.includes(""))
    throw new BrigError(
      "invalid",
      `cannot use ${JSON.stringify(slice)} as a slice: invalid slice name; it is of the form a-b.slice`,
    );
  return parts.map((_, i) => `${parts.slice(0, i + 1).join("-")}${suffix}`).join("/");
}

/** systemd.unit(5): the letters a name may have, and its length. */
export function isUnitName(name: string): boolean {
  return /^[\w:.\\@-]+$/.test(name) && name.length < 256;
}
