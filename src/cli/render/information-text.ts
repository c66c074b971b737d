/** A record of anything, a line for each fact, as `docker info` shows it. */

export function informationText(facts: Readonly<Record<string, unknown>>, indent = ""): string {
  return Object.entries(facts)
    .map(([name, value]) => fact(name, value, indent))
    .join("");
}

function fact(name: string, value: unknown, indent: string): string {
  // Names with their values, in an order (Docker's DriverStatus).
  if (Array.isArray(value) && Array.isArray(value[0]))
    return fact(name, Object.fromEntries(value as [string, string][]), indent);
  if (Array.isArray(value)) return `${indent}${name}: ${value.join(" ")}\n`;
  if (typeof value !== "object" || value === null) return `${indent}${name}: ${String(value ?? "")}\n`;
  return `${indent}${name}:\n${informationText(value as Record<string, unknown>, `${indent} `)}`;
}
