/*
 * wire.h - what travels on a control socket: frames, and the segments of a launch program.
 *
 * Everything is little endian. A frame is { type, length } and `length` bytes. Both sides speak in turn, until
 * a program has reached SUPERVISE (below):
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
  FRAME_ANSWER = 1,       /* struct answer, then the bytes of the instruction's buffer */
  FRAME_PAUSED = 2,       /* uint32 serial */
  FRAME_DONE = 3,         /* uint32 serial */
  FRAME_FAILED = 4,       /* struct failed, then text (what a hook wrote to stderr) */
  FRAME_STATE = 5,        /* struct state */
  FRAME_STDOUT = 6,       /* bytes, at most CHUNK_MAX */
  FRAME_STDERR = 7,       /* bytes, at most CHUNK_MAX */
  FRAME_TAKEN = 8,        /* uint32: so many more bytes of STDIN have gone to the process */
  FRAME_LAGGED = 9,       /* struct log_position: what follows there was not sent; attached no more */
  FRAME_EXITED = 10,      /* struct exited */
  FRAME_REPLY = 11,       /* int32 errno, 0 for success */
  FRAME_SEGMENT = 32,     /* struct segment … */
  FRAME_ATTACH = 33,      /* uint32 attach_flag */
  FRAME_STDIN = 34,       /* bytes; at most INPUT_WINDOW of them may be on the way */
  FRAME_CLOSE_STDIN = 35, /* nothing */
  FRAME_RESIZE = 36,      /* struct winsize of ioctl_tty(2) */
  FRAME_SIGNAL = 37,      /* uint32 number */
  FRAME_STATUS = 38,      /* nothing */
  FRAME_DETACH = 39,      /* nothing */
  FRAME_SETTLED = 40      /* nothing */
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

/*
 * A process that has reached SUPERVISE keeps what it supervises: a container in a shim, or a command that was
 * executed in one. From then on both sides speak when they like; the connection that launched is the owner's.
 *
 *   owner                                    supervisor                              any other client
 *                                 ◀──────      DONE, STATE
 *     DETACH (nobody's any more)  ──────▶
 *     SETTLED (nothing left to do)──────▶
 *                                              STATE                   ◀──────▶       ATTACH | STATUS
 *     STDIN …                     ──────▶      TAKEN                   ◀──────▶       STDIN …
 *     CLOSE_STDIN                 ──────▶                              ◀──────        CLOSE_STDIN
 *     RESIZE | SIGNAL             ──────▶      REPLY                   ◀──────▶       RESIZE | SIGNAL
 *                                 ◀──────      STDOUT | STDERR …       ──────▶        (or LAGGED)
 *                                 ◀──────      EXITED                  ──────▶
 *                                              (forks an executor)     ◀──────        SEGMENT …
 *
 * Everybody may ask for everything; only the owner slows the output down by not reading it. A connection that
 * begins with SEGMENT belongs to an executor from there on: a fork with LENT_CONTROL, LENT_PROCESS (the pidfd
 * of the container) and no other fd above stdio. After EXITED the supervisor waits for its owner to say
 * SETTLED or to leave; one that left without it, or before, leaves the settling to the command described.
 */
/*
 * The protocol's version, in every STATE. A shim lives as long as its container, so brig speaks to older ones too:
 *
 *   1  the first
 *   2  EXITED_ROTATIONS: EXITED and the exit file tell how often the log was rotated
 *
 * What never changes: frames; STATUS; the first 32 bytes of STATE, whose first is the version; the first 32 bytes of
 * EXITED and the exit file. They may grow at their ends, and a client passes over what it does not know there. A frame
 * or a flag more, or another WIRE_VERSION, is a version more; client.c must then go on speaking to the one before, and
 * the shim of that one is built by -DSHIM_VERSION=, without what came later (tests/engine/shim-versions.test.ts). A
 * client refuses a shim that is newer than itself before it asks for anything.
 */
#ifndef SHIM_VERSION
#define SHIM_VERSION 2
#endif

/* One skb of a unix socket takes a chunk whole, so that a frame is sent at once or not at all. */
enum { CHUNK_MAX = 32768, INPUT_WINDOW = 16384 };

enum { LENT_CONTROL = 3, LENT_PROCESS = 4 };

/* Names in the run directory. */
#define SOCKET_NAME "shim.sock"
#define EXIT_NAME "exit" /* struct exited, once it has ended */

enum attach_flag { ATTACH_STDIN = 1, ATTACH_STDOUT = 2, ATTACH_STDERR = 4 };

enum supervision_flag {
  SUPERVISE_STDIN_ONCE = 1 /* the end of a client's stdin is the end of the process's */
};

/* What SUPERVISE is given. Slots are -1 for none; pointers are 0 for none. */
struct supervision {
  int32_t process;       /* pidfd, a child of this process */
  int32_t listen;        /* unix socket, bound to SOCKET_NAME */
  int32_t input;         /* write end of its stdin */
  int32_t output;        /* read end of its stdout */
  int32_t error;         /* read end of its stderr */
  int32_t terminal;      /* pty master, in place of these three */
  int32_t run_directory; /* where SOCKET_NAME and EXIT_NAME are */
  int32_t memory_events; /* memory.events (cgroup v2) or memory.oom_control (v1) */
  int32_t log;           /* opened with O_APPEND */
  int32_t log_directory; /* of the log, for its rotation */
  uint32_t log_files;    /* how many are kept: NAME, NAME.1, … */
  uint32_t flags;
  uint64_t log_size; /* bytes after which the next file begins; 0 is never */
  uint64_t log_name;
  uint64_t settle_path; /* what is executed in the end if there is no owner to settle */
  uint64_t settle_argv;
  uint64_t settle_envp;
  uint32_t attach; /* the owner's attachment, from the first byte */
  uint32_t unused;
};

/* The next byte of output will stand at `offset` in the file that is the log after so many rotations. */
struct log_position {
  uint64_t rotations;
  uint64_t offset;
};

struct state {
  uint32_t version; /* SHIM_VERSION */
  uint32_t pid;     /* of the process, as the supervisor sees it */
  uint32_t ended;
  uint32_t unused;
  struct log_position log;
};

enum exited_flag {
  EXITED_OOM = 1, /* the kernel killed a process of the memory cgroup */
  EXITED_CORE = 2,
  EXITED_ROTATIONS = 4 /* `rotations` is told; since version 2 */
};

struct exited {
  int32_t code;         /* as a shell has it: 0 … 255, or 128 + signal */
  int32_t signal;       /* that ended it, or 0 */
  uint32_t flags;       /* exited_flag */
  int32_t settle_error; /* errno of the settle program's failed step, or 0 */
  uint32_t settle_index;
  uint32_t rotations; /* of the log, as in log_position */
  int64_t finished;   /* nanoseconds since the epoch */
};

_Static_assert(sizeof(struct supervision) == 96, "supervision");
_Static_assert(sizeof(struct state) == 32, "state");
_Static_assert(sizeof(struct exited) == 32, "exited");
_Static_assert(sizeof(struct segment) == 40, "segment header");
_Static_assert(sizeof(struct instruction) == 104, "instruction");
_Static_assert(sizeof(struct rule) == 12, "rule");

#endif
