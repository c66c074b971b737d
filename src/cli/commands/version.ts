/** `brig version`. The command and this host's engine are one executable, so it needs no engine that is open. */

import { release } from "node:os";
import packageJson from "../../../package.json" with { type: "json" };
import type { Document } from "../../docker/documents/documents.ts";
import { runtimeSpecVersion } from "../../spec/runtime/version.ts";
import { formatOne } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function version({ options }: CallTo<"version">, context: Context): Promise<number> {
  const { format } = options;
  const client = clientFacts();
  const remote = context.target.kind !== "local";
  // What can be told is told, also of an engine that does not answer.
  if (remote && !format) await context.stdout.write(clientText(client));
  const server = (remote ? await (await context.documents()).version() : undefined) ?? engineFacts();
  const facts = { Client: client, Server: server };
  if (format) await context.stdout.write(`${formatOne(format, facts)}\n`);
  else if (remote) await context.stdout.write(`\n${remoteText(server)}`);
  else await context.stdout.write(`${clientText(client)}\n${engineText(engineFacts())}`);
  return 0;
}

/** The line that `brig --version` prints. */
export function versionLine(): string {
  return `brig version ${packageJson.version}\n`;
}

const common = () => ({
  Version: packageJson.version,
  Os: process.platform,
  Arch: process.arch === "x64" ? "amd64" : process.arch,
});

/** Field names as `docker version --format` has them. */
function clientFacts() {
  const { bun, node } = process.versions;
  return { ...common(), Runtime: bun === undefined ? `node ${node}` : `bun ${bun}` };
}

function engineFacts() {
  return { ...common(), OciVersion: runtimeSpecVersion, KernelVersion: release() };
}

function clientText(client: ReturnType<typeof clientFacts>): string {
  return `Client:
 Version:    ${client.Version}
 Runtime:    ${client.Runtime}
 OS/Arch:    ${client.Os}/${client.Arch}
`;
}

function engineText(engine: ReturnType<typeof engineFacts>): string {
  return `Engine:
 Version:    ${engine.Version}
 OCI spec:   ${engine.OciVersion}
 Kernel:     ${engine.KernelVersion}
 OS/Arch:    ${engine.Os}/${engine.Arch}
`;
}

function remoteText(server: Document): string {
  return `Engine:
 Version:    ${server.Version}
 API:        ${server.ApiVersion} (minimum version ${server.MinAPIVersion})
 Kernel:     ${server.KernelVersion}
 OS/Arch:    ${server.Os}/${server.Arch}
`;
}
