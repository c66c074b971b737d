import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Rest } from "./rest.ts";

test("memory is given back once, a while after the last request", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  let collected = 0;
  using rest = new Rest(() => void collected++);
  for (let second = 0; second < 5; second++) {
    rest.end();
    mock.timers.tick(1000);
  }
  assert.equal(collected, 0);
  mock.timers.tick(1000);
  assert.equal(collected, 1);
  mock.timers.tick(60_000);
  assert.equal(collected, 1);
  rest.end();
  mock.timers.tick(2000);
  assert.equal(collected, 2);
  mock.timers.reset();
});
