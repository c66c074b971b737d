/**
 * What a socket that changes nothing does not tell, wherever in an answer it is: values of environments, options of volumes
 * and of log drivers, which may be passwords, and what health checks have printed. Command lines, labels and names are told:
 * nothing that any user of the host may see by `ps` is a secret.
 */

const hidden = "***";

/** The answer without them. */
export function withheld(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withheld);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      (Object.hasOwn(secrets, key) ? secrets[key]! : withheld)(inner),
    ]),
  );
}

const secrets: Readonly<Record<string, (value: unknown) => unknown>> = {
  Env: (list) =>
    Array.isArray(list) ? list.map((entry) => String(entry).replace(/=.*$/s, `=${hidden}`)) : list,
  Options: values,
  DriverOpts: values,
  LogConfig: (log) => (typeof log === "object" && log !== null ? { ...log, Config: {} } : log),
  Health: (health) =>
    typeof health === "object" && health !== null && "Log" in health ? { ...health, Log: [] } : health,
};

function values(record: unknown): unknown {
  if (typeof record !== "object" || record === null || Array.isArray(record)) return record;
  return Object.fromEntries(Object.keys(record).map((key) => [key, hidden]));
}
