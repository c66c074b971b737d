import assert from "node:assert/strict";
import { test } from "node:test";
import { readAcknowledgement } from "./answer.ts";
import { attribute, concat, text, u32 } from "./attribute.ts";
import { flag, message, messagesOf } from "./message.ts";

const request = message(16, flag.request | flag.ack, 9, new Uint8Array(16));

function answered(flags: number, ...body: readonly Uint8Array[]) {
  const [first] = messagesOf(message(2, flags, 9, ...body));
  return readAcknowledgement(first!);
}

test("an error of 0 acknowledges", () => {
  assert.deepEqual(answered(flag.capped, u32(0), request.subarray(0, 16)), { sequence: 9, errno: 0 });
});

test("an error carries its errno and the kernel's words, after the whole request or only its header", () => {
  const words = concat([attribute(1, text("Device does not exist")), attribute(2, u32(32))]);
  const expected = { sequence: 9, errno: 19, text: "Device does not exist", offset: 32 };
  assert.deepEqual(answered(flag.acknowledgedWithText, u32(-19), request, words), expected);
  const capped = flag.acknowledgedWithText | flag.capped;
  assert.deepEqual(answered(capped, u32(-19), request.subarray(0, 16), words), expected);
});

test("a message that carries data is no acknowledgement", () => {
  const [link] = messagesOf(request);
  assert.equal(readAcknowledgement(link!), undefined);
});
