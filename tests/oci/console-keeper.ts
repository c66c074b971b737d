/** Whoever listens at a console socket must keep the terminal's master that it gets, which JavaScript cannot: an executor can. */

import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM } from "../../src/kernel/abi/socket.ts";
import { Executor } from "../../src/kernel/executor/executor.ts";
import { shimPath } from "../../src/kernel/executor/shim-path.ts";
import { output, pointer, type Slot, struct, u64 } from "../../src/kernel/program/argument.ts";
import { ProgramBuilder } from "../../src/kernel/program/builder.ts";
import { unixAddress } from "../../src/kernel/program/unix-socket.ts";

const addressLength = 110;

export class ConsoleKeeper implements Disposable {
  readonly #executor: Executor;
  readonly #socket: Slot;

  private constructor(executor: Executor, socket: Slot) {
    this.#executor = executor;
    this.#socket = socket;
  }

  static async listen(path: string): Promise<ConsoleKeeper> {
    const executor = Executor.start({ shim: shimPath() });
    const socket = executor.slots.slot("console socket");
    const p = new ProgramBuilder();
    p.call("make the socket", "socket", [AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0], { slot: socket });
    p.call("bind it", "bind", [socket, unixAddress(path), addressLength]);
    p.call("listen", "listen", [socket, 1]);
    await executor.run(p.instructions);
    return new ConsoleKeeper(executor, socket);
  }

  /** Takes one message; the text beside the fd. */
  async receive(): Promise<string> {
    const connection = this.#executor.slots.slot("connection");
    const [text, control] = [output(256), output(64)];
    const parts = struct("iovec", pointer(text), u64(256));
    const header = struct("msghdr", u64(0, 0), pointer(parts), u64(1), pointer(control), u64(64, 0));
    const p = new ProgramBuilder();
    p.call("accept", "accept4", [this.#socket, 0, 0, SOCK_CLOEXEC], { slot: connection });
    p.call("receive", "recvmsg", [connection, header, 0], { answer: { buffer: text } });
    const { answers } = await this.#executor.run(p.instructions);
    return answers[0]!.bytes.toString();
  }

  [Symbol.dispose](): void {
    this.#executor.close();
  }
}
