/**
 * One handler a command: the parsed call, one call of the runtime, and what it prints. What the start of a container
 * does not need is loaded only when asked for: it would cost every start of one.
 */

import { resolve as resolvePath } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import { parseSignal } from "../../base/signals.ts";
import { containerState, listContainers } from "../../runtime/oci/container-state.ts";
import type { OciContext } from "../../runtime/oci/context.ts";
import { createContainer } from "../../runtime/oci/create.ts";
import { deleteContainer } from "../../runtime/oci/delete.ts";
import { execInContainer } from "../../runtime/oci/exec.ts";
import { killContainer } from "../../runtime/oci/kill.ts";
import type { MakeOptions } from "../../runtime/oci/make.ts";
import { pauseContainer, resumeContainer } from "../../runtime/oci/pause.ts";
import { runContainer } from "../../runtime/oci/run.ts";
import { startContainer } from "../../runtime/oci/start.ts";
import type { CallOf, Handlers } from "../flags/program.ts";
import type { ociProgram } from "../options/oci.ts";
import { execRequest } from "./exec-request.ts";
import { inheritedFiles } from "./inherited-files.ts";
import { listTable } from "./list-table.ts";
import { relayTerminal } from "./relay.ts";

export const handlers: Handlers<typeof ociProgram, OciContext, Promise<number>> = {
  async create(call, context) {
    await createContainer(context, { ...makeOptions(call), detached: false });
    return 0;
  },
  async run(call, context) {
    const { detach, keep } = call.options;
    return runContainer(context, {
      ...makeOptions(call),
      detached: true,
      detach,
      keep,
      relay: relayTerminal,
    });
  },
  async start({ operands: [id] }, context) {
    await startContainer(context, id!);
    return 0;
  },
  async exec(call, context) {
    return execInContainer(context, execRequest(call));
  },
  async state({ operands: [id] }, context) {
    return print(`${JSON.stringify(containerState(context, id!), null, 2)}\n`);
  },
  async kill({ operands: [id, signal = "SIGTERM"], options: { all } }, context) {
    await killContainer(context, id!, { signal: parseSignal(signal), all });
    return 0;
  },
  async delete({ operands: [id], options: { force } }, context) {
    await deleteContainer(context, id!, force);
    return 0;
  },
  async list({ options: { quiet, format } }, context) {
    const states = listContainers(context);
    if (quiet) return print(states.map(({ id }) => `${id}\n`).join(""));
    return print(format === "json" ? JSON.stringify(states.length > 0 ? states : null) : listTable(states));
  },
  async ps({ operands: [id, ...options], options: { format } }, context) {
    const { containerPids, psTable } = await import("../../runtime/oci/processes.ts");
    return print(
      format === "json" ? `${JSON.stringify(containerPids(context, id!))}\n` : psTable(context, id!, options),
    );
  },
  async pause({ operands: [id] }, context) {
    await pauseContainer(context, id!);
    return 0;
  },
  async resume({ operands: [id] }, context) {
    resumeContainer(context, id!);
    return 0;
  },
  async update(call, context) {
    const { updateContainer } = await import("../../runtime/oci/update.ts");
    const { resourcesOf } = await import("./resources.ts");
    await updateContainer(context, call.operands[0]!, resourcesOf(call));
    return 0;
  },
  async events({ operands: [id], options: { stats, interval } }, context) {
    const { statsEvent, watchEvents } = await import("../../runtime/oci/events.ts");
    if (stats) return print(`${statsEvent(context, id!)}\n`);
    for await (const event of watchEvents(context, id!, interval)) print(`${event}\n`);
    return 0;
  },
  async spec({ options: { bundle = ".", rootless } }) {
    const { writeDefaultConfig } = await import("../../runtime/oci/default-config.ts");
    const { getuid, getgid } = process;
    writeDefaultConfig(bundle, rootless ? { uid: getuid?.() ?? 0, gid: getgid?.() ?? 0 } : undefined);
    return 0;
  },
  async features() {
    const { features } = await import("../../runtime/oci/features.ts");
    return print(`${JSON.stringify(features, null, 4)}\n`);
  },
};

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

type MakingCall = CallOf<typeof ociProgram, "create"> | CallOf<typeof ociProgram, "run">;

function makeOptions({ operands: [id], options, globals }: MakingCall): Omit<MakeOptions, "detached"> {
  const { bundle = ".", config, consoleSocket, pidFile } = options;
  return {
    id: id!,
    bundle,
    ...(config === undefined ? {} : { configFile: config }),
    ...(consoleSocket === undefined ? {} : { consoleSocket: resolvePath(consoleSocket) as HostPath }),
    ...(pidFile === undefined ? {} : { pidFile }),
    usePivot: !options.noPivot,
    newKeyring: !options.noNewKeyring,
    cgroupDriver: globals.systemdCgroup ? "systemd" : (globals.cgroupManager ?? "cgroupfs"),
    ...inheritedFiles(options.preserveFds, process.env),
  };
}
