/**
 * Asks plugins before a request is done, and before its answer is told (Docker's `--authorization-plugin`). What cannot be
 * asked about is refused: a plugin that does not answer, or a JSON body that is longer than plugins are told.
 *
 * A plugin is shown the very bytes that the route then reads. Whether there is a body is not taken from headers, which may
 * hide one (CVE-2024-41110: a request of Content-Length 0 that has a body).
 */

import type { IncomingHttpHeaders } from "node:http";
import type { TLSSocket } from "node:tls";
import { BrigError } from "../../base/errors.ts";
import type { Answer } from "../http/answer.ts";
import { isJson, wholeBody } from "../http/body.ts";
import type { Exchange } from "../http/door.ts";
import type { Route } from "../route.ts";
import { Plugin } from "./plugin.ts";

/** Bytes of a body that plugins are shown, as in Docker. */
const bodyLimit = 1024 * 1024;
/** Credentials of registries are nobody's business. */
const secretHeaders = ["x-registry-auth", "x-registry-config"];
const secretPaths = ["/auth"];

export class Authorization {
  readonly #plugins: readonly Plugin[];

  constructor(names: readonly string[]) {
    this.#plugins = [...new Set(names)].map((name) => new Plugin(name));
  }

  /** Lets the route answer if every plugin agrees, and tells its answer if they do again. */
  async around(
    exchange: Exchange,
    route: Route,
    answer: (exchange: Exchange) => Promise<Answer>,
  ): Promise<Answer> {
    if (this.#plugins.length === 0) return answer(exchange);
    const shown = await this.#shown(exchange, route);
    const question = questionOf(exchange, shown.body);
    for (const plugin of this.#plugins) judge(plugin, await plugin.ask("AuthZPlugin.AuthZReq", question));
    const given = await answer(shown);
    const full = { ...question, ...responseOf(given) };
    for (const plugin of this.#plugins.toReversed())
      try {
        judge(plugin, await plugin.ask("AuthZPlugin.AuthZRes", full));
      } catch (error) {
        if (given.kind === "stream") await given.pieces[Symbol.asyncIterator]().return?.();
        throw error;
      }
    return given;
  }

  /** The exchange with its body, where that is one that plugins are shown. */
  async #shown(exchange: Exchange, { path, asked }: Route): Promise<Exchange> {
    const readsJson = asked?.body !== undefined && !("bytes" in asked.body);
    if (secretPaths.includes(path) || !(readsJson || isJson(exchange))) return exchange;
    return { ...exchange, body: await wholeBody(exchange, bodyLimit) };
  }
}

function judge({ name }: Plugin, { Allow, Msg = "", Err }: Awaited<ReturnType<Plugin["ask"]>>): void {
  if (Err !== undefined)
    throw new BrigError("internal", `plugin ${name} failed with error: ${Err}`, { code: "plugin-failed" });
  if (!Allow)
    throw new BrigError("denied", `authorization denied by plugin ${name}: ${Msg}`, { code: "unauthorized" });
}

function questionOf({ request }: Exchange, body: Buffer | undefined): object {
  const certificate = (request.socket as Partial<TLSSocket>).getPeerCertificate?.();
  const name = certificate?.subject?.CN;
  return {
    ...(name ? { User: String(name), UserAuthNMethod: "TLS" } : {}),
    RequestMethod: request.method,
    RequestUri: request.url,
    RequestHeaders: headersOf(request.headers),
    ...(body?.length ? { RequestBody: body.toString("base64") } : {}),
    ...(certificate?.raw ? { RequestPeerCertificates: [pem(certificate.raw)] } : {}),
  };
}

function responseOf(answer: Answer): object {
  const text = answer.kind === "json" ? JSON.stringify(answer.value, plainly) : undefined;
  const statuses = { hijack: 101, stream: 200 } as const;
  const status =
    answer.kind in statuses ? statuses[answer.kind as "hijack"] : (answer as { status?: number }).status;
  return {
    ResponseStatusCode: status ?? 200,
    ...(text === undefined
      ? {}
      : {
          ResponseHeaders: { "Content-Type": "application/json" },
          ResponseBody: Buffer.from(text).toString("base64"),
        }),
  };
}

function plainly(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

/** As Go spells them; of several the first. */
function headersOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const shown = Object.entries(headers).filter(([name]) => !secretHeaders.includes(name));
  return Object.fromEntries(
    shown.map(([name, value]) => [
      name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase()),
      Array.isArray(value) ? value[0]! : (value ?? ""),
    ]),
  );
}

/** As Go writes bytes: PEM, in base64 again. */
function pem(raw: Buffer): string {
  const lines = raw.toString("base64").match(/.{1,64}/g) ?? [];
  const text = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  return Buffer.from(text).toString("base64");
}
