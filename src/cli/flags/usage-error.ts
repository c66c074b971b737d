/**
 * A command line that cannot be understood. `message` is the reason alone; `text` is everything a door prints
 * on stderr, and `exit` the exit code: 125 for flags, 1 for operands and unknown commands, as Docker's.
 */

import { BrigError } from "../../base/errors.ts";

export class UsageError extends BrigError {
  readonly text: string;
  readonly exit: number;

  constructor(reason: string, text: string, exit: number, cause?: unknown) {
    super("invalid", reason, { code: "usage", cause });
    this.name = "UsageError";
    this.text = text;
    this.exit = exit;
  }
}

/** A flag that cannot be read, before it is known which command's help to point to. */
export class FlagError extends BrigError {
  /** The reason is a whole sentence about values, not about the way flags are written: no usage line follows. */
  readonly whole: boolean;
  /** The flag is known and well written, but its value will not do. */
  readonly value: boolean;

  constructor(
    reason: string,
    options: { readonly whole?: boolean; readonly value?: boolean; readonly cause?: unknown } = {},
  ) {
    super("invalid", reason, { code: "flag", cause: options.cause });
    this.name = "FlagError";
    this.whole = options.whole ?? false;
    this.value = options.value ?? false;
  }
}
