/**
 * A shell script as it is written for the docker client (28 here, which speaks the newest version that both know),
 * against brig's service: DOCKER_HOST is all that is set.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { serviceWithServers } from "./service.ts";

let own: Awaited<ReturnType<typeof serviceWithServers>>;

before(async () => {
  own = await serviceWithServers();
});
after(async () => {
  await own?.stopService();
  own?.end();
});

async function shell(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const child = spawn("sh", ["-ec", `cd ${own.root}\n${script}`], {
    env: { ...own.environment, DOCKER_HOST: own.host },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number]>,
  ]);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return { stdout, stderr };
}

test("PostgreSQL, from its start to its end", async () => {
  const { stdout } = await shell(`
    docker events --since $(date +%s) --filter container=database --format '{{.Action}}' >events & events=$!
    docker run -d --name database -e POSTGRES_PASSWORD=secret -p 127.0.0.1::5432 --memory 512m postgres | grep -c .
    until docker logs database 2>&1 | grep -m1 -o 'ready to accept connections'; do sleep 0.1; done
    docker exec database psql -U postgres -Atc 'SELECT 6 * 7'
    docker exec -i database psql -U postgres -At <<END
CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);
SELECT sum(a) FROM t;
END
    docker exec database sh -c 'exit 9' || echo ended $?
    docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' database | grep -o '/ 512MiB'
    docker top database | grep -c checkpointer
    docker port database 5432 | grep -c 127.0.0.1
    docker stop -t 5 database
    docker wait database
    docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' database
    docker rm -v database
    kill $events
    grep -E '^(create|start|die|destroy)$' events
  `);
  assert.equal(
    stdout,
    "1\nready to accept connections\n42\nCREATE TABLE\nINSERT 0 2\n3\nended 9\n/ 512MiB\n1\n1\ndatabase\n0\nexited 0\ndatabase\ncreate\nstart\ndie\ndestroy\n",
  );
});

test("Redis and nginx, with files copied in and out", async () => {
  const { stdout } = await shell(`
    docker run -d --rm --name cache -P redis >id
    until docker logs cache 2>&1 | grep -m1 -o 'Ready to accept connections'; do sleep 0.1; done
    docker exec cache redis-cli SET a 1
    docker kill cache
    echo '<p>hello</p>' >index.html
    docker create --name web -p 127.0.0.1::80 nginx >id
    docker cp -q index.html web:/var/www/html/index.html
    docker start web
    curl -s --retry 5 --retry-connrefused --retry-delay 0 http://$(docker port web 80)/
    docker cp -q web:/var/www/html/index.html - | tar -xO
    docker logs web 2>&1 | grep -c 'GET / '
    docker diff web | grep index
    docker restart -t 2 web
    curl -s --retry 5 --retry-connrefused --retry-delay 0 http://$(docker port web 80)/
    docker rm -f web
    echo typed | docker run --rm -i busybox cat
    docker ps -aq | grep -c . || true
  `);
  assert.equal(
    stdout,
    "Ready to accept connections\nOK\ncache\nweb\n<p>hello</p>\n<p>hello</p>\n1\nA /var/www/html/index.html\nweb\n<p>hello</p>\nweb\ntyped\n0\n",
  );
});
