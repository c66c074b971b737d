/** A property of a unit, as StartTransientUnit and SetUnitProperties take it (org.freedesktop.systemd1(5)). */

import { type Value, variant } from "../dbus/type.ts";

export interface Property {
  readonly name: string;
  readonly signature: string;
  readonly value: Value;
  /** The version of systemd that first had it, where there are hosts with an older one. */
  readonly since?: number;
}

export const propertiesSignature = "a(sv)";

/** What systemd of that version knows: it refuses the whole call for a property that it does not. */
export function propertyList(properties: readonly Property[], version: number): Value {
  return properties
    .filter(({ since = 0 }) => since <= version)
    .map(({ name, signature, value }) => [name, variant(signature, value)]);
}
