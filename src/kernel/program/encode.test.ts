/** The wire format is read here as `native/wire.h` describes it, by offsets of bytes, not through `wire.ts`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { syscallNumber } from "../syscalls.ts";
import { output, pointer, type Slot, struct, u32, vector } from "./argument.ts";
import { ProgramBuilder, SlotAllocator } from "./builder.ts";
import { type EncodeOptions, encode } from "./encode.ts";
import type { Instruction } from "./instruction.ts";

const slots = new SlotAllocator(10);
const file = slots.slot("file");
const options: EncodeOptions = { serial: 7, architecture: "x86_64" };

interface Record {
  readonly op: number;
  readonly flags: number;
  readonly number: number;
  readonly args: readonly bigint[];
  readonly expect: bigint;
  readonly slot: number;
  readonly secondSlot: number;
  readonly rules: readonly {
    readonly error: number;
    readonly action: number;
    readonly count: number;
    readonly operand: number;
  }[];
  readonly target: number;
  readonly buffer: number;
  readonly length: number;
  readonly value: number;
  readonly mask: number;
}

/** A frame as the executor loads it. */
function decode(program: readonly Instruction[], how: EncodeOptions = options) {
  const { bytes, instructions } = encode(program, how);
  const frame = Buffer.from(bytes);
  const header = frame.subarray(8);
  const [count, rules, relocations, blob] = [12, 16, 20, 24].map((at) => header.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const [at, ruleAt] = [40, 40 + count * 104];
  const relocationAt = ruleAt + rules * 12;
  const blobAt = relocationAt + relocations * 4;
  assert.equal(frame.readUInt32LE(0), 32, "a segment");
  assert.equal(frame.readUInt32LE(4), header.length, "the frame's length");
  assert.equal(header.length, blobAt + blob, "no gaps, nothing behind");
  const rule = (i: number) => {
    const r = ruleAt + i * 12;
    return {
      error: header.readInt32LE(r),
      action: header.readUInt16LE(r + 4),
      count: header.readUInt16LE(r + 6),
      operand: header.readUInt32LE(r + 8),
    };
  };
  const record = (i: number): Record => {
    const r = header.subarray(at + i * 104, at + (i + 1) * 104);
    const word = (offset: number) => r.readUInt32LE(offset);
    return {
      op: r.readUInt16LE(0),
      flags: r.readUInt16LE(2),
      number: word(4),
      args: [0, 1, 2, 3, 4, 5].map((a) => r.readBigUInt64LE(8 + a * 8)),
      expect: r.readBigInt64LE(56),
      slot: r.readInt32LE(64),
      secondSlot: r.readInt32LE(68),
      rules: Array.from({ length: word(76) }, (_, n) => rule(word(72) + n)),
      target: word(80),
      buffer: word(84),
      length: word(88),
      value: word(92),
      mask: word(96),
    };
  };
  return {
    magic: header.toString("latin1", 0, 4),
    version: header.readUInt16LE(4),
    flags: header.readUInt16LE(6),
    serial: header.readUInt32LE(8),
    zeroes: header.readUInt32LE(28),
    data: header.readBigUInt64LE(32),
    size: blob,
    records: Array.from({ length: count }, (_, i) => record(i)),
    relocations: Array.from({ length: relocations }, (_, i) => header.readUInt32LE(relocationAt + i * 4)),
    blob: header.subarray(blobAt),
    instructions,
  };
}

function program(write: (p: ProgramBuilder) => void): readonly Instruction[] {
  const p = new ProgramBuilder();
  write(p);
  return p.instructions;
}

const first = (write: (p: ProgramBuilder) => void) => {
  const decoded = decode(program(write));
  return { ...decoded, record: decoded.records[0]! };
};

test("a segment says what it is and how much of everything it has", () => {
  const { magic, version, flags, serial, size, zeroes, data, records } = decode([]);
  assert.deepEqual([magic, version, flags, serial, size, zeroes, data], ["BRIG", 1, 0, 7, 0, 0, 0n]);
  assert.deepEqual(
    records.map(({ op }) => op),
    [7],
    "an empty list ends",
  );
  assert.equal(decode([], { ...options, stored: true }).flags, 1);
});

test("a call has the number of its architecture", () => {
  const list = program((p) => p.call("", "mkdirat", [-100, "x", 0o755]));
  for (const architecture of ["x86_64", "aarch64"] as const)
    assert.equal(
      decode(list, { ...options, architecture }).records[0]!.number,
      syscallNumber("mkdirat", architecture),
    );
});

test("numbers keep 64 bits and their sign; slots are their fds; text is an offset that the flags point out", () => {
  const { record, blob } = first((p) =>
    p.call("", "mount", [-100, "text", 0xffffffff, 0x2_0000_0003n, file, -1n]),
  );
  const [, text] = record.args;
  assert.deepEqual(record.args.toSpliced(1, 1), [
    2n ** 64n - 100n,
    0xffffffffn,
    0x2_0000_0003n,
    10n,
    2n ** 64n - 1n,
  ]);
  assert.equal(record.flags, 0b10);
  assert.equal(blob.toString("utf8", Number(text), Number(text) + 4), "text");
  assert.deepEqual([record.slot, record.secondSlot, record.mask], [-1, -1, 0xffffffff]);
});

test("a buffer's offset is behind the constants, in the argument as in the instruction", () => {
  const buffer = output(64);
  const { record, size, zeroes } = first((p) =>
    p.call("", "read", [file, buffer, 64], { answer: { buffer } }),
  );
  assert.equal(record.flags, 0b10 | (1 << 7));
  assert.deepEqual([Number(record.args[1]), record.buffer, record.length], [0, 0, 64]);
  assert.deepEqual([size, zeroes], [0, 64]);
  const behind = first((p) => {
    p.call("", "read", [file, buffer, 64], { answer: { buffer, whole: true } });
    p.call("", "chdir", ["/longer"]);
  });
  assert.equal(behind.record.flags, 0b10 | (1 << 7) | (1 << 10));
  assert.deepEqual([Number(behind.record.args[1]), behind.record.buffer], [8, 8]);
});

test("an exact result is told from any result", () => {
  const { records } = decode(
    program((p) => {
      p.call("", "read", [file, 0, 0], { expect: 0 });
      p.call("", "read", [file, 0, 0], { expect: -1 });
      p.call("", "read", [file, 0, 0]);
    }),
  );
  assert.deepEqual(
    records.slice(0, 3).map(({ flags, expect }) => [flags, expect]),
    [
      [1 << 6, 0n],
      [1 << 6, -1n],
      [0, 0n],
    ],
  );
});

test("a check is a value and a mask of the same length", () => {
  const buffer = output(16);
  const { record, blob } = first((p) =>
    p.call("", "fstatfs", [file, buffer], { check: { buffer, value: u32(1, 2), mask: u32(0xff, 0) } }),
  );
  assert.equal(record.flags, 0b10 | (1 << 8));
  assert.equal(record.length, 8);
  assert.deepEqual(
    [blob.readUInt32LE(record.value), blob.readUInt32LE(record.value + 4), blob.readUInt32LE(record.mask)],
    [1, 2, 255],
  );
});

test("a pair has two slots and the buffer that the call wrote", () => {
  const into = output(8);
  const [a, b] = [slots.slot("a"), slots.slot("b")];
  const { record } = first((p) => p.socketPair("", { into, first: a, second: b }));
  assert.deepEqual([record.slot, record.secondSlot, record.length], [a.fd, b.fd, 8]);
  assert.equal(record.flags, 0b1000 | (1 << 9));
});

test("each kind of rule has its action, in the order written", () => {
  const { record } = first((p) => {
    const on = p.label("further on");
    p.call("", "rename" as never, [], {
      on: {
        EINVAL: "continue",
        EACCES: "remember",
        ENOENT: on,
        EBUSY: { kind: "retry", times: 300, delay: 20 },
      },
    });
    p.call("", "sync" as never, []);
    p.place(on);
    p.end("");
  });
  assert.deepEqual(record.rules, [
    { error: 22, action: 0, count: 0, operand: 0 },
    { error: 13, action: 2, count: 0, operand: 0 },
    { error: 2, action: 1, count: 0, operand: 2 },
    { error: 16, action: 3, count: 300, operand: 20 },
  ]);
});

test("labels are indexes of what follows them; places take none", () => {
  const { records, instructions } = decode(
    program((p) => {
      const [a, b] = [p.label("a"), p.label("b")];
      p.jump("", b);
      p.place(a);
      p.place(b);
      p.fail("", "ENOENT");
    }),
  );
  assert.deepEqual(
    records.map(({ op, target }) => [op, target]),
    [
      [8, 1],
      [6, 0],
    ],
  );
  assert.deepEqual(
    instructions.map(({ kind }) => kind),
    ["jump", "fail"],
  );
  assert.equal(records[1]!.args[0], 2n);
});

test("a label that stands nowhere is refused", () => {
  assert.throws(() => decode(program((p) => p.jump("", p.label("nowhere")))), /label nowhere is not placed/);
});

test("children's lists follow their parent's, end themselves, and have labels of their own", () => {
  const child = program((p) => {
    const out = p.label("out");
    p.call("", "setsid", [], { on: { EPERM: out } });
    p.place(out);
    p.call("", "chdir", ["/"]);
  });
  const [pidfd, proc] = [slots.slot("pidfd"), slots.slot("proc")];
  const { records } = decode(
    program((p) => {
      p.clone("", { flags: 0x1_2000_0000n, role: "child", child, pidfd, proc, cgroup: file });
      p.clone("", { flags: 0n, role: "other", child: program((q) => q.pause("")) });
      p.end("", { code: 3, keep: true });
    }),
  );
  assert.deepEqual(
    records.map(({ op }) => op),
    [1, 1, 7, 0, 0, 7, 4],
  );
  const [clone, other, end, call] = records;
  assert.deepEqual([clone!.target, other!.target, call!.rules[0]!.operand], [3, 6, 4]);
  assert.deepEqual(
    [clone!.args[0], clone!.args[1]],
    [0x3_2000_0000n, 10n],
    "CLONE_INTO_CGROUP comes with the cgroup",
  );
  assert.deepEqual([clone!.slot, clone!.secondSlot, clone!.flags], [pidfd.fd, proc.fd, 1 << 7]);
  assert.deepEqual([other!.slot, other!.secondSlot], [-1, -1]);
  assert.deepEqual([end!.args[0], end!.flags], [3n, 1 << 11]);
});

test("netlink messages, programs to run and data name their bytes by offset and length", () => {
  const { records, blob, data } = decode(
    program((p) => {
      p.netlink("", { socket: file, messages: u32(16, 0), text: "" });
      p.run("", { path: "/bin/hook", args: ["hook"], env: ["A=1"], stdin: Buffer.from("{}"), timeout: 5000 });
      p.data("", { into: file, size: 2 ** 33 });
      p.data("", { into: file, size: 1 });
    }),
  );
  const [netlink, run, copy] = records;
  assert.deepEqual([netlink!.flags, netlink!.args[0], netlink!.args[2]], [0, 10n, 8n]);
  assert.equal(blob.readUInt32LE(Number(netlink!.args[1])), 16);
  assert.equal(run!.flags, 0b111, "path, argv and envp are addresses; stdin is an offset");
  assert.equal(blob.toString("utf8", Number(run!.args[3]), Number(run!.args[3]) + 2), "{}");
  assert.deepEqual([run!.args[4], run!.args[5]], [2n, 5000n]);
  assert.deepEqual(copy!.args.slice(0, 2), [10n, 2n ** 33n]);
  assert.equal(data, 2n ** 33n + 1n);
});

test("pointers are relocated, and pointers into buffers lead behind the constants", () => {
  const buffer = output(8);
  const message = struct("", pointer("text"), pointer(buffer), pointer(vector(["a", "b"])));
  const { record, blob, relocations, size } = first((p) => p.call("", "sendmsg", [file, message, 0]));
  const at = Number(record.args[1]);
  const [text, into, list] = [0, 8, 16].map((o) => Number(blob.readBigUInt64LE(at + o)));
  assert.equal(blob.toString("utf8", text!, text! + 4), "text");
  assert.equal(into, (size + 7) & ~7);
  assert.deepEqual(
    relocations.toSorted((a, b) => a - b),
    [at, at + 8, at + 16, list!, list! + 8].sort((a, b) => a - b),
  );
});

test("what the executor reports by index is the node that stands there", () => {
  const { instructions } = encode(
    program((p) => {
      p.place(p.label("here"));
      p.call("first", "setsid", []);
      p.clone("second", { flags: 0n, role: "child", child: program((q) => q.call("third", "setsid", [])) });
    }),
    options,
  );
  assert.deepEqual(
    instructions.map((node) => node.kind !== "place" && node.why),
    ["first", "second", "end", "third", "end"],
  );
});

test("slots are handed out upwards, each once", () => {
  const allocator = new SlotAllocator(4);
  const made: Slot[] = [allocator.slot("a"), allocator.slot("b")];
  assert.deepEqual(
    made.map(({ fd }) => fd),
    [4, 5],
  );
});
