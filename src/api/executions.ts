/** The commands that this service has started and that still run: whom a resize goes to. */

import { BrigError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";

export class Executions {
  readonly #running = new Map<string, Session>();

  add(id: string, session: Session): void {
    this.#running.set(id, session);
    const forget = () => void this.#running.delete(id);
    session.wait().then(forget, forget);
  }

  async resize(id: string, rows: number, columns: number): Promise<void> {
    const session = this.#running.get(id);
    if (!session)
      throw new BrigError(
        "conflict",
        `cannot resize exec ${id}: it does not run, or another process has started it`,
      );
    await session.resize(rows, columns);
  }
}
