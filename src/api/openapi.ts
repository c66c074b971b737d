/** The routes as an OpenAPI 3.1 document: what Swagger's tools and generators of clients read. */

import packageJson from "../../package.json" with { type: "json" };
import { type JsonSchema, jsonOf } from "../spec/schema/schema.ts";
import { type Answers, type Content, failure } from "./answers.ts";
import type { Parameter } from "./parameter.ts";
import type { Body, Route } from "./route.ts";
import { formatVersion, newest, oldest } from "./version.ts";

export function openApiOf(routes: readonly Route[]): JsonSchema {
  return {
    openapi: "3.1.1",
    info: {
      title: "brig",
      version: packageJson.version,
      license: { name: packageJson.license, identifier: packageJson.license },
      description: `Docker's Engine API, versions ${formatVersion(oldest)} to ${formatVersion(newest)}. Keys of bodies may be in whatever case, and null is absent.`,
    },
    servers: [
      {
        url: `/v${formatVersion(newest)}`,
        description: "A version before the path, in case the client needs one",
      },
      { url: "/" },
    ],
    paths: pathsOf(routes),
    components: {
      schemas: { Failure: jsonOf(failure) },
      responses: {
        Failure: {
          description: "What could not be done, and why",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
        },
      },
    },
  };
}

function pathsOf(routes: readonly Route[]): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const path = (paths[documentedPath(route)] ??= {});
    path[route.method.toLowerCase()] = operationOf(route);
  }
  return paths;
}

/** OpenAPI knows no parameter of several segments: slashes of a name are escaped, or written as they are. */
export function documentedPath({ path }: Route): string {
  return path.replaceAll("...}", "}");
}

function operationOf({ path, summary, asked = {}, answers }: Route): JsonSchema {
  const { query = {}, body } = asked;
  const parameters = [
    ...partsOf(path),
    ...Object.entries(query).map(([name, each]) => parameterOf(name, each)),
  ];
  return {
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: bodyOf(body) } : {}),
    responses: responsesOf(answers),
  };
}

function partsOf(path: string): readonly JsonSchema[] {
  return [...path.matchAll(/\{(\w+)(\.\.\.)?\}/g)].map(([, name, more]) => ({
    name,
    in: "path",
    required: true,
    ...(more ? { description: "May have slashes" } : {}),
    schema: { type: "string", minLength: 1 },
  }));
}

function parameterOf(name: string, { help, json, document }: Parameter<unknown>): JsonSchema {
  const value = document ? { content: { "application/json": { schema: json } } } : { schema: json };
  return { name, in: "query", description: help, ...value };
}

function bodyOf(body: Body): JsonSchema {
  if ("bytes" in body) return { required: true, content: { [body.bytes]: {} } };
  const required = typeof body === "function";
  const schema = jsonOf(required ? body : body.optional);
  return { required, content: { "application/json": { schema } } };
}

function responsesOf(answers: Answers): JsonSchema {
  const said = Object.entries(answers).map(([status, told]) => [status, responseOf(Number(status), told)]);
  return { ...Object.fromEntries(said), default: { $ref: "#/components/responses/Failure" } };
}

function responseOf(status: number, told: string | Content): JsonSchema {
  if (typeof told !== "string") return { description: told.what, content: contentOf(told) };
  const content = { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } };
  return status < 400 ? { description: told } : { description: told, content };
}

function contentOf({ types, schema }: Content): JsonSchema {
  return Object.fromEntries(types.map((type) => [type, schema ? { schema: jsonOf(schema) } : {}]));
}
