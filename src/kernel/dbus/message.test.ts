import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { decodeMessage, encodeMessage, messageLength } from "./message.ts";
import { completeTypes, type Value, variant } from "./type.ts";

// biome-ignore format: a table
const marshalled: Readonly<Record<string, readonly [signature: string, values: readonly Value[], hex: string]>> = {
  "numbers are aligned to their size": ["yuqt", [1, 2, 3, 4n], "01000000 02000000 0300000000000000 0400000000000000"],
  "negative numbers": ["nix", [-2, -3, -4n], "feff0000 fdffffff fcffffffffffffff"],
  "a boolean takes four bytes": ["bb", [true, false], "01000000 00000000"],
  "text has its length before it and a NUL behind": ["s", ["foo"], "03000000 666f6f00"],
  "a signature's length is one byte": ["g", ["as"], "02 617300"],
  "the length of an array leaves out what aligns its first element": ["at", [[5n]], "08000000 00000000 0500000000000000"],
  "an array of nothing is aligned all the same": ["a(ss)", [[]], "00000000 00000000"],
  "a variant is its signature and its value": ["v", [variant("u", 7)], "01 7500 00 07000000"],
  "structures begin at multiples of eight": ["y(yy)", [1, [2, 3]], "0100000000000000 0203"],
  "bytes": ["ay", [[1, 2, 255]], "03000000 0102ff"],
};

for (const [title, [signature, values, hex]] of Object.entries(marshalled))
  test(`D-Bus: ${title}`, () => {
    const bytes = encode(signature, values);
    assert.equal(bytes.toString("hex"), hex.replaceAll(" ", ""));
    assert.deepEqual(decode(signature, bytes), values);
  });

test("D-Bus: a long body grows, and reads back as it was", () => {
  const list = Array.from({ length: 500 }, (_, i) => [`name-${i}`, variant("as", [`${i}`, "€"])]);
  const bytes = encode("sa(sv)d", ["x", list, 1.5]);
  assert.deepEqual(decode("sa(sv)d", bytes), ["x", list, 1.5]);
});

test("D-Bus: signatures are taken apart, and malformed ones refused", () => {
  assert.deepEqual(completeTypes("ia(sv)aasa{sv}v"), ["i", "a(sv)", "aas", "a{sv}", "v"]);
  for (const wrong of ["a", "(s", "z", "a{sv", "a".repeat(100)])
    assert.throws(() => completeTypes(wrong), /malformed/, wrong);
});

test("D-Bus: what a peer sends malformed is refused, and no byte beyond it is read", () => {
  for (const [signature, hex] of [
    ["s", "ff000000 61"],
    ["at", "09000000 00000000 0500000000000000"],
    ["as", "04000000 ffffffff"],
    ["v", "02 757500 07000000"],
    ["v", "00 00"],
    ["u", "0100"],
  ] as const)
    assert.throws(() => decode(signature, Buffer.from(hex.replaceAll(" ", ""), "hex")), /malformed/, hex);
  const nested = Buffer.from("017600".repeat(1000), "hex");
  assert.throws(() => decode("v", nested), /malformed/);
});

test("a message has its header, which says how long it is, and its body", () => {
  const message = {
    type: 1,
    serial: 7,
    path: "/org/freedesktop/systemd1",
    interface: "org.freedesktop.systemd1.Manager",
    member: "StopUnit",
    destination: "org.freedesktop.systemd1",
    signature: "ss",
    body: ["x.scope", "replace"],
  } as const;
  const bytes = encodeMessage(message);
  assert.equal(bytes.toString("latin1", 0, 4), "l\x01\x00\x01");
  assert.equal(messageLength(bytes), bytes.length);
  assert.deepEqual(decodeMessage(bytes), message);
});

test("a message that is too large or of another byte order is refused before it is read", () => {
  const bytes = encodeMessage({ type: 1, serial: 1, path: "/", member: "M" });
  const large = Buffer.from(bytes);
  large.writeUInt32LE(0x7fff_ffff, 4);
  assert.throws(() => messageLength(large), /too large/);
  const big = Buffer.from(bytes);
  big.write("B");
  assert.throws(() => messageLength(big), /of another kind/);
});
