/**
 * Programs as they are written with npm's testcontainers, against brig's service. TESTCONTAINERS_RYUK_DISABLED is the
 * documented setting for a host without its image that removes what was left.
 */

import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import type { StartedTestContainer } from "testcontainers";
import { nginxSays, postgresSays, redisSays } from "./servers.ts";
import { serviceWithServers } from "./service.ts";

let own: Awaited<ReturnType<typeof serviceWithServers>>;
let library: typeof import("testcontainers");

before(async () => {
  own = await serviceWithServers();
  process.env.DOCKER_HOST = own.host;
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  library = await import("testcontainers");
});
after(async () => {
  await own?.stopService();
  own?.end();
});

async function used<T>(container: StartedTestContainer, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await container.stop();
  }
}

test("PostgreSQL is there when its log says so", async () => {
  const { GenericContainer, Wait } = library;
  const database = await new GenericContainer("postgres")
    .withEnvironment({ POSTGRES_PASSWORD: "secret" })
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/))
    .start();
  await used(database, async () => {
    assert.equal(await postgresSays(database.getMappedPort(5432)), "N");
    const { output, exitCode } = await database.exec(["psql", "-U", "postgres", "-Atc", "SELECT 6 * 7"]);
    assert.deepEqual([output, exitCode], ["42\n", 0]);
    const { exitCode: failed } = await database.exec(["psql", "-U", "nosuch", "-c", "SELECT 1"]);
    assert.equal(failed, 2);
    assert.match(database.getName(), /./);
  });
});

test("Redis is there when its port answers", async () => {
  const { GenericContainer, Wait } = library;
  const cache = await new GenericContainer("redis")
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forListeningPorts())
    .withCommand(["redis-server", "--protected-mode", "no", "--save", "", "--databases", "3"])
    .start();
  await used(cache, async () => {
    assert.equal(await redisSays(cache.getMappedPort(6379)), "+PONG\r\n");
    const { output } = await cache.exec("redis-cli config get databases".split(" "));
    assert.equal(output, "databases\n3\n");
    await cache.restart();
    assert.equal(await redisSays(cache.getMappedPort(6379)), "+PONG\r\n");
  });
});

test("nginx serves what was copied in, and what was mounted", async () => {
  const { GenericContainer, Wait } = library;
  const web = await new GenericContainer("nginx")
    .withExposedPorts(80)
    .withCopyContentToContainer([{ content: "<p>copied</p>", target: "/var/www/html/index.html" }])
    .withTmpFs({ "/scratch": "rw,size=1m" })
    .withLabels({ app: "web" })
    .withWaitStrategy(Wait.forHttp("/", 80))
    .start();
  await used(web, async () => {
    assert.equal(await nginxSays(web.getMappedPort(80)), "<p>copied</p>");
    await web.copyContentToContainer([{ content: "later", target: "/var/www/html/later" }]);
    assert.equal(await nginxSays(web.getMappedPort(80), "/later"), "later");
    const archive = await text(await web.copyArchiveFromContainer("/var/www/html/later"));
    assert.match(archive, /^later/);
    const { output } = await web.exec(["sh", "-c", "grep -c ' /scratch tmpfs ' /proc/mounts"]);
    assert.equal(output, "1\n");
    const log = await web.logs();
    for await (const line of log) if (/GET \/later/.test(String(line))) break;
  });
});

test("a server that does not come up is told, with nothing left of it", async () => {
  const { GenericContainer, Wait } = library;
  const starting = new GenericContainer("busybox")
    .withCommand(["sh", "-c", "echo no; sleep 100"])
    .withWaitStrategy(Wait.forLogMessage("never").withStartupTimeout(1000))
    .start();
  await assert.rejects(starting, /Log message "never" not received/);
  const { json } = await own.request("GET", "/containers/json?all=1");
  assert.deepEqual(json(), []);
});
