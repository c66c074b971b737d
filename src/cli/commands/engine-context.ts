/** `brig context …`: names for engines that are elsewhere. Nothing is asked of them. */

import { BrigError, messageOf } from "../../base/errors.ts";
import { parseAddress } from "../../client/address.ts";
import { metaOf } from "../../client/contexts/meta.ts";
import {
  checkContextName,
  contextNames,
  contextPaths,
  hasContext,
  materials,
  putInUse,
  readContext,
  removeContext,
  type StoredContext,
  writeContext,
} from "../../client/contexts/store.ts";
import { type ContextRow, contextColumns, contextTable } from "../render/context-columns.ts";
import { contextInUse, inUseFile, localContext, settingsFolder } from "../target.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";
import { changedEndpoint } from "./context-endpoint.ts";
import { each } from "./each.ts";
import { inspectEach } from "./inspect-each.ts";

const settingsOf = ({ environment }: Context): string => {
  const folder = settingsFolder(environment);
  if (folder === undefined)
    throw new BrigError("not-found", "cannot keep contexts: neither HOME nor XDG_CONFIG_HOME is set");
  return folder;
};

/** That of this host's own engine, of which nothing is kept. */
const own: StoredContext = { name: localContext, description: "The engine of this host", host: "" };

export async function contextCreate(
  { options, operands }: CallTo<"contextCreate">,
  context: Context,
): Promise<number> {
  const settings = settingsOf(context);
  const name = checkContextName(operands[0]!);
  if (hasContext(settings, name))
    throw new BrigError("conflict", `context "${name}" already exists`, { code: "name-in-use" });
  const { docker, from } = options;
  if (from && Object.keys(docker).length > 0)
    throw new BrigError("invalid", "cannot use --docker flag when --from is set");
  const source = docker.from ?? from;
  const base = source === undefined ? { ...own, description: "" } : findContext(settings, source);
  const made = changedEndpoint({ ...base, name }, docker, context.directory);
  if (made.host === "")
    throw new BrigError("invalid", "docker endpoint configuration is required: say host=URL");
  parseAddress(made.host);
  return kept(
    settings,
    { ...made, description: options.description ?? base.description },
    "created",
    context,
  );
}

export async function contextUpdate(call: CallTo<"contextUpdate">, context: Context): Promise<number> {
  const { options, operands } = call;
  const settings = settingsOf(context);
  const before = readContext(settings, operands[0]!);
  const source = options.docker.from;
  const base = source === undefined ? before : { ...findContext(settings, source), name: before.name };
  const changed = changedEndpoint(base, options.docker, context.directory);
  parseAddress(changed.host);
  const description = options.description ?? before.description;
  return kept(settings, { ...changed, description }, "updated", context);
}

async function kept(
  settings: string,
  made: StoredContext,
  done: "created" | "updated" | "imported",
  { stdout, stderr }: Context,
): Promise<number> {
  writeContext(settings, made);
  await stdout.write(`${made.name}\n`);
  await stderr.write(`Successfully ${done} context "${made.name}"\n`);
  return 0;
}

export async function contextExport(
  { operands }: CallTo<"contextExport">,
  context: Context,
): Promise<number> {
  const [name, file = `${name}.dockercontext`] = operands as [string, string?];
  const found = readContext(settingsOf(context), name);
  const { exportContext } = await import("../../client/contexts/archive.ts");
  if (file === "-") {
    if (context.stdout.terminal())
      throw new BrigError("invalid", "cannot export to a terminal, please specify a file path");
    for await (const chunk of exportContext(found)) await context.stdout.write(chunk);
    return 0;
  }
  const { writePrivate } = await import("./archive-output.ts");
  await writePrivate(file, context.directory, exportContext(found));
  await context.stderr.write(`Written file "${file}"\n`);
  return 0;
}

