/** `--filter KEY=VALUE`, repeated: values of one key are alternatives, keys must all hold. */

import type { Filters } from "../../../docker/filter/filters.ts";
import type { FlagType } from "../../flags/flag.ts";

export const filters: FlagType<Filters, Filters> = {
  word: "filter",
  initial: {},
  read: (text, before = {}) => {
    if (text === "") return before;
    const equals = text.indexOf("=");
    if (equals < 0) throw new Error("bad format of filter (expected name=value)");
    const name = text.slice(0, equals).trim().toLowerCase();
    const value = text.slice(equals + 1).trim();
    return { ...before, [name]: [...(Object.hasOwn(before, name) ? before[name]! : []), value] };
  },
};
