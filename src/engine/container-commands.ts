/** Further commands in running containers. Loaded by the method that needs it. */

import type { ExecutionInfo } from "./container/executions.ts";
import type { ExecSpec } from "./container/info.ts";
import { findContainer } from "./container/records.ts";
import { type Refusals, whileRunning } from "./container/while-running.ts";
import { ContainerFiles } from "./container-files.ts";
import { tellOf } from "./events/record.ts";
import type { EngineHost } from "./host.ts";
import type { Session, Streams } from "./session.ts";

export class ContainerCommands extends ContainerFiles {
  readonly #host: EngineHost;

  constructor(host: EngineHost) {
    super(host);
    this.#host = host;
  }

  async exec(reference: string, exec: ExecSpec, streams: Streams): Promise<Session> {
    const { execInContainer } = await import("./container/exec.ts");
    return whileRunning(this.#host, reference, execRefusals(reference), (record) =>
      execInContainer(this.#host, record, exec, streams),
    );
  }

  /** A command to be executed later; resolves with its id. */
  async createExecution(reference: string, exec: ExecSpec): Promise<string> {
    const { createExecution } = await import("./container/executions.ts");
    return whileRunning(this.#host, reference, execRefusals(reference), async (record) =>
      createExecution(this.#host, record, exec),
    );
  }

  async inspectExecution(id: string): Promise<ExecutionInfo> {
    const { findExecution } = await import("./container/executions.ts");
    return findExecution(this.#host, id);
  }

  /** Ids of the commands that are being executed in a container. */
  async executions(container: string): Promise<readonly string[]> {
    const { runningExecutions } = await import("./container/executions.ts");
    return runningExecutions(this.#host, container);
  }

  /** Tells whoever follows events that a client has left a container to itself, or a command in it. */
  async noteDetached(reference: string, execution?: string): Promise<void> {
    const record = findContainer(this.#host.database, reference);
    if (execution === undefined) tellOf(this.#host, "detach", record);
    else tellOf(this.#host, "exec_detach", record, { execID: execution });
  }

  async startExecution(id: string, streams: Streams): Promise<Session> {
    const { findExecution, startExecution } = await import("./container/executions.ts");
    const execution = findExecution(this.#host, id);
    return whileRunning(this.#host, execution.container, execRefusals(execution.container), (record) =>
      startExecution(this.#host, record, execution, streams),
    );
  }
}

const execRefusals = (reference: string): Refusals => ({
  stopped: `Container ${reference} is not running`,
  paused: `Container ${reference} is paused, unpause the container before exec`,
});
