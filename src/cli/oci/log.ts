/**
 * The log that engines read to learn why a runtime failed (`--log`, `--log-format`): one line an entry, in the two
 * formats of Go's logrus. Without a file it is stderr.
 */

import { appendFileSync } from "node:fs";

export type Level = "error" | "warning" | "debug";

export interface LogOptions {
  readonly file?: string;
  readonly format: "text" | "json";
  /** Entries of level debug are kept. */
  readonly debug: boolean;
  readonly now: () => Date;
}

export class Log {
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /** True when the entries go to a file, so that a failure is to be told on stderr too. */
  get isFile(): boolean {
    return this.#options.file !== undefined;
  }

  write(level: Level, message: string): void {
    const { file, debug } = this.#options;
    if (level === "debug" && !debug) return;
    const line = this.#format(level, message);
    if (file === undefined) process.stderr.write(line);
    else appendFileSync(file, line, { mode: 0o644 });
  }

  #format(level: Level, msg: string): string {
    const time = `${this.#options.now().toISOString().slice(0, 19)}Z`;
    return this.#options.format === "json"
      ? `${JSON.stringify({ level, msg, time })}\n`
      : `time="${time}" level=${level} msg=${JSON.stringify(msg)}\n`;
  }
}
