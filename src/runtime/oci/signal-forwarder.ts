/**
 * The signals that we get while a command runs in the foreground are the command's. Those that come before there is one
 * are kept for it, so that none ends us with a container half made.
 */

export class SignalForwarder implements Disposable {
  readonly #early: NodeJS.Signals[] = [];
  readonly #receive = (signal: NodeJS.Signals) => this.#forward(signal);
  #pid: number | undefined;

  constructor() {
    for (const signal of forwarded) process.on(signal, this.#receive);
  }

  /** The process is our executor's child, and not reaped before we stop, so that its pid is not used again. */
  to(pid: number): void {
    this.#pid = pid;
    for (const signal of this.#early.splice(0)) this.#forward(signal);
  }

  [Symbol.dispose](): void {
    for (const signal of forwarded) process.off(signal, this.#receive);
  }

  #forward(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) {
      this.#early.push(signal);
      return;
    }
    try {
      process.kill(this.#pid, signal);
    } catch {
      // ended; its exit code is on the way
    }
  }
}

// biome-ignore format: a list
/** What a caller may want the command to hear; the others tell about ourselves (SIGCHLD, SIGPIPE) or cannot be caught. */
const forwarded = [
  "SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT", "SIGTSTP", "SIGTTIN",
  "SIGTTOU", "SIGIO", "SIGPWR", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGSYS",
] as const;
