/**
 * A jail made of an executor: a process of its own that can reach one folder and nothing else, and to which the
 * operations go as segments of system calls, many to a segment and some segments ahead.
 *
 * The first failure is final: nothing that was handed over after it is done, and the executor ends.
 */

import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { errnoText } from "../../kernel/errno.ts";
import { Executor } from "../../kernel/executor/executor.ts";
import { CallFailure, endExecutor, Pipeline } from "../../kernel/executor/pipeline.ts";
import { CallList } from "../../kernel/program/call-list.ts";
import { quote } from "../../spec/schema/schema.ts";
import { type ByteString, displayText } from "../tar/byte-string.ts";
import type { Jail, Operation } from "./jail.ts";
import { baseOf, OperationCalls } from "./session-calls.ts";
import { enter } from "./session-enter.ts";
import { OpenFolders, parentOf } from "./session-folders.ts";
import { removeBeneath } from "./session-remove.ts";

export interface SessionJailOptions {
  readonly shim: HostPath;
  /** The folder to be locked up in; it exists. */
  readonly directory: HostPath;
}

/** Needs root, or a user namespace in which to be root. */
export async function sessionJail({ shim, directory }: SessionJailOptions): Promise<Jail> {
  const executor = Executor.start({ shim });
  try {
    // The lowest slot: open(2) returns that very fd, and nothing has to be moved.
    const file = executor.slots.slot("file").fd;
    const root = executor.slots.slot("root");
    await enter(executor, directory, root);
    return new SessionJail(executor, { file, root: root.fd });
  } catch (error) {
    await endExecutor(executor);
    throw error;
  }
}

/** A segment is full with so many calls or so much data: some milliseconds of work. */
const segmentCalls = 1000;
const segmentBytes = 256 << 10;
/** Slots end below 256. */
const openFolders = 32;
const removalFolders = 128;
/** Files remembered, so that their removal needs no answer; only hostile archives have so many to remove. */
const rememberedFiles = 20_000;

/** Where in a list the calls of an operation begin. */
interface Beginning {
  readonly from: number;
  readonly path: ByteString;
}

class SessionJail implements Jail {
  readonly #pipeline: Pipeline;
  readonly #folders: OpenFolders;
  readonly #calls: OperationCalls;
  readonly #removalSlots: readonly number[];
  readonly #list = new CallList();
  readonly #files = new Set<ByteString>();
  #data: Uint8Array[] = [];
  #beginnings: Beginning[] = [];
  #begun = false;
  #path = "." as ByteString;
  #failure: unknown;
  /** Resolves when what was sent last, and so everything, has ended somehow. */
  #sent: Promise<void> = Promise.resolve();

  constructor(executor: Executor, slots: { readonly root: number; readonly file: number }) {
    const slotsFor = (length: number) => Array.from({ length }, () => executor.slots.slot("folder").fd);
    this.#pipeline = new Pipeline(executor);
    this.#folders = new OpenFolders(slots.root, slotsFor(openFolders));
    this.#removalSlots = slotsFor(removalFolders);
    this.#calls = new OperationCalls(slots.file, this.#folders);
  }

  async run(operations: readonly Operation[]): Promise<void> {
    this.#refuseIfFailed();
    try {
      for (const operation of operations) {
        if (operation.kind === "remove") await this.#remove(operation.path);
        else this.#add(operation);
        if (this.#list.length < segmentCalls && this.#list.dataLength < segmentBytes) continue;
        this.#flush();
        await this.#pipeline.room();
        this.#refuseIfFailed();
      }
    } catch (error) {
      await this.#fail(error);
      throw this.#failure;
    }
  }

  async settle(): Promise<void> {
    this.#refuseIfFailed();
    this.#flush();
    await this.#sent;
    this.#refuseIfFailed();
  }

  async close(): Promise<void> {
    await this.#fail(new BrigError("aborted", "cannot unpack: the jail is closed"));
  }

  async #fail(error: unknown): Promise<void> {
    this.#failure ??= error;
    await this.#pipeline.close();
  }

  #add(operation: Exclude<Operation, { kind: "remove" }>): void {
    if (operation.kind === "data") {
      if (operation.bytes.length > 0) this.#data.push(operation.bytes);
    } else {
      this.#path = operation.path;
    }
    if (operation.kind === "seal") this.#remember(operation.path);
    this.#begin(this.#path);
    this.#calls.add(this.#list, operation);
  }

  /** What comes next is for this path. */
  #begin(path: ByteString): void {
    if (!this.#begun) {
      this.#pipeline.begin(this.#list);
      this.#begun = true;
    }
    this.#beginnings.push({ from: this.#list.length, path });
  }

  #flush(): void {
    if (!this.#begun) return;
    const beginnings = this.#beginnings;
    this.#sent = this.#pipeline.send(this.#list, this.#data).then(
      () => undefined,
      (error: unknown) => this.#fail(told(error, beginnings)),
    );
    this.#begun = false;
    this.#beginnings = [];
    this.#data = [];
  }

  /** A directory may hold anything, so that its removal is a dialogue; a file of this session's is one more call. */
  async #remove(path: ByteString): Promise<void> {
    const name = baseOf(path);
    this.#folders.forget(path);
    this.#begin(path);
    if (this.#files.delete(path)) return this.#calls.unlink(this.#list, path);
    const at = this.#folders.slot(this.#list, parentOf(path));
    await this.settle();
    await removeBeneath(this.#pipeline, { at, name, slots: this.#removalSlots }, (beneath, failure) =>
      cannotUnpack(
        (parentOf(path) === "." ? beneath : `${parentOf(path)}/${beneath}`) as ByteString,
        failure,
      ),
    );
  }

  #remember(path: ByteString): void {
    if (this.#files.size === rememberedFiles) this.#files.clear();
    this.#files.add(path);
  }

  #refuseIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function told(error: unknown, beginnings: readonly Beginning[]): unknown {
  if (!(error instanceof CallFailure)) return error;
  const path = beginnings.findLast(({ from }) => from <= error.index)?.path;
  return path === undefined ? error : cannotUnpack(path, error);
}

function cannotUnpack(path: ByteString, { kind, errno }: CallFailure): BrigError {
  // What `refuseLink` expects is the only expectation there is.
  const [why, what] =
    errno === 74 /* EBADMSG */ ? (["it is a symbolic link", "invalid"] as const) : [errnoText(errno), kind];
  return new BrigError(what, `cannot unpack ${quote(displayText(path))}: ${why}`);
}