export async function contextImport(
  { operands }: CallTo<"contextImport">,
  context: Context,
): Promise<number> {
  const [name, file] = operands as [string, string];
  const settings = settingsOf(context);
  checkContextName(name);
  if (hasContext(settings, name))
    throw new BrigError("conflict", `context "${name}" already exists`, { code: "name-in-use" });
  const { importContext } = await import("../../client/contexts/archive.ts");
  const { readArchive } = await import("./load.ts");
  const made = await importContext(name, file === "-" ? context.stdin.bytes() : readArchive(file));
  if (made.host !== "") parseAddress(made.host);
  return kept(settings, made, "imported", context);
}

export async function contextInspect(
  { options, operands }: CallTo<"contextInspect">,
  context: Context,
): Promise<number> {
  const settings = settingsOf(context);
  const names = operands.length > 0 ? operands : [nameInUse(context)];
  return inspectEach(names, options.format, context, async (name) => {
    const found = findContext(settings, name);
    const { tls = {} } = found;
    const files = materials.filter((kind) => tls[kind]).map((kind) => `${kind}.pem`);
    const paths =
      name === localContext ? { metadata: "<IN MEMORY>", tls: "<IN MEMORY>" } : contextPaths(settings, name);
    return {
      ...metaOf(found),
      TLSMaterial: files.length > 0 ? { docker: files } : {},
      Storage: { MetadataPath: paths.metadata, TLSPath: paths.tls },
    };
  });
}

export async function contextLs({ options }: CallTo<"contextLs">, context: Context): Promise<number> {
  const settings = settingsOf(context);
  const inUse = nameInUse(context);
  const known = contextNames(settings);
  // One that is in use and gone is told of as well.
  const names = known.includes(inUse) || inUse === localContext ? known : [...known, inUse].sort();
  const rows = [localContext, ...names].map((name) => rowOf(settings, name, name === inUse));
  const { quiet, format } = options;
  const text = quiet
    ? rows.map(({ name }) => `${name}\n`).join("")
    : formatList(format, contextColumns(!format || format.startsWith("table")), contextTable, rows);
  await context.stdout.write(text);
  if (context.environment.BRIG_HOST && !quiet)
    await context.stderr.write(
      `Warning: BRIG_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset BRIG_HOST environment variable.\n`,
    );
  return 0;
}

function rowOf(settings: string, name: string, inUse: boolean): ContextRow {
  try {
    const { description, host } = findContext(settings, name);
    return { name, description, host, inUse, error: "" };
  } catch (error) {
    return { name, description: "", host: "", inUse, error: messageOf(error) };
  }
}

export async function contextRm(
  { options, operands }: CallTo<"contextRm">,
  context: Context,
): Promise<number> {
  const settings = settingsOf(context);
  const inUse = contextInUse(context.environment);
  return each(
    operands,
    context,
    async (name) => {
      if (name === localContext) throw new BrigError("invalid", 'context "default" cannot be removed');
      if (name === inUse && !options.force)
        throw new BrigError("conflict", `context "${name}" is in use, set -f flag to force remove`);
      removeContext(settings, name);
      if (name === inUse) putInUse(settings, inUseFile, localContext);
      return name;
    },
    { missingIsFine: options.force },
  );
}

export async function contextShow(_call: CallTo<"contextShow">, context: Context): Promise<number> {
  await context.stdout.write(`${nameInUse(context)}\n`);
  return 0;
}

export async function contextUse({ operands }: CallTo<"contextUse">, context: Context): Promise<number> {
  const [name] = operands as [string];
  putInUse(settingsOf(context), inUseFile, name);
  await context.stdout.write(`${name}\n`);
  await context.stderr.write(`Current context is now "${name}"\n`);
  if (context.environment.BRIG_HOST)
    await context.stderr.write(
      `Warning: BRIG_HOST environment variable overrides the active context. To use "${name}", either set the global --context flag, or unset BRIG_HOST environment variable.\n`,
    );
  return 0;
}

function findContext(settings: string, name: string): StoredContext {
  return name === localContext ? own : readContext(settings, name);
}

/** A URL has none: as Docker says, it is the default one's. */
function nameInUse({ target }: Context): string {
  return target.kind === "context" ? target.name : localContext;
}
