/** A program of Debian's python3-docker, unchanged, against brig's service: DOCKER_HOST is all that is set. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
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

const expected = `version 1.51 True
postgres ready True
postgres says b'N'
select ExecResult(exit_code=0, output=b'42\\n')
apart 3 b'out\\n' b'err\\n'
limit 536870912 True
listed ['database']
processes True
paused paused
ended {'StatusCode': 0}
events ['create', 'start', 'pause', 'unpause', 'die', 'destroy']
redis ready True
redis says b'+PONG\\r\\n'
stream b'a\\nb\\n'
put True
nginx says b'<p>hello</p>'
got index.html 12 b'<p>hello</p>'
diff True
renamed front
output b'done\\n'
failed 7 b'bad\\n'
attached True
volume data local {'a': 'b'}
tag True True
loaded [['busybox:latest']]
missing 404 NotFound
missing 404 ImageNotFound
left []
`;

test("servers are started, asked, copied to and from, followed and stopped", async () => {
  const program = spawn("/usr/bin/python3", ["-W", "ignore", join(import.meta.dirname, "program.py")], {
    env: { ...own.environment, DOCKER_HOST: own.host },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    once(program, "close"),
  ]);
  assert.equal(stderr, "");
  assert.equal(stdout, expected);
});
