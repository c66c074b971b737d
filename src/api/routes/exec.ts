/** Further commands in running containers (Engine API, "Exec"). */

import { BrigError, type ErrorKind } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import { boolean, integer, kernelText, text } from "../../spec/schema/scalars.ts";
import { list, looseObject, object, omitEmpty, optional } from "../../spec/schema/schema.ts";
import { conversation, document, noContainer } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { framed } from "../multiplex.ts";
import { type Route, route } from "../route.ts";
import { relay, streamType } from "./container-io.ts";
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
  body: optional(looseObject({ Detach: optional(boolean), Tty: optional(boolean), ConsoleSize: size })),
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
  const { service } = call;
  const id = call.parameter("id");
  const { Detach: detached = false } = (await call.body()) ?? {};
  const { spec } = await call.engine.inspectExecution(id);
  const { terminal = false } = spec;
  const streams = detached ? {} : (spec.attach ?? {});
  const session = await call.engine.startExecution(id, streams).catch((error: unknown) => {
    // A command that cannot be executed is told where its output would be, as its exit code will be.
    if (detached || !(error instanceof BrigError) || !ofTheCommand.has(error.kind)) throw error;
    return error;
  });
  if (!(session instanceof BrigError)) service.executions.add(id, session);
  if (detached) return empty(200);
  return {
    kind: "hijack",
    type: streamType(call, terminal),
    async talk(connection) {
      if (session instanceof BrigError) {
        const text = Buffer.from(`${session.message}\r\n`);
        await connection.write(terminal ? text : framed("stderr", text));
        return connection.end();
      }
      await relay(session, streams, connection, ({ stream, bytes }) =>
        connection.write(terminal ? bytes : framed(stream, bytes)),
      );
      // Whoever reads to the end then asks how it ended.
      await session.wait().catch(() => undefined);
      await connection.end();
    },
  };
}

const ofTheCommand: ReadonlySet<ErrorKind> = new Set([
  "command-not-found",
  "command-not-executable",
  "invalid",
  "not-found",
]);

async function resize(call: Call<typeof sizing>): Promise<Answer> {
  const { rows, columns } = sizeOf(call);
  const { id } = await call.engine.inspectExecution(call.parameter("id"));
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
    CanRemove: exitCode !== undefined,
    ContainerID: container,
    DetachKeys: "",
    Pid: pid ?? 0,
  });
}

function consoleSizeOf([height = 0, width = 0]: readonly number[] = []) {
  return height > 0 && width > 0 ? { height, width } : undefined;
}
