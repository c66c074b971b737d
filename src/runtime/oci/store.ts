/**
 * The state directory: `ROOT/ID/` with `state.json`, `config.json` as it was at create, and `exec.fifo` until start.
 *
 * Making a container's directory takes its id; it happens at once or not at all. `state.json` is replaced by
 * rename, so whoever reads it reads the whole of one version.
 */

import {
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { type ContainerRecord, parseRecord } from "./record.ts";

export class ContainerStore {
  readonly root: HostPath;

  constructor(root: HostPath) {
    this.root = root;
  }

  /** Compiled system call filters, kept; no container's, as it never has a state.json. */
  filtersPath(): string {
    return join(this.root, ".filters");
  }

  /** Takes the id. */
  create(id: string, config: string): void {
    checkId(id);
    mkdirSync(this.root, { recursive: true, mode: 0o711 });
    try {
      mkdirSync(this.#path(id), { mode: 0o711 });
    } catch (cause) {
      if (codeOf(cause) !== "EEXIST") throw cause;
      throw new BrigError("conflict", `cannot create ${id}: container with given ID already exists`, {
        code: "id-in-use",
        cause,
      });
    }
    writeFileSync(this.configPath(id), config, { mode: 0o600 });
  }

  write(record: ContainerRecord): void {
    const draft = this.#path(record.id, `.state.json.${process.pid}`);
    writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
    renameSync(draft, this.#path(record.id, "state.json"));
  }

  read(id: string): ContainerRecord {
    checkId(id);
    const path = this.#path(id, "state.json");
    try {
      return parseRecord(readFileSync(path, "utf8"), path);
    } catch (cause) {
      if (codeOf(cause) !== "ENOENT") throw cause;
      throw new BrigError("not-found", `cannot find ${id}: container does not exist`, { cause });
    }
  }

  readConfig(id: string): string {
    return readFileSync(this.configPath(id), "utf8");
  }

  /** Ids with a directory, in no order; what a crash left of one that was never described is skipped. */
  list(): readonly string[] {
    try {
      return readdirSync(this.root).filter((id) => existsSync(this.#path(id, "state.json")));
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return [];
      throw cause;
    }
  }

  remove(id: string): void {
    checkId(id);
    rmSync(this.#path(id), { recursive: true, force: true });
  }

  configPath(id: string): HostPath {
    return this.#path(id, "config.json");
  }

  fifoPath(id: string): HostPath {
    return this.#path(id, "exec.fifo");
  }

  /** Written to by the container when its startContainer hooks have succeeded. */
  hookedPath(id: string): HostPath {
    return this.#path(id, "hooked.fifo");
  }

  /** Opens it for `start`, without waiting for anybody; a container made by an older brig has none. */
  openHooked(id: string): number | undefined {
    try {
      return openSync(this.hookedPath(id), constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return undefined;
      throw cause;
    }
  }

  /** Created and not started: the fifo is still there. */
  hasFifo(id: string): boolean {
    return existsSync(this.fifoPath(id));
  }

  /** Opens the fifo for the one byte of `start` and takes it away, so that a second start finds none. */
  takeFifo(id: string): number {
    const path = this.fifoPath(id);
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    rmSync(path);
    return fd;
  }

  #path(id: string, name = ""): HostPath {
    return join(this.root, id, name) as HostPath;
  }
}

/** The letters that runc takes; and a name that is no path. */
function checkId(id: string): void {
  if (/^[\w+.-]+$/.test(id) && id !== "." && id !== "..") return;
  throw new BrigError(
    "invalid",
    `cannot use ${JSON.stringify(id.slice(0, 64))} as a container's id: invalid ID format; use letters, digits, "_", "+", "-" and "."`,
  );
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
