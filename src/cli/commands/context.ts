/** What a command's handler works with: the engine and the caller's side of the world. */

import type { Documents } from "../../docker/documents/documents.ts";
import type { CallOf } from "../flags/program.ts";
import type { brig } from "../options/program.ts";
import type { Target } from "../target.ts";
import type { StandardStreams } from "../terminal/relay.ts";
import type { EngineDoor } from "./engine-door.ts";

export interface Context extends StandardStreams {
  /** Opened when it is first asked for. */
  readonly engine: () => Promise<EngineDoor>;
  /** What that engine says in Docker's words. */
  readonly documents: () => Promise<Documents>;
  /** Which engine that is. */
  readonly target: Target;
  /** Where this host's engine has its sockets. */
  readonly runRoot: string;
  /** The command line of this very brig for the same place, before a command's name. */
  readonly self: readonly string[];
  /** Starts the API service, which ends with a signal. */
  readonly serve: (
    options: Omit<ServeOptions, "root" | "runRoot" | "storageDriver" | "self">,
  ) => Promise<number>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The caller's working directory, absolute. */
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What the service is started with: another door, which this one only knows by this. */
export interface ServeOptions {
  readonly root: string;
  readonly runRoot: string;
  readonly storageDriver: string | undefined;
  readonly self: readonly string[];
  /** Where it listens; none for the socket below the run root. */
  readonly hosts: readonly string[];
  /** Whose members may use the sockets. */
  readonly group: string | undefined;
  /** Files by which clients over TCP prove who they are. */
  readonly identity: Readonly<Record<"authority" | "certificate" | "key", string | undefined>> | undefined;
  /** TCP without that is wanted all the same. */
  readonly insecure: boolean;
  /** Authorization plugins to ask, by their names. */
  readonly plugins: readonly string[];
  /** Milliseconds without a connection after which it ends; absent: never. */
  readonly idle: number | undefined;
  readonly log: (message: string) => void;
}

/** A call of the command by its name in the program's table. */
export type CallTo<Name extends keyof (typeof brig)["tables"]> = CallOf<typeof brig, Name>;

/** The handler of one command; resolves with the exit code. */
export type Handler<Name extends keyof (typeof brig)["tables"]> = (
  call: CallTo<Name>,
  context: Context,
) => Promise<number>;

/** An exit code other than the usual one of a failed command, for an error that is told as every other. */
export class CommandFailure extends Error {
  readonly exit: number;
  /** A command whose help the user is pointed to. */
  readonly helpOf: string | undefined;

  constructor(cause: unknown, exit: number, helpOf?: string) {
    super("the command has failed", { cause });
    this.exit = exit;
    this.helpOf = helpOf;
  }
}
