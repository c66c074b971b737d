/*
 * wire.h - what travels on a control socket: frames, and the segments of a launch program.
 *
 * Everything is little endian. A frame is { type, length } and `length` bytes. Both sides speak in turn:
 *
 *   client                                   executor
 *     SEGMENT (stored)            ──────▶      kept for later (settle)
 *     SEGMENT [+ data bytes]      ──────▶      runs it
 *                                 ◀──────      ANSWER … (instructions flagged so, in order)
 *                                 ◀──────      DONE | FAILED | PAUSED (send the next SEGMENT)
 *
 * A segment is a header, then instructions, errno rules, relocations and a blob, in this order and without
 * gaps. A relocation is the offset, in the blob, of a pointer whose value is itself an offset in the blob.
 * The blob is followed in memory by `zeroes` bytes of output buffers. Labels are instruction indexes and
 * always lead forward, so that every segment ends.
 */
#ifndef BRIG_WIRE_H
#define BRIG_WIRE_H

#include <stdint.h>

enum { WIRE_VERSION = 1, WIRE_MAGIC = 0x47495242 /* "BRIG" */ };

/* The largest segment accepted: a seccomp filter is at most 32 KiB, an argument list 2 MiB. */
enum { SEGMENT_MAX = 16 << 20 };

enum frame_type {
  FRAME_ANSWER = 1,  /* struct answer, then the bytes of the instruction's buffer */
  FRAME_PAUSED = 2,  /* uint32 serial */
  FRAME_DONE = 3,    /* uint32 serial */
  FRAME_FAILED = 4,  /* struct failed, then text (what a hook wrote to stderr) */
  FRAME_SEGMENT = 32 /* struct segment … */
};

struct frame {
  uint32_t type;
  uint32_t length;
};

struct answer {
  uint32_t serial;
  uint32_t index;
  int64_t result;
};

struct failed {
  uint32_t serial;
  uint32_t index;
  int32_t error;
  uint32_t status; /* wait status of a hook, else 0 */
};

enum segment_flag { SEGMENT_STORED = 1 };

struct segment {
  uint32_t magic;
  uint16_t version;
  uint16_t flags;
  uint32_t serial;
  uint32_t instructions;
  uint32_t rules;
  uint32_t relocations;
  uint32_t blob;
  uint32_t zeroes;
  uint64_t data; /* bytes of file content that follow the frame, for DATA instructions */
};

enum opcode {
  OP_SYSCALL = 0,   /* system call `number` with `args` */
  OP_CLONE = 1,     /* clone3: args[0] flags, args[1] cgroup fd; child goes on at `target` */
  OP_NETLINK = 2,   /* send args[1..+args[2]] to socket args[0] and read an ack for each message that asks */
  OP_RUN = 3,       /* run args[0] argv args[1] envp args[2], stdin args[3..+args[4]], timeout args[5] ms */
  OP_PAUSE = 4,     /* report and take the next segment */
  OP_SUPERVISE = 5, /* become the supervisor described by the struct at args[0] */
  OP_FAIL = 6,      /* fail with the remembered errno, or else args[0] */
  OP_END = 7,       /* a child exits with args[0]; the first process ends the segment */
  OP_JUMP = 8,      /* go on at `target` */
  OP_DATA = 9       /* copy args[1] bytes of the segment's data to fd args[0] */
};

enum instruction_flag {
  /* bits 0..5: args[i] is an offset in the blob */
  INSN_EXACT = 1 << 6,  /* the result must be `expect`; otherwise it must not be an error */
  INSN_ANSWER = 1 << 7, /* send result and buffer[0 .. min(length, result)] to the client */
  INSN_CHECK = 1 << 8,  /* buffer & mask must equal value, `length` bytes */
  INSN_PAIR = 1 << 9,   /* the call wrote two fds at `buffer`; they go to slot and second_slot */
  INSN_WHOLE = 1 << 10, /* with ANSWER: send all `length` bytes whatever the result */
  INSN_KEEP = 1 << 11   /* with OP_END in the first process: its children outlive it */
};

struct instruction {
  uint16_t op;
  uint16_t flags;
  uint32_t number;
  uint64_t args[6];
  int64_t expect;
  int32_t slot; /* fd that the result is moved to, or -1 */
  int32_t second_slot;
  uint32_t first_rule;
  uint32_t rules;
  uint32_t target;
  uint32_t buffer;
  uint32_t length;
  uint32_t value;
  uint32_t mask; /* NO_OFFSET: every bit counts */
  uint32_t unused;
};

enum { NO_OFFSET = 0xffffffff };

enum rule_action {
  RULE_CONTINUE = 0, /* as if it had succeeded, result 0 */
  RULE_JUMP = 1,     /* go on at `operand` */
  RULE_REMEMBER = 2, /* keep the errno for OP_FAIL and continue */
  RULE_RETRY = 3     /* up to `count` times, `operand` milliseconds apart; then it fails */
};

struct rule {
  int32_t error;
  uint16_t action;
  uint16_t count;
  uint32_t operand;
};

_Static_assert(sizeof(struct segment) == 40, "segment header");
_Static_assert(sizeof(struct instruction) == 104, "instruction");
_Static_assert(sizeof(struct rule) == 12, "rule");

#endif
