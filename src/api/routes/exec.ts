/** Further commands in running containers (Engine API, "Exec"). */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import { refusing } from "../../docker/request/refusing.ts";
import { parseDetachKeys } from "../../docker/text/detach-keys.ts";
import type { ExecutionInfo } from "../../engine/container/executions.ts";
import { boolean, integer, kernelText, text } from "../../spec/schema/scalars.ts";
import { list, looseObject, object, omitEmpty, optional } from "../../spec/schema/schema.ts";
import { conversation, document, noContainer } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { framed } from "../multiplex.ts";
import { type Route, route } from "../route.ts";
import { relay, streamType, type Write } from "./container-io.ts";
import { sizeOf, sizing } from "./container-life.ts";

const size = optional(list(integer(0, 0xffff)));

const creation = {
  body: looseObject({
    AttachStdin: optional(boolean),
    AttachStdout: optional(boolean),
    AttachStderr: optional(boolean),
    DetachKeys: omitEmpty(kernelText),
    Tty: optional(boolean),
    Env: optional(list(kernelText)),
    Cmd: optional(list(kernelText)),
    Privileged: optional(boolean),
    User: omitEmpty(kernelText),
    WorkingDir: omitEmpty(kernelText),
    ConsoleSize: size,
  }),
} as const;

const starting = {
  body: looseObject({ Detach: optional(boolean), Tty: optional(boolean), ConsoleSize: size }),
} as const;

export const executions: readonly Route[] = [
  route({
    method: "POST",
    path: "/containers/{name}/exec",
    summary: "Make a command for a container",
    asked: creation,
    answers: { 201: document("The command", object({ Id: text })), ...noContainer, 409: "It does not run" },
    answer: create,
  }),
  route({
    method: "POST",
    path: "/exec/{id}/start",
    summary: "Execute it",
    asked: starting,
    answers: {
      ...conversation,
      404: "There is no such command",
      409: "It has run, or the container does not run",
    },
    answer: start,
  }),
  route({
    method: "POST",
    path: "/exec/{id}/resize",
    summary: "Resize its terminal",
    asked: sizing,
    answers: { 200: "It has the size", 404: "There is no such command", 409: "It does not run" },
    answer: resize,
  }),
  route({
    method: "GET",
    path: "/exec/{id}/json",
    summary: "Inspect it",
    answers: { 200: document("The command"), 404: "There is no such command" },
    answer: inspect,
  }),
];

async function create(call: Call<typeof creation>): Promise<Answer> {
  const body = await call.body();
  if (!body.Cmd?.length) throw new BrigError("invalid", "No exec command specified");
  const id = await call.engine.createExecution(call.parameter("name"), {
    command: body.Cmd,
    ...present({
      env: body.Env,
      user: body.User,
      workingDirectory: body.WorkingDir,
      terminal: body.Tty || undefined,
      openStdin: body.AttachStdin || undefined,
      privileged: body.Privileged || undefined,
      consoleSize: consoleSizeOf(body.ConsoleSize),
      detachKeys: refusing(() => parseDetachKeys(body.DetachKeys ?? "")) && body.DetachKeys,
      attach: present({
        stdin: body.AttachStdin || undefined,
        stdout: body.AttachStdout || undefined,
        stderr: body.AttachStderr || undefined,
      }),
    }),
  });
  return json({ Id: id }, 201);
}

async function start(call: Call<typeof starting>): Promise<Answer> {
  const { engine } = call;
  const { Detach: detached = false } = await call.body();
  const found = await engine.inspectExecution(call.parameter("id"));
  const { id, spec } = found;
  if (detached) {
    call.service.executions.add(id, await engine.startExecution(id, {}));
    return empty(200);
  }
  await refuse(call, found);
  const { terminal = false, attach: streams = {} } = spec;
  const keys = terminal ? parseDetachKeys(spec.detachKeys ?? "") : new Uint8Array();
  return {
    kind: "hijack",
    type: streamType(call, terminal),
    // The head of the answer is on its way by now. A client that reads it through a buffer, as python3-docker does,
    // loses what comes in the same piece: so nothing is started before.
    async talk(connection) {
      const write: Write = ({ stream, bytes }) => connection.write(terminal ? bytes : framed(stream, bytes));
      try {
        const session = await engine.startExecution(id, streams);
        call.service.executions.add(id, session);
        const left = () => engine.noteDetached(found.container, id);
        await relay(session, { streams, keys, left, outlives: true }, connection, write);
        // Whoever reads to the end then asks how it ended.
        await session.wait().catch(() => undefined);
      } catch (error) {
        if (!(error instanceof BrigError)) throw error;
        // A command that cannot be executed is told where its output would be, as its exit code will be.
        await write({ stream: "stderr", bytes: Buffer.from(`${error.message}\r\n`) });
      }
      await connection.end();
    },
  };
}

/** What is known to fail is an error with a status. */
async function refuse({ engine }: Call, { id, container, running, exitCode }: ExecutionInfo): Promise<void> {
  if (running || exitCode !== undefined)
    throw new BrigError("conflict", `Error: Exec command ${id} has already run`, { code: "has-run" });
  const { state } = await engine.inspect(container);
  if (state === "running") return;
  const reason = state === "paused" ? "paused" : "not running";
  throw new BrigError("conflict", `Container ${container} is ${reason}`, { code: "not-running" });
}

async function resize(call: Call<typeof sizing>): Promise<Answer> {
  const { rows, columns } = sizeOf(call);
  const { id, spec, running } = await call.engine.inspectExecution(call.parameter("id"));
  // As by Docker, who has no terminal has any size.
  if (running && !spec.terminal) return empty(200);
  await call.service.executions.resize(id, rows, columns);
  return empty(200);
}

async function inspect(call: Call): Promise<Answer> {
  const { id, container, spec, running, pid, exitCode } = await call.engine.inspectExecution(
    call.parameter("id"),
  );
  const [entrypoint = "", ...args] = spec.command;
  return json({
    ID: id,
    Running: running,
    ExitCode: exitCode ?? null,
    ProcessConfig: {
      tty: spec.terminal ?? false,
      entrypoint,
      arguments: args,
      privileged: spec.privileged ?? false,
      ...(spec.user === undefined ? {} : { user: spec.user }),
    },
    OpenStdin: spec.openStdin ?? false,
    OpenStderr: spec.attach?.stderr ?? false,
    OpenStdout: spec.attach?.stdout ?? false,
    CanRemove: false,
    ContainerID: container,
    DetachKeys: spec.detachKeys ?? "",
    Pid: pid ?? 0,
  });
}

function consoleSizeOf([height = 0, width = 0]: readonly number[] = []) {
  return height > 0 && width > 0 ? { height, width } : undefined;
}
