/**
 * A network namespace for one test, and a sender of requests into it.
 *
 * The namespace lives as long as a `cat` that reads from us: whatever happens to the test, nothing stays.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Acknowledgement, readAcknowledgement } from "../answer.ts";
import { concat, u32 } from "../attribute.ts";
import { messagesOf, type NetlinkRequest, netlinkProtocols } from "../message.ts";

export interface Answer {
  readonly micros: number;
  readonly bytes: Uint8Array;
  /** The first acknowledgement that is an error, or else one that is not. */
  readonly acknowledgement: Acknowledgement;
}

export class NetworkNamespace implements Disposable {
  readonly path: string;
  readonly #holder: ChildProcess;
  readonly #started: ChildProcess[] = [];

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
    this.path = `/proc/${holder.pid}/ns/net`;
  }

  static async create(): Promise<NetworkNamespace> {
    const holder = spawn("unshare", ["-n", "sh", "-c", "echo ready; exec cat"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(holder.stdout!, "data");
    return new NetworkNamespace(holder);
  }

  /** Runs a program inside and returns what it prints; throws when it fails. */
  run(...command: readonly string[]): string {
    return execFileSync("nsenter", [`--net=${this.path}`, ...command], {
      encoding: "utf8",
      timeout: 10_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Starts a program inside that ends with the namespace. */
  start(...command: readonly string[]): ChildProcess {
    const child = spawn("nsenter", [`--net=${this.path}`, ...command], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#started.push(child);
    return child;
  }

  /** Sends every request whatever became of the one before; `slots` are namespaces opened at those fds. */
  send(
    requests: readonly NetlinkRequest[],
    sender: Sender,
    slots: Readonly<Record<number, NetworkNamespace>> = {},
  ): Answer[] {
    const input = concat(
      requests.flatMap(({ protocol, bytes }) => [u32(netlinkProtocols[protocol]), u32(bytes.length), bytes]),
    );
    const places = Object.entries(slots).map(([slot, namespace]) => `${slot}=${namespace.path}`);
    const output = execFileSync("nsenter", [`--net=${this.path}`, sender.path, ...places], {
      input,
      timeout: 10_000,
      maxBuffer: 16 << 20,
    });
    return answersIn(output);
  }

  /** Sends requests that must all succeed. */
  sendAll(
    requests: readonly NetlinkRequest[],
    sender: Sender,
    slots: Readonly<Record<number, NetworkNamespace>> = {},
  ): Answer[] {
    const answers = this.send(requests, sender, slots);
    const failed = answers.findIndex(({ acknowledgement }) => acknowledgement.errno !== 0);
    if (failed < 0 && answers.length === requests.length) return answers;
    const { errno, text } = answers[failed]?.acknowledgement ?? { errno: -1 };
    throw new Error(`${requests[failed]?.text}: errno ${errno} ${text ?? ""}`);
  }

  [Symbol.dispose](): void {
    for (const child of [...this.#started, this.#holder]) {
      child.stdin!.destroy();
      child.kill("SIGKILL");
    }
  }
}

/** The program that sends, built once for a test file. */
export class Sender implements Disposable {
  readonly path: string;
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "brig-netlink-"));
    this.path = join(this.#folder, "send");
    execFileSync("gcc", ["-O2", "-o", this.path, join(import.meta.dirname, "send.c")]);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function answersIn(output: Buffer): Answer[] {
  const answers: Answer[] = [];
  for (let at = 0; at + 8 <= output.length; ) {
    const length = output.readUInt32LE(at + 4);
    const bytes = output.subarray(at + 8, at + 8 + length);
    const acknowledgements = [...messagesOf(bytes)].flatMap((message) => readAcknowledgement(message) ?? []);
    const failure = acknowledgements.find(({ errno }) => errno !== 0);
    const acknowledgement = failure ?? acknowledgements[0] ?? { sequence: 0, errno: 61 };
    answers.push({ micros: output.readUInt32LE(at), bytes, acknowledgement });
    at += 8 + length;
  }
  return answers;
}
