/**
 * An engine behind the user's own ssh(1), with his keys, agent and settings: there `brig system dial-stdio`, or Docker's
 * where there is no brig, connects its stdin and stdout with the engine's socket.
 */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { Duplex, type Readable, type Writable } from "node:stream";
import { BrigError } from "../../base/errors.ts";
import { type Address, formatAddress } from "../address.ts";

type SshAddress = Address & { readonly kind: "ssh" };

/** What is kept of ssh's complaints for the message. */
const complaintSize = 4096;

export function dialSsh(address: SshAddress): Duplex {
  const child = spawn("ssh", sshArguments(address), { stdio: ["pipe", "pipe", "pipe"] });
  return new SshConnection(child, address);
}

/** What ssh(1) is called with; the command is read by a shell of the other host. */
export function sshArguments({ host, user, port, path }: SshAddress): readonly string[] {
  const socket = path === undefined ? "" : `--host ${quoted(`unix://${path}`)} `;
  const dialled = (engine: string) => `${engine} ${socket}system dial-stdio`;
  return [
    ...["-o", "ConnectTimeout=30", "-T"],
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    "--",
    host,
    `if command -v brig >/dev/null 2>&1; then exec ${dialled("brig")}; else exec ${dialled("docker")}; fi`,
  ];
}

/** One word for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

class SshConnection extends Duplex {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #complaint = "";
  #silent = true;

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, address: SshAddress) {
    super({ allowHalfOpen: true });
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => {
      this.#silent = false;
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString("utf8")).slice(-complaintSize);
    });
    child.on("error", (error) => this.destroy(failure(address, error.message)));
    child.on("close", () => {
      if (this.#silent) this.destroy(failure(address, this.#complaint.trim() || "ssh has ended"));
      else this.push(null);
    });
    // Who does not listen any more is told by ssh's end.
    child.stdin.on("error", () => {});
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, (error) => done(error ?? null));
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }
}

function failure(address: SshAddress, reason: string): BrigError {
  return new BrigError("unavailable", `cannot reach the engine at ${formatAddress(address)}: ${reason}`, {
    code: "unreachable",
  });
}
