/**
 * An authorization plugin of Docker's (docs.docker.com, "Access authorization plugin", "Docker Plugin API"): a program that
 * answers on a socket whether a request may be done, and whether its answer may be told.
 */

import { readFileSync, statSync } from "node:fs";
import { request } from "node:http";
import { BrigError, messageOf } from "../../base/errors.ts";
import { boolean, text } from "../../spec/schema/scalars.ts";
import { type Infer, list, looseObject, omitEmpty, optional, type Schema } from "../../spec/schema/schema.ts";

/** Where plugins are found: their sockets, and files that say where these are. */
const socketFolder = "/run/docker/plugins";
const specFolders = ["/etc/docker/plugins", "/usr/lib/docker/plugins"];

/** Milliseconds that a plugin has for an answer; nothing is done meanwhile. */
const patience = 30_000;
/** Bytes of an answer: a word, and a reason. */
const answerLimit = 1024 * 1024;

const verdict = looseObject({ Allow: optional(boolean), Msg: omitEmpty(text), Err: omitEmpty(text) });
export type Verdict = Infer<typeof verdict>;
const activation = looseObject({ Implements: optional(list(text)) });

export class Plugin {
  readonly name: string;
  #activated = false;

  constructor(name: string) {
    // It becomes a part of paths.
    if (!/^[\w][\w.-]*$/.test(name))
      throw new BrigError("invalid", `cannot use the authorization plugin ${JSON.stringify(name)}: no name`);
    this.name = name;
  }

  /** What it says to a request, or to its answer; throws when it says nothing that can be understood. */
  async ask(method: "AuthZPlugin.AuthZReq" | "AuthZPlugin.AuthZRes", question: object): Promise<Verdict> {
    if (!this.#activated) {
      const { Implements: able = [] } = await this.#call("Plugin.Activate", {}, activation);
      if (!able.includes("authz")) throw this.#failed("it authorizes nothing");
      this.#activated = true;
    }
    try {
      return await this.#call(method, question, verdict);
    } catch (error) {
      // It may be started anew meanwhile.
      this.#activated = false;
      throw error;
    }
  }

  async #call<T>(method: string, question: object, schema: Schema<T>): Promise<T> {
    try {
      return schema(
        JSON.parse(await post(addressOf(this.name), method, JSON.stringify(question))),
        "the answer",
      );
    } catch (cause) {
      throw this.#failed(messageOf(cause), cause);
    }
  }

  #failed(reason: string, cause?: unknown): BrigError {
    return new BrigError("internal", `plugin ${this.name} failed with error: ${reason}`, {
      code: "plugin-failed",
      cause,
    });
  }
}

type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };

function addressOf(name: string): Address {
  for (const path of [`${socketFolder}/${name}.sock`, `${socketFolder}/${name}/${name}.sock`])
    if (statSync(path, { throwIfNoEntry: false })?.isSocket()) return { socketPath: path };
  for (const folder of specFolders)
    for (const [suffix, read] of Object.entries(specs)) {
      const text = textOf(`${folder}/${name}${suffix}`);
      if (text !== undefined) return parseAddress(read(text));
    }
  throw new BrigError("not-found", `there is none in ${[socketFolder, ...specFolders].join(", ")}`);
}

const jsonSpec = looseObject({ Addr: text });
const specs: Readonly<Record<string, (text: string) => string>> = {
  ".spec": (text) => text.trim(),
  ".json": (text) => jsonSpec(JSON.parse(text), "its file").Addr,
};

function parseAddress(text: string): Address {
  const [, scheme, place = ""] = /^(unix|tcp|http):\/\/(.+?)\/?$/.exec(text) ?? [];
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(place) ?? [];
  if (scheme === "unix") return { socketPath: place };
  if (scheme !== undefined && host !== undefined) return { host, port: Number(port) };
  throw new BrigError("invalid", `${JSON.stringify(text)} is no address`);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function post(address: Address, method: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const type = "application/vnd.docker.plugins.v1.2+json";
    const headers = { "Content-Type": type, Accept: type, "Content-Length": Buffer.byteLength(body) };
    const asked = request(
      { ...address, method: "POST", path: `/${method}`, headers, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          if ((size += chunk.length) > answerLimit) asked.destroy(new Error("its answer is too long"));
        });
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`it answered ${answer.statusCode}: ${text.slice(0, 200).trim()}`));
        });
        answer.on("error", reject);
      },
    );
    asked.setTimeout(patience, () => asked.destroy(new Error("it did not answer in time")));
    asked.on("error", reject);
    asked.end(body);
  });
}
