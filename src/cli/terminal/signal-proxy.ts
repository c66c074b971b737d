/**
 * Signals to the command, passed on to the process in the container.
 *
 * They are kept from the moment this is made, so that none is lost, or ends the command, while the container starts.
 */

import { parseSignal } from "../../base/signals.ts";
import type { Session } from "../../engine/session.ts";

/**
 * What Docker passes on, but for SIGWINCH: a resized window would stop an Apache in the container. Signals that tell
 * a program about its own faults are not the container's business.
 */
const proxied = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGCONT",
  "SIGTSTP",
  "SIGIO",
  "SIGPWR",
] as const;

export class SignalProxy implements Disposable {
  readonly #kept: number[] = [];
  #session: Session | undefined;
  readonly #receive = (name: NodeJS.Signals) => {
    const number = parseSignal(name);
    if (this.#session) send(this.#session, number);
    else this.#kept.push(number);
  };

  constructor() {
    for (const name of proxied) process.on(name, this.#receive);
  }

  /** From now on they go here, those first that have come already. */
  to(session: Session): void {
    this.#session = session;
    for (const number of this.#kept.splice(0)) send(session, number);
  }

  [Symbol.dispose](): void {
    for (const name of proxied) process.off(name, this.#receive);
  }
}

/** A process that has ended needs no signal. */
function send(session: Session, number: number): void {
  session.signal(number).catch(() => {});
}
