/** The executor's wire format in numbers; `native/wire.h` says what they mean. */

export const magic = 0x47495242;
export const version = 1;
export const segmentFrame = 32;

export const frameSize = 8;
export const headerSize = 40;
export const recordSize = 104;
export const ruleSize = 12;
export const noOffset = 0xffffffff;

export const flag = {
  exact: 1 << 6,
  answer: 1 << 7,
  check: 1 << 8,
  pair: 1 << 9,
  whole: 1 << 10,
  keep: 1 << 11,
} as const;

export const opcode = {
  call: 0,
  clone: 1,
  netlink: 2,
  run: 3,
  pause: 4,
  supervise: 5,
  fail: 6,
  end: 7,
  jump: 8,
  data: 9,
} as const;

export const ruleAction = { continue: 0, jump: 1, remember: 2, retry: 3 } as const;

/** Where the fields of a record stand, in words of four bytes. */
export const recordWord = {
  opAndFlags: 0,
  number: 1,
  args: 2,
  expect: 14,
  slot: 16,
  secondSlot: 17,
  firstRule: 18,
  rules: 19,
  target: 20,
  buffer: 21,
  length: 22,
  value: 23,
  mask: 24,
} as const;
