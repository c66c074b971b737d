/** `meta.json` of a context, in Docker's format, so that contexts can be carried from one to the other. */

import { parseJson } from "../../spec/schema/json.ts";
import { boolean, text } from "../../spec/schema/scalars.ts";
import { looseObject, omitEmpty, optional, record } from "../../spec/schema/schema.ts";

/** Characters. */
const metaLimit = 256 * 1024;

const meta = looseObject({
  Name: omitEmpty(text),
  Metadata: optional(looseObject({ Description: omitEmpty(text) })),
  Endpoints: optional(record(looseObject({ Host: omitEmpty(text), SkipTLSVerify: optional(boolean) }))),
});

/** Of all endpoints that a context may have only one is an engine. */
export const endpointName = "docker";

export interface ContextMeta {
  readonly description: string;
  readonly host: string;
  readonly skipVerify: boolean;
}

/** Throws for what is none, and for a context without an engine. */
export function parseMeta(json: string, name: string): ContextMeta {
  const { Metadata = {}, Endpoints = {} } = parseJson(meta, json, name, metaLimit);
  const { Host = "", SkipTLSVerify = false } = Endpoints[endpointName] ?? {};
  return { description: Metadata.Description ?? "", host: Host, skipVerify: SkipTLSVerify };
}

/** As `inspect` shows it, too. */
export function metaOf({
  name,
  description,
  host,
  tls,
}: {
  readonly name: string;
  readonly description: string;
  readonly host: string;
  readonly tls?: { readonly skipVerify?: boolean } | undefined;
}) {
  return {
    Name: name,
    Metadata: description === "" ? {} : { Description: description },
    Endpoints: { [endpointName]: { Host: host, SkipTLSVerify: tls?.skipVerify ?? false } },
  };
}

export function formatMeta(context: Parameters<typeof metaOf>[0]): string {
  return `${JSON.stringify(metaOf(context))}\n`;
}
