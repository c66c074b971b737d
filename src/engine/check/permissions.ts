/**
 * What is for root alone: below these folders containers and images have set-user-id programs and secrets
 * (CVE-2021-41091). Only the outermost ones matter; what is in them has the modes that its containers need.
 */

import { chmodSync, chownSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { check, type Finding, repair } from "./finding.ts";
import { namesIn } from "./names-in.ts";

interface Data {
  readonly path: string;
  /** Bits of the mode that it must not have. */
  readonly forbidden: number;
}

export const permissions = check<Data>({
  find: ({ roots }) =>
    placesOf(roots).flatMap(({ path, forbidden }): Finding<Data>[] => {
      const stat = statSync(path, { throwIfNoEntry: false });
      const wrong = stat ? complaint(stat, forbidden) : undefined;
      const remedy = repair("gives it to root alone");
      return wrong ? [{ what: "mode", where: path, why: wrong, remedy, data: { path, forbidden } }] : [];
    }),
  mend: (_, { path, forbidden }) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.uid !== own() || stat.gid !== 0) chownSync(path, own(), 0);
    chmodSync(path, stat.mode & 0o7777 & ~forbidden);
  },
});

function complaint({ uid, mode }: { readonly uid: number; readonly mode: number }, forbidden: number) {
  if (uid !== own()) return `it belongs to the user ${uid}`;
  if ((mode & forbidden) === 0) return undefined;
  return `others than root may ${forbidden === writable ? "change" : "reach"} it: its mode is ${(mode & 0o7777).toString(8)}`;
}

/** Root, as whom brig runs; in a user namespace whoever is called so there. */
const own = () => process.geteuid?.() ?? 0;

const writable = 0o022;
const open = 0o077;

function placesOf(roots: EngineHost["roots"]): readonly Data[] {
  const database = paths.database(roots);
  return [
    // Others may look for what they may read; nobody else may put something there.
    ...[roots.root, roots.runRoot].map((path) => ({ path, forbidden: writable })),
    ...[
      paths.images(roots),
      paths.layers(roots),
      paths.containers(roots),
      ...namesIn(paths.containers(roots)).map((name) => join(paths.containers(roots), name)),
      paths.volumes(roots),
      join(paths.filters(roots), ".."),
      ...[database, `${database}-wal`, `${database}-shm`, `${database}-signal`],
      ...namesIn(paths.runs(roots)).map((name) => join(paths.runs(roots), name)),
      paths.runs(roots),
    ].map((path) => ({ path, forbidden: open })),
  ];
}
