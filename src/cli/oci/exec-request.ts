/** The command line of `exec` as the runtime's request. */

import { resolve as resolvePath } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import type { ExecCommand, ExecRequest } from "../../runtime/oci/exec.ts";
import type { CallOf } from "../flags/program.ts";
import type { ociProgram } from "../options/oci.ts";
import { inheritedFiles } from "./inherited-files.ts";
import { relayTerminal } from "./relay.ts";

export function execRequest(call: CallOf<typeof ociProgram, "exec">): ExecRequest {
  const { options, operands } = call;
  const { consoleSocket, pidFile } = options;
  return {
    id: operands[0]!,
    command: commandOf(call),
    detach: options.detach,
    ...(consoleSocket === undefined ? {} : { consoleSocket: resolvePath(consoleSocket) as HostPath }),
    ...(pidFile === undefined ? {} : { pidFile }),
    preserve: inheritedFiles(options.preserveFds, process.env).preserve,
    cgroups: options.cgroup,
    ignorePaused: options.ignorePaused,
    relay: relayTerminal,
  };
}

function commandOf({ options, operands, given }: CallOf<typeof ociProgram, "exec">): ExecCommand {
  if (options.process !== undefined) return { kind: "file", path: options.process };
  const args = operands.slice(1);
  if (args.length === 0)
    throw new BrigError(
      "invalid",
      "cannot exec: process args cannot be empty; name a command or use --process",
    );
  const { cwd, apparmor, processLabel, user } = options;
  return {
    kind: "changes",
    args,
    terminal: options.tty,
    ...(cwd === undefined ? {} : { cwd }),
    env: options.env,
    ...(user === undefined ? {} : { user: parseUser(user) }),
    additionalGids: options.additionalGids,
    capabilities: options.cap,
    ...(apparmor === undefined ? {} : { apparmorProfile: apparmor }),
    ...(processLabel === undefined ? {} : { selinuxLabel: processLabel }),
    ...(given.has("noNewPrivs") ? { noNewPrivileges: options.noNewPrivs } : {}),
  };
}

/** `1000` or `1000:100`. Names would have to be looked up in the container; engines do that. */
function parseUser(text: string): { readonly uid: number; readonly gid?: number } {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (uid === undefined)
    throw new BrigError(
      "invalid",
      `cannot exec as user ${JSON.stringify(text)}: not a number; use UID[:GID]`,
    );
  return { uid: Number(uid), ...(gid === undefined ? {} : { gid: Number(gid) }) };
}
