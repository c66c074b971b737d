/**
 * The closed set of failures brig reports, whichever door the call came through.
 *
 * Invariants: a message reads "cannot X: reason; what to do", in lower case, and is printed once, at a door.
 * `code` is stable and documented; `cause` keeps the original error for logs, never for users.
 */

/** What kind of failure it is; the exit code and the status of the API follow from it. */
export type ErrorKind =
  | "invalid" // the input is malformed or contradicts itself
  | "not-found"
  | "conflict" // the state forbids it: name taken, container running
  | "denied" // the kernel or a policy refused
  | "unsupported" // this host, kernel or version cannot do it
  | "unavailable" // something needed is not reachable now
  | "exhausted" // disk, addresses, pids
  | "aborted" // the caller gave up
  | "command-not-found" // the container's command does not exist (exit code 127)
  | "command-not-executable" // it exists and cannot be executed (exit code 126)
  | "internal";

/** Every failure that brig reports. */
export class BrigError extends Error {
  readonly kind: ErrorKind;
  /** Stable name of the failure, e.g. `name-in-use`; defaults to the kind. */
  readonly code: string;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { readonly code?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "BrigError";
    this.kind = kind;
    this.code = options.code ?? kind;
  }
}

/** What one error kind becomes at each door: process exit code, HTTP status and gRPC status code. */
export interface DoorCodes {
  readonly exit: number;
  readonly http: number;
  readonly grpc: number;
}

/** Exit codes as Docker's: 125 the engine failed, 126 cannot execute, 127 not found. gRPC: google.rpc.Code. */
export const doorCodes: Readonly<Record<ErrorKind, DoorCodes>> = {
  invalid: { exit: 125, http: 400, grpc: 3 },
  "not-found": { exit: 125, http: 404, grpc: 5 },
  conflict: { exit: 125, http: 409, grpc: 9 },
  denied: { exit: 125, http: 403, grpc: 7 },
  unsupported: { exit: 125, http: 501, grpc: 12 },
  unavailable: { exit: 125, http: 503, grpc: 14 },
  exhausted: { exit: 125, http: 500, grpc: 8 },
  aborted: { exit: 125, http: 499, grpc: 1 },
  "command-not-found": { exit: 127, http: 400, grpc: 5 },
  "command-not-executable": { exit: 126, http: 400, grpc: 7 },
  internal: { exit: 125, http: 500, grpc: 13 },
};

/** The text of anything thrown: the message alone, never a stack trace. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
