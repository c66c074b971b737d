/** What a root of brig's has on the host, against what its database says: the oracle of the tests that kill. */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface Place {
  readonly root: string;
  readonly runRoot: string;
  /** In the name of whatever the root has on the host. */
  readonly hash: string;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly shim: string | null;
  readonly network: string | null;
}

/** The containers as the database has them. */
export function rowsOf({ root }: Place): readonly Row[] {
  return read(
    root,
    `SELECT id, name, state, pid, shim, json_extract(spec, '$.network.mode') AS network FROM container`,
  ) as unknown as Row[];
}

/**
 * Every contradiction, as a line; none when all is well. A network namespace that outlives its container, since somebody
 * holds it, shows by its veth; its own number the kernel gives to the next one.
 */
export function contradictions(place: Place): readonly string[] {
  const { root, runRoot, hash } = place;
  const rows = rowsOf(place);
  const running = rows.filter(({ state }) => state === "running" || state === "paused");
  const bridged = running.filter(({ network }) => network === null);
  const ids = new Set(rows.map(({ id }) => id));
  const runningIds = new Set(running.map(({ id }) => id));
  const owners = (table: string) =>
    read(root, `SELECT container FROM ${table}`).map((row) => String(row.container));
  const portsKnown = read(root, "SELECT port FROM port").map((row) => String(row.port));
  const limbo = rows.filter(
    (row) => !running.includes(row) && row.state !== "created" && row.state !== "exited",
  );
  const shims = new Set(running.map(({ shim }) => Number(shim?.split("_")[0])));
  return [
    ...limbo.map(({ name, state }) => `${name} is ${state}`),
    ...read(root, "SELECT name FROM container WHERE owner IS NOT NULL OR restarter IS NOT NULL").map(
      ({ name }) => `somebody is at work on ${name}`,
    ),
    ...running
      .filter(({ id, state }) => isFrozen(place, id) !== (state === "paused"))
      .map(({ name, state }) => `${name} is ${state} and ${state === "paused" ? "not " : ""}frozen`),
    ...list(join(root, "containers"))
      .filter((id) => !ids.has(id))
      .map((id) => `directory of ${id}`),
    ...list(join(root, "volumes"))
      .map((name) => name.replace(/^\.(?:fill|full)-/, ""))
      .filter((name) => name.length > 64 && !ids.has(name.slice(0, 64)))
      .map((name) => `volume ${name}`),
    ...list(join(runRoot, "c"))
      .filter((name) => !rows.some(({ id }) => id.startsWith(name)))
      .map((name) => `run directory ${name}`),
    ...cgroupsOf(place)
      .filter((path) => !runningIds.has(path.slice(path.lastIndexOf("/") + 1)))
      .map((path) => `cgroup ${path}`),
    ...running
      .filter(({ id }) => membersOf(place, id).length === 0)
      .map(({ name }) => `${name} has no process`),
    ...owners("lease")
      .filter((id) => !runningIds.has(id))
      .map((id) => `lease of ${id}`),
    ...owners("port")
      .filter((id) => !runningIds.has(id))
      .map((id) => `port of ${id}`),
    ...unequal("veths", bridged.length, list(`/sys/class/net/brig-${hash}/brif`).length),
    ...unequal("published ports", portsKnown.sort().join(" "), publishedPorts(hash).join(" ")),
    ...shimsOf(place)
      .filter((pid) => !shims.has(pid))
      .map((pid) => `shim ${pid}`),
  ];
}

function unequal(what: string, known: number | string, found: number | string): readonly string[] {
  return known === found ? [] : [`${what}: known ${known}, found ${found}`];
}

/** By v1's freezer or by v2. */
function isFrozen(place: Place, id: string): boolean {
  return cgroupsOf(place)
    .filter((path) => path.endsWith(`/${id}`))
    .some((path) =>
      ["freezer.self_freezing", "cgroup.freeze"].some((file) => text(join(path, file)) === "1\n"),
    );
}

/** Processes in the cgroup of a container, or of all. */
export function membersOf(place: Place, id?: string): readonly number[] {
  const folders = cgroupsOf(place).filter((path) => path.includes("/pids/") && (!id || path.endsWith(id)));
  return folders.flatMap((folder) =>
    text(join(folder, "cgroup.procs")).split("\n").filter(Boolean).map(Number),
  );
}

function cgroupsOf({ hash }: Place): readonly string[] {
  return list("/sys/fs/cgroup").flatMap((tree) => {
    const parent = `/sys/fs/cgroup/${tree}/brig-${hash}`;
    return list(parent)
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map((name) => join(parent, name));
  });
}

/** Shims that hold a file of the root. */
function shimsOf({ root, runRoot }: Place): readonly number[] {
  return list("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || text(`/proc/${pid}/comm`) !== "brig-shim\n") return [];
    const files = list(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`));
    const theirs = files.some((file) => file.startsWith(`${root}/`) || file.startsWith(`${runRoot}/`));
    return theirs ? [Number(pid)] : [];
  });
}

/** Whoever has a file of the root open, or mounted, as a line each; but this process. */
export function filesHeld({ root, runRoot }: Place): readonly string[] {
  const ours = (file: string) => file.startsWith(`${root}/`) || file.startsWith(`${runRoot}/`);
  const mounts = list("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => text(`/proc/${pid}/mountinfo`).split("\n"))
    .filter((line) => line.includes(root));
  return [...linksOfProcesses(({ file }) => ours(file)), ...new Set(mounts)];
}

function linksOfProcesses(wanted: (link: { readonly file: string }) => boolean): readonly string[] {
  return list("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    const links = [...list(`/proc/${pid}/fd`).map((fd) => `fd/${fd}`), "cwd", "root", "exe"];
    return links
      .map((name) => ({ name, file: link(`/proc/${pid}/${name}`) }))
      .filter(wanted)
      .map(({ name, file }) => `${text(`/proc/${pid}/comm`).trim()} ${pid} ${name} ${file}`);
  });
}

/** Rows of every table that must be empty when there is no container. */
export function leftRows({ root }: Place): readonly string[] {
  return ["container", "lease", "port", "execution", "lock"].flatMap((table) =>
    read(root, `SELECT * FROM ${table}`).map((row) => `${table} ${Object.values(row).join(" ")}`),
  );
}

/** Host ports of the elements in the table's maps; without containers there may be no table. */
function publishedPorts(hash: string): readonly string[] {
  const { stdout: table } = spawnSync("nft", ["-s", "list", "table", "ip", `brig-${hash}`], {
    encoding: "utf8",
  });
  return [...table.matchAll(/(?:tcp|udp) \. (\d+) : /g)].map((match) => match[1]!).sort();
}

function read(root: string, sql: string): readonly Record<string, unknown>[] {
  using database = new DatabaseSync(join(root, "brig.db"), { readOnly: true, timeout: 10_000 });
  return database.prepare(sql).all();
}

// What ends while we look is not there.

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
