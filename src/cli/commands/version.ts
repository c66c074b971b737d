/** `brig version`. Command and engine are one executable, so it needs no engine that is open. */

import { release } from "node:os";
import packageJson from "../../../package.json" with { type: "json" };
import { runtimeSpecVersion } from "../../spec/runtime/version.ts";
import { formatOne } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function version({ options }: CallTo<"version">, { stdout }: Context): Promise<number> {
  const { format } = options;
  const facts = versionFacts();
  await stdout.write(format ? `${formatOne(format, facts)}\n` : versionText(facts));
  return 0;
}

/** The line that `brig --version` prints. */
export function versionLine(): string {
  return `brig version ${packageJson.version}\n`;
}

type Facts = ReturnType<typeof versionFacts>;

/** Field names as `docker version --format` has them. */
function versionFacts() {
  const { bun, node } = process.versions;
  const common = {
    Version: packageJson.version,
    Os: process.platform,
    Arch: process.arch === "x64" ? "amd64" : process.arch,
  };
  return {
    Client: { ...common, Runtime: bun === undefined ? `node ${node}` : `bun ${bun}` },
    Server: { ...common, OciVersion: runtimeSpecVersion, KernelVersion: release() },
  };
}

function versionText({ Client: client, Server: engine }: Facts): string {
  return `Client:
 Version:    ${client.Version}
 Runtime:    ${client.Runtime}
 OS/Arch:    ${client.Os}/${client.Arch}

Engine:
 Version:    ${engine.Version}
 OCI spec:   ${engine.OciVersion}
 Kernel:     ${engine.KernelVersion}
 OS/Arch:    ${engine.Os}/${engine.Arch}
`;
}
