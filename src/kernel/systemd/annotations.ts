/**
 * Annotations that set properties of the container's unit, as runc and crun have them: the value of
 * `org.systemd.property.NAME` is text of GVariant ("'text'", "true", "uint64 5", "['a', 'b']"). A name that ends in Sec
 * is a time in seconds, which the property of D-Bus has in microseconds and calls USec.
 */

import { BrigError } from "../../base/errors.ts";
import type { Variant } from "../dbus/type.ts";
import type { Property } from "./property.ts";
import { parseVariantText } from "./variant-text.ts";

const prefix = "org.systemd.property.";

export function annotatedProperties(annotations: Readonly<Record<string, string>> = {}): readonly Property[] {
  return Object.entries(annotations).flatMap(([key, text]) =>
    key.startsWith(prefix) ? [propertyOf(key, text)] : [],
  );
}

function propertyOf(key: string, text: string): Property {
  const name = key.slice(prefix.length);
  // runc's rule; what systemd does not know it refuses itself.
  if (!/^[A-Z][A-Za-z]{2,}$/.test(name))
    throw new BrigError("invalid", `cannot use the annotation ${key}: it does not end in a property's name`);
  const parsed = parseVariantText(text);
  if (!parsed) throw new BrigError("invalid", `cannot use the annotation ${key}: ${text} is not a value`);
  return /[^U]Sec$/.test(name) ? inMicroseconds(name, key, parsed) : { name, ...parsed };
}

function inMicroseconds(name: string, key: string, { value }: Variant): Property {
  const seconds = Number(value);
  if (typeof value === "string" || !(seconds >= 0 && seconds < Number.MAX_SAFE_INTEGER / 1e6))
    throw new BrigError("invalid", `cannot use the annotation ${key}: it is not a number of seconds`);
  return { name: name.replace(/Sec$/, "USec"), signature: "t", value: BigInt(Math.round(seconds * 1e6)) };
}
