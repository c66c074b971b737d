/** What is allowed to differ between two answers, and how that is looked up. */

export interface Difference {
  /** Names of steps; `*` is anything. */
  readonly requests: readonly string[];
  /** Fields as `seen.ts` calls them: "status", "header ostype", "body.Id"; `*` is anything. */
  readonly fields: readonly string[];
  readonly reason: string;
  readonly better: "brig" | "docker" | "neither";
}

/** One field that differs, with both texts; undefined where there is no such field. */
export interface Differing {
  readonly field: string;
  readonly brig: string | undefined;
  readonly docker: string | undefined;
}

export function differing(
  brig: ReadonlyMap<string, string>,
  docker: ReadonlyMap<string, string>,
): readonly Differing[] {
  const fields = new Set([...brig.keys(), ...docker.keys()]);
  return [...fields]
    .map((field) => ({ field, brig: brig.get(field), docker: docker.get(field) }))
    .filter((pair) => pair.brig !== pair.docker);
}

export function isOf({ requests, fields }: Difference, name: string, { field }: Differing): boolean {
  return requests.some((pattern) => like(pattern, name)) && fields.some((pattern) => like(pattern, field));
}

/** `*` is any text. */
function like(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`, "s").test(text);
}
