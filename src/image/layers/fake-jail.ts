/**
 * A jail in memory, for tests. It is stricter than a real one: an operation that breaks a promise of `Operation` is
 * a fault of the planner, and an `AssertionError`.
 */

import assert from "node:assert/strict";
import type { ByteString } from "../tar/byte-string.ts";
import type { Attributes, Jail, Operation, Ownership, Times, Xattr } from "./jail.ts";

/** One inode. */
export interface FakeNode {
  kind: "directory" | "file" | "link" | "fifo" | "character-device" | "block-device";
  owner: Ownership;
  xattrs: Map<string, Uint8Array>;
  times: Times | undefined;
  content: Buffer;
  /** Target of a link, or "major:minor". */
  detail: string;
}

export class FakeJail implements Jail {
  readonly nodes = new Map<string, FakeNode>([[".", node("directory", { uid: 0, gid: 0, mode: 0o755 })]]);
  readonly batches: number[] = [];
  settled = false;
  closed = false;
  #open: { readonly path: string; readonly file: FakeNode; end: number } | undefined;

  async run(operations: readonly Operation[]): Promise<void> {
    this.batches.push(operations.length);
    for (const operation of operations) this.#perform(operation);
  }

  async settle(): Promise<void> {
    assert.equal(this.#open, undefined, "a file is left open");
    this.settled = true;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** "dir/ 755", "file 644 5 bytes", "link -> target": what `ls -l` would show, sorted. */
  listing(): readonly string[] {
    return [...this.nodes].map(([path, n]) => `${path} ${describe(n)}`).sort();
  }

  #perform(operation: Operation): void {
    assert.equal(
      this.#open !== undefined,
      operation.kind === "data" || operation.kind === "seal",
      operation.kind,
    );
    switch (operation.kind) {
      case "directory":
        this.#make(operation.path, node("directory", operation.owner));
        break;
      case "file":
        this.#make(operation.path, node("file"));
        this.#open = { path: operation.path, file: this.nodes.get(operation.path)!, end: 0 };
        break;
      case "data":
        this.#write(operation.offset, operation.bytes);
        break;
      case "seal":
        this.#seal(operation.path, operation.size, operation.attributes);
        break;
      case "hard-link":
        assert.notEqual(this.#existing(operation.target).kind, "directory");
        this.#make(operation.path, this.#existing(operation.target));
        break;
      case "symbolic-link":
        this.#make(operation.path, describing(node("link"), operation.attributes, operation.target));
        break;
      case "node": {
        const number = `${operation.device.major}:${operation.device.minor}`;
        this.#make(operation.path, describing(node(operation.type), operation.attributes, number));
        break;
      }
      case "ownership":
        this.#own(this.#existing(operation.path), operation.owner);
        break;
      case "finish":
        finish(this.#existing(operation.path), operation.xattrs, operation.times);
        break;
      case "remove":
        this.#remove(operation.path);
        break;
    }
  }

  /** chown(2) takes the capabilities away. */
  #own(found: FakeNode, owner: Ownership): void {
    assert.notEqual(found.kind, "link");
    found.owner = owner;
    found.xattrs.delete("security.capability");
  }

  #remove(path: ByteString): void {
    assert.notEqual(path, ".");
    this.#existing(path);
    for (const each of [...this.nodes.keys()])
      if (each === path || each.startsWith(`${path}/`)) this.nodes.delete(each);
  }

  #existing(path: ByteString): FakeNode {
    clean(path);
    const found = this.nodes.get(path);
    assert.ok(found, `${path} is there`);
    return found;
  }

  #make(path: ByteString, made: FakeNode): void {
    clean(path);
    assert.ok(!this.nodes.has(path), `${path} is not there yet`);
    const slash = path.lastIndexOf("/");
    assert.equal(
      this.nodes.get(slash < 0 ? "." : path.slice(0, slash))?.kind,
      "directory",
      `parent of ${path}`,
    );
    this.nodes.set(path, made);
  }

  #write(offset: number, bytes: Uint8Array): void {
    const open = this.#open!;
    assert.ok(offset >= open.end, "offsets ascend");
    open.end = offset + bytes.length;
    open.file.content = Buffer.concat([
      open.file.content,
      Buffer.alloc(offset - open.file.content.length),
      bytes,
    ]);
  }

  #seal(path: string, size: number, attributes: Attributes): void {
    const { path: opened, file, end } = this.#open!;
    assert.equal(path, opened);
    assert.ok(end <= size);
    file.content = Buffer.concat([file.content, Buffer.alloc(size - file.content.length)]);
    describing(file, attributes, "");
    this.#open = undefined;
  }
}

function node(kind: FakeNode["kind"], owner: Ownership = { uid: 0, gid: 0, mode: 0 }): FakeNode {
  return { kind, owner, xattrs: new Map(), times: undefined, content: Buffer.alloc(0), detail: "" };
}

function describing(made: FakeNode, { owner, xattrs, times }: Attributes, detail: string): FakeNode {
  made.owner = owner;
  made.detail = detail;
  finish(made, xattrs, times);
  return made;
}

function finish(made: FakeNode, xattrs: readonly Xattr[], times: Times | undefined): void {
  for (const { name, value } of xattrs) made.xattrs.set(name, value);
  made.times = times ?? made.times;
}

function clean(path: ByteString): void {
  const parts = path.split("/");
  assert.ok(
    path === "." || parts.every((part) => part !== "" && part !== "." && part !== ".."),
    `clean: ${path}`,
  );
}

function describe({ kind, owner, content, detail, xattrs }: FakeNode): string {
  const names = [...xattrs.keys()].map((name) => ` ${name}`).join("");
  const who = owner.uid === 0 && owner.gid === 0 ? "" : ` ${owner.uid}:${owner.gid}`;
  const mode = owner.mode.toString(8);
  const what: Readonly<Record<FakeNode["kind"], string>> = {
    directory: `/ ${mode}`,
    file: `${mode} ${JSON.stringify(content.subarray(0, 20).toString())}`,
    link: `-> ${detail}`,
    fifo: `| ${mode}`,
    "character-device": `c ${detail}`,
    "block-device": `b ${detail}`,
  };
  return what[kind] + who + names;
}
