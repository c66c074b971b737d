/** Joins the user's terminal, or whatever stdin and stdout are, with the terminal of a command in a container. */

import type { ShimClient } from "../../kernel/shim/client.ts";
import { RawMode, watchSize } from "../terminal/terminal.ts";

/** Resolves when the command's output has been written. */
export async function relayTerminal(client: ShimClient): Promise<void> {
  const { stdin, stdout } = process;
  using _raw = stdin.isTTY ? new RawMode(stdin) : undefined;
  using _size = stdout.isTTY
    ? watchSize(stdout, ({ rows, columns }) => void client.resize(rows, columns).catch(() => {}))
    : undefined;
  void sendInput(client);
  for await (const item of client.output) {
    if (item.kind === "bytes" && !stdout.write(item.bytes))
      await new Promise((resolve) => stdout.once("drain", resolve));
  }
  // Else the next key would still be waited for.
  stdin.destroy();
}

async function sendInput(client: ShimClient): Promise<void> {
  try {
    for await (const chunk of process.stdin) await client.write(chunk);
    await client.closeStdin();
  } catch {
    // The command has ended, and the connection with it; its exit code tells.
  }
}
