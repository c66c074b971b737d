/** Further commands in running containers of another engine (Engine API, "Exec"). */

import { sleep } from "../base/sleep.ts";
import type { ExecutionInfo } from "../engine/container/executions.ts";
import type { ExecSpec } from "../engine/container/info.ts";
import type { Ended, Session, Streams } from "../engine/session.ts";
import { boolean, text, whole } from "../spec/schema/scalars.ts";
import { list, looseObject, omitEmpty, optional } from "../spec/schema/schema.ts";
import { type Api, part } from "./api.ts";
import { neverTyped } from "./detach-keys.ts";
import { RemoteFiles } from "./remote-files.ts";
import { type Control, remoteSession, silentSession, wants } from "./session.ts";

/** Milliseconds between two questions whether a command has ended that nobody is connected to. */
const pause = 100;

export class RemoteCommands extends RemoteFiles {
  readonly #api: Api;

  constructor(api: Api) {
    super(api);
    this.#api = api;
  }

  async exec(reference: string, exec: ExecSpec, streams: Streams): Promise<Session> {
    const id = await this.createExecution(reference, { ...exec, attach: streams });
    return this.#start(id, exec.terminal ?? false, streams, exec.consoleSize);
  }

  async createExecution(reference: string, exec: ExecSpec): Promise<string> {
    const { attach = {}, consoleSize } = exec;
    const { Id } = await this.#api.read(looseObject({ Id: text }), {
      method: "POST",
      path: `/containers/${part(reference)}/exec`,
      json: {
        AttachStdin: attach.stdin ?? false,
        AttachStdout: attach.stdout ?? false,
        AttachStderr: attach.stderr ?? false,
        DetachKeys: neverTyped,
        Tty: exec.terminal ?? false,
        Env: exec.env ?? null,
        Cmd: exec.command,
        Privileged: exec.privileged ?? false,
        User: exec.user ?? "",
        WorkingDir: exec.workingDirectory ?? "",
        ...(consoleSize ? { ConsoleSize: [consoleSize.height, consoleSize.width] } : {}),
      },
    });
    return Id;
  }

  /** That engine sees it by itself. */
  async noteDetached(): Promise<void> {}

  inspectExecution(id: string): Promise<ExecutionInfo> {
    return this.#api.read(executionOf, { method: "GET", path: `/exec/${part(id)}/json` });
  }

  async executions(container: string): Promise<readonly string[]> {
    const { ExecIDs = [] } = await this.#api.read(looseObject({ ExecIDs: optional(list(text)) }), {
      method: "GET",
      path: `/containers/${part(container)}/json`,
    });
    return ExecIDs;
  }

  async startExecution(id: string, streams: Streams): Promise<Session> {
    const { spec } = await this.inspectExecution(id);
    return this.#start(id, spec.terminal ?? false, streams, undefined);
  }

  async #start(
    id: string,
    terminal: boolean,
    streams: Streams,
    size: ExecSpec["consoleSize"],
  ): Promise<Session> {
    const detached = !wants(streams);
    const request = {
      method: "POST",
      path: `/exec/${part(id)}/start`,
      json: {
        Detach: detached,
        Tty: terminal,
        ...(size && (await this.#api.minor()) >= 42 ? { ConsoleSize: [size.height, size.width] } : {}),
      },
    } as const;
    const control: Control = {
      resize: async (h, w) => {
        await this.#api.done({ method: "POST", path: `/exec/${part(id)}/resize`, query: { h, w } });
      },
      // There is no route for it, and none in Docker's client.
      signal: () => this.local("send signals to a command"),
      ended: (output) => this.#end(id, output),
      leave: () => {},
    };
    if (detached) {
      await this.#api.done(request);
      return silentSession(control);
    }
    return remoteSession(await this.#api.hijack(request), terminal, control);
  }

  async #end(id: string, output: Promise<void>): Promise<Ended> {
    await output;
    for (;;) {
      const { running, exitCode } = await this.inspectExecution(id);
      if (!running) return { code: exitCode ?? 0, oom: false };
      await sleep(pause);
    }
  }
}

const executionDocument = looseObject({
  ID: text,
  Running: optional(boolean),
  ExitCode: optional(whole),
  ContainerID: omitEmpty(text),
  Pid: optional(whole),
  OpenStdin: optional(boolean),
  OpenStdout: optional(boolean),
  OpenStderr: optional(boolean),
  ProcessConfig: optional(
    looseObject({
      tty: optional(boolean),
      entrypoint: omitEmpty(text),
      arguments: optional(list(text)),
      privileged: optional(boolean),
      user: omitEmpty(text),
    }),
  ),
});

function executionOf(value: unknown, at: string): ExecutionInfo {
  const { ID, Running = false, ExitCode, ContainerID = "", Pid = 0, ...rest } = executionDocument(value, at);
  const {
    tty = false,
    entrypoint = "",
    arguments: words = [],
    privileged = false,
    user,
  } = rest.ProcessConfig ?? {};
  return {
    id: ID,
    container: ContainerID,
    running: Running,
    ...(Pid > 0 ? { pid: Pid } : {}),
    ...(ExitCode === undefined || Running ? {} : { exitCode: ExitCode }),
    spec: {
      command: [entrypoint, ...words],
      terminal: tty,
      privileged,
      openStdin: rest.OpenStdin ?? false,
      ...(user === undefined ? {} : { user }),
      attach: {
        stdin: rest.OpenStdin ?? false,
        stdout: rest.OpenStdout ?? false,
        stderr: rest.OpenStderr ?? false,
      },
    },
  };
}
