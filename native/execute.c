/*
 * execute.c - the instructions of a launch program, one after the other.
 *
 * Nothing here allocates, and nothing here knows what the system calls are for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "executor.h"

/* EINTR, and openat2's EAGAIN (a rename raced with the lookup), are retried this often. */
enum { INTERRUPTED_MAX = 1000, RACED_MAX = 128 };

static void fail(struct executor *x, uint32_t index, int error, uint32_t status) {
  struct failure *f = x->failure;
  uint32_t state = FAILURE_NONE;
  if (!__atomic_compare_exchange_n(&f->state, &state, FAILURE_COMING, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return;
  f->at = (struct failed){
      .serial = x->program.header->serial, .index = index, .error = error, .status = status};
  __atomic_store_n(&f->state, FAILURE_THERE, __ATOMIC_RELEASE);
}

static bool has_failed(const struct executor *x) {
  return __atomic_load_n(&x->failure->state, __ATOMIC_ACQUIRE) == FAILURE_THERE;
}

void reset_failure(struct executor *x) {
  memset(x->failure, 0, offsetof(struct failure, text));
  x->remembered = 0;
}

void report_failure(struct executor *x) {
  const struct failure *f = x->failure;
  send_frame(x->control, FRAME_FAILED, &f->at, sizeof f->at, f->text, f->text_length);
}

static int64_t system_call(const struct instruction *n) {
  for (int interrupted = 0, raced = 0;;) {
    long result = syscall((long)n->number, n->args[0], n->args[1], n->args[2], n->args[3], n->args[4], n->args[5]);
    if (result != -1) return result;
    if (errno == EINTR && interrupted++ < INTERRUPTED_MAX) continue;
    if (errno == EAGAIN && n->number == SYS_openat2 && raced++ < RACED_MAX) continue;
    return -errno;
  }
}

static int64_t copy_data(struct executor *x, const struct instruction *n) {
  unsigned char buffer[65536];
  uint64_t left = n->args[1];
  if (left > x->data_left) return -EPROTO;
  while (left > 0) {
    size_t wanted = left < sizeof buffer ? (size_t)left : sizeof buffer;
    ssize_t got = read(x->control, buffer, wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -EPIPE;
    x->data_left -= (uint64_t)got;
    left -= (uint64_t)got;
    if (!write_full((int)n->args[0], buffer, (size_t)got)) return -errno;
  }
  return 0;
}

/* Takes the next segment that is to be run; a pause ends the one it stands in, whose data must have been taken. */
static bool take_next(struct executor *x) {
  const struct segment *paused = x->program.header;
  if (x->data_left > 0 || !send_frame(x->control, FRAME_PAUSED, &paused->serial, sizeof paused->serial, NULL, 0))
    return false;
  while (x->program.header == paused) {
    struct frame frame;
    if (!read_full(x->control, &frame, sizeof frame) || frame.type != FRAME_SEGMENT || !load_segment(x, frame.length))
      return false;
  }
  return true;
}

static int64_t perform(struct executor *x, const struct instruction *n, uint32_t *status) {
  switch (n->op) {
    case OP_SYSCALL:
      return system_call(n);
    case OP_CLONE:
      return clone_child(x, n);
    case OP_NETLINK:
      return netlink_exchange((int)n->args[0], x->program.blob + n->args[1], (size_t)n->args[2]);
    case OP_RUN:
      return run_hook(x, n, status);
    case OP_DATA:
      return copy_data(x, n);
    case OP_FAIL:
      return x->remembered != 0 ? -x->remembered : -(int64_t)n->args[0];
    default:
      return -ENOSYS;
  }
}

/* An fd that a call returned, or the pair it wrote, moves to its slots. */
static int64_t settle_slots(struct executor *x, const struct instruction *n, int64_t result) {
  if (n->op != OP_SYSCALL || result < 0) return result;
  if ((n->flags & INSN_PAIR) != 0) {
    int pair[2];
    memcpy(pair, x->program.blob + n->buffer, sizeof pair);
    if (pair[0] == n->second_slot) pair[0] = out_of_the_way(pair[0]);
    if (to_slot(pair[1], n->second_slot) < 0 || to_slot(pair[0], n->slot) < 0) return -errno;
  } else if (n->slot >= 0 && to_slot((int)result, n->slot) < 0) {
    return -errno;
  }
  return result;
}

static bool as_expected(const struct executor *x, const struct instruction *n, int64_t result) {
  if ((n->flags & INSN_EXACT) != 0 && result != n->expect) return false;
  if ((n->flags & INSN_CHECK) != 0) {
    const unsigned char *blob = x->program.blob;
    for (uint32_t i = 0; i < n->length; i++) {
      unsigned char mask = n->mask == NO_OFFSET ? 0xff : blob[n->mask + i];
      if ((blob[n->buffer + i] & mask) != blob[n->value + i]) return false;
    }
  }
  return true;
}

static bool send_answer(const struct executor *x, const struct instruction *n, uint32_t index, int64_t result) {
  struct answer answer = {.serial = x->program.header->serial, .index = index, .result = result};
  uint64_t size = n->length;
  if (x->detached) return true;
  if ((n->flags & INSN_WHOLE) == 0) size = result < 0 ? 0 : (uint64_t)result < size ? (uint64_t)result : size;
  return send_frame(x->control, FRAME_ANSWER, &answer, sizeof answer, x->program.blob + n->buffer, (size_t)size);
}

static const struct rule *find_rule(const struct program *p, const struct instruction *n, int64_t result) {
  for (uint32_t i = 0; i < n->rules; i++)
    if (p->rules[n->first_rule + i].error == -result) return &p->rules[n->first_rule + i];
  return NULL;
}

static void sleep_milliseconds(uint32_t milliseconds) {
  struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
  nanosleep(&time, NULL);
}

/* Errors that are not the kernel's: a result or bytes other than expected. */
enum { UNEXPECTED = EBADMSG };

/* The index to go on at, or -1 when the instruction failed. */
static int64_t step(struct executor *x, uint32_t index) {
  const struct instruction *n = &x->program.instructions[index];
  uint32_t status = 0;
  for (unsigned tries = 0;; tries++) {
    int64_t result = settle_slots(x, n, perform(x, n, &status));
    if (x->child && n->op == OP_CLONE && result == 0) return n->target;
    if (result >= 0 && !as_expected(x, n, result)) result = -UNEXPECTED;
    const struct rule *rule = result < 0 ? find_rule(&x->program, n, result) : NULL;
    if (rule != NULL && rule->action == RULE_RETRY && tries < rule->count) {
      sleep_milliseconds(rule->operand);
      continue;
    }
    bool goes_on = result >= 0 || (rule != NULL && rule->action != RULE_RETRY);
    if (goes_on && (n->flags & INSN_ANSWER) != 0 && !send_answer(x, n, index, result)) {
      result = -EPIPE;
      goes_on = false;
    }
    if (!goes_on) {
      fail(x, index, (int)-result, status);
      return -1;
    }
    if (rule != NULL && rule->action == RULE_REMEMBER && x->remembered != EACCES) x->remembered = (int)-result;
    return rule != NULL && rule->action == RULE_JUMP ? rule->operand : (int64_t)index + 1;
  }
}

static _Noreturn void leave(struct executor *x, int code) {
  (void)x;
  syscall(SYS_exit_group, code);
  __builtin_unreachable();
}

bool execute(struct executor *x) {
  int64_t index = 0;
  while (index >= 0 && index < x->program.header->instructions) {
    const struct instruction *n = &x->program.instructions[index];
    switch (n->op) {
      case OP_JUMP:
        index = n->target;
        break;
      case OP_PAUSE:
        if (take_next(x)) {
          index = 0;
        } else {
          fail(x, (uint32_t)index, EPIPE, 0);
          index = -1;
        }
        break;
      case OP_END:
        if (x->child) leave(x, (int)n->args[0]);
        if ((n->flags & INSN_KEEP) != 0) x->child_count = 0;
        return true;
      case OP_SUPERVISE:
        fail(x, (uint32_t)index, x->child || x->detached ? EINVAL : -supervise(x, (const void *)(uintptr_t)n->args[0]), 0);
        index = -1;
        break;
      default:
        index = step(x, (uint32_t)index);
    }
    /* A child that failed says so in the shared page; its parent then fails for the same reason. */
    if (!x->child && has_failed(x)) return false;
  }
  if (x->child) {
    kill_children(x);
    leave(x, 127);
  }
  return index >= 0;
}
