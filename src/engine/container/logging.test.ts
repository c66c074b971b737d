import assert from "node:assert/strict";
import { test } from "node:test";
import { logSetting } from "./logging.ts";
import type { LoggingSpec } from "./spec.ts";

const options = (driver: string, ...pairs: readonly string[]): LoggingSpec => ({
  driver,
  options: Object.fromEntries(pairs.map((pair) => pair.split("="))),
});

test("a log is bounded whatever is said of it", () => {
  assert.deepEqual(logSetting(), { files: 3, size: 10_000_000 });
  assert.deepEqual(logSetting(options("local")), { files: 3, size: 10_000_000 });
  assert.deepEqual(logSetting(options("json-file", "max-size=1m")), { files: 1, size: 1 << 20 });
  assert.deepEqual(logSetting(options("json-file", "max-size=-1")), { files: 3, size: 10_000_000 });
  assert.deepEqual(logSetting(options("json-file", "max-size=8k", "max-file=5")), { files: 5, size: 8192 });
  assert.deepEqual(logSetting(options("json-file", "max-file=2")), { files: 2, size: 10_000_000 });
  assert.equal(logSetting(options("none")), undefined);
});

const refused: readonly (readonly [LoggingSpec, RegExp])[] = [
  [options("nosuch"), /no log driver named 'nosuch'/],
  [options("syslog"), /not supported yet/],
  [options("json-file", "nosuch=1"), /unknown log opt 'nosuch' for json-file/],
  [options("none", "max-size=1m"), /unknown log opt 'max-size' for none/],
  [options("json-file", "max-size=10x"), /invalid size/],
  [options("json-file", "max-size=1"), /the least is/],
  [options("json-file", "max-file=0"), /cannot be less than 1/],
  [options("json-file", "max-file=1e9"), /cannot be less than 1/],
  [options("json-file", "max-file=100000"), /cannot be more than/],
];

test("what no driver does is refused", () => {
  for (const [spec, message] of refused) assert.throws(() => logSetting(spec), { message });
});
