/*
 * session.c - a session driven over a socket pair, down to the frames: slots that overlap, pauses, retries, children.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

enum { MAX = 24, RULES = 2, ZEROES = 64, CONTROL = 3, SLOT = 20 };

struct sample {
  struct segment header;
  struct instruction instructions[MAX];
  struct rule rules[RULES];
};

static int client;

static const struct instruction blank = {.slot = -1, .second_slot = -1, .mask = NO_OFFSET};

static struct instruction call(long number, uint64_t a, uint64_t b, uint64_t c) {
  struct instruction n = blank;
  n.number = (uint32_t)number;
  n.args[0] = a;
  n.args[1] = b;
  n.args[2] = c;
  return n;
}

static struct instruction plain(uint16_t op) {
  struct instruction n = blank;
  n.op = op;
  return n;
}

static void send_segment(const struct instruction *instructions, unsigned count, const struct rule *rules,
                         uint16_t flags) {
  struct sample s = {.header = {.magic = WIRE_MAGIC, .version = WIRE_VERSION, .flags = flags, .serial = 7,
                                .instructions = count, .rules = RULES, .zeroes = ZEROES}};
  size_t size = sizeof s.header + count * sizeof *instructions;
  unsigned char bytes[sizeof s];
  memcpy(bytes, &s.header, sizeof s.header);
  memcpy(bytes + sizeof s.header, instructions, count * sizeof *instructions);
  memset(bytes + size, 0, sizeof s.rules);
  if (rules != NULL) memcpy(bytes + size, rules, sizeof s.rules);
  assert(send_frame(client, FRAME_SEGMENT, bytes, size + sizeof s.rules, NULL, 0));
}

/* The body of the next frame, which must be of this type. */
static const unsigned char *expect(uint32_t type) {
  static unsigned char body[4096];
  struct frame frame;
  assert(read_full(client, &frame, sizeof frame));
  if (frame.type != type) fprintf(stderr, "frame %u in place of %u\n", frame.type, type);
  assert(frame.type == type && frame.length <= sizeof body && read_full(client, body, frame.length));
  return body;
}

static int error_of(const unsigned char *body) {
  struct failed failed;
  memcpy(&failed, body, sizeof failed);
  return failed.error;
}

/* pipe2 gives the two lowest numbers; its slots are these, the wrong way round or overlapping. */
static void test_pairs(void) {
  static const int slots[][2] = {{5, 4}, {4, 5}, {5, 6}, {3 + 3, 4}, {SLOT, SLOT + 1}};
  for (unsigned i = 0; i < sizeof slots / sizeof *slots; i++) {
    struct instruction program[5], *n = program;
    *n = call(SYS_pipe2, 0, 0, 0);
    n->flags = 1 | INSN_PAIR;
    n->length = 8;
    n->slot = slots[i][0];
    n->second_slot = slots[i][1];
    /* What is written to the second comes out of the first. */
    *++n = call(SYS_write, (uint64_t)slots[i][1], 0, 4);
    n->flags = 1 << 1 | INSN_EXACT;
    n->expect = 4;
    *++n = call(SYS_read, (uint64_t)slots[i][0], 8, 4);
    n->flags = 1 << 1 | INSN_EXACT;
    n->expect = 4;
    *++n = call(SYS_close, (uint64_t)slots[i][0], 0, 0);
    *++n = call(SYS_close, (uint64_t)slots[i][1], 0, 0);
    send_segment(program, 5, NULL, 0);
    expect(FRAME_DONE);
  }
}

static void test_pause(void) {
  struct instruction pause = plain(OP_PAUSE), end = plain(OP_END);
  send_segment(&pause, 1, NULL, 0);
  expect(FRAME_PAUSED);
  /* One to store is stored and not taken for the continuation. */
  send_segment(&end, 1, NULL, SEGMENT_STORED);
  send_segment(&end, 1, NULL, 0);
  expect(FRAME_DONE);
}

/* An answer is given once, whatever it took. */
static void test_retry(void) {
  struct rule rules[RULES] = {{.error = EBADF, .action = RULE_RETRY, .count = 3},
                              {.error = ENOENT, .action = RULE_CONTINUE}};
  struct instruction program[2] = {call(SYS_close, 999, 0, 0), plain(OP_END)};
  program[0].rules = 1;
  program[0].flags = INSN_ANSWER;
  send_segment(program, 2, rules, 0);
  assert(error_of(expect(FRAME_FAILED)) == EBADF);

  program[0] = call(SYS_unlinkat, (uint64_t)AT_FDCWD, 0, 0);
  program[0].flags = 1 << 1 | INSN_ANSWER;
  program[0].first_rule = 1;
  program[0].rules = 1;
  send_segment(program, 2, rules, 0);
  struct answer answer;
  memcpy(&answer, expect(FRAME_ANSWER), sizeof answer);
  assert(answer.result == -ENOENT);
  expect(FRAME_DONE);
}

/* More children in all than at a time, as long as they end. */
static void test_children(void) {
  for (int i = 0; i < 3 * CHILDREN_MAX; i++) {
    struct instruction program[4] = {plain(OP_CLONE), call(SYS_waitid, P_PIDFD, SLOT, 0), plain(OP_END), plain(OP_END)};
    program[0].slot = i % 2 == 0 ? -1 : SLOT;
    program[0].target = 3;
    program[1] = i % 2 == 0 ? call(SYS_getpid, 0, 0, 0) : call(SYS_waitid, P_PIDFD, SLOT, 0);
    program[1].args[3] = WEXITED | WNOWAIT;
    send_segment(program, 4, NULL, 0);
    expect(FRAME_DONE);
    usleep(2000);
  }
  for (int i = 0; i <= CHILDREN_MAX; i++) {
    struct instruction program[4] = {plain(OP_CLONE), plain(OP_END), call(SYS_pause, 0, 0, 0), plain(OP_END)};
    program[0].target = 2;
    send_segment(program, 4, NULL, 0);
    if (i < CHILDREN_MAX)
      expect(FRAME_DONE);
    else
      assert(error_of(expect(FRAME_FAILED)) == EAGAIN);
  }
}

/* A slot that cannot be: the child that has no pidfd to be killed by does not stay. */
static void test_lost_child(void) {
  struct instruction program[4] = {plain(OP_CLONE), plain(OP_END), call(SYS_pause, 0, 0, 0), plain(OP_END)};
  program[0].slot = 1 << 30;
  program[0].target = 2;
  send_segment(program, 4, NULL, 0);
  assert(error_of(expect(FRAME_FAILED)) == EBADF);
}

/* Supervision of what is no child fails, and the session goes on. */
static void test_supervise(void) {
  struct instruction program[1] = {plain(OP_SUPERVISE)};
  program[0].flags = 1;
  struct segment header = {.magic = WIRE_MAGIC, .version = WIRE_VERSION, .serial = 7, .instructions = 1,
                           .blob = sizeof(struct supervision)};
  struct supervision none = {.process = 1, .listen = -1};
  unsigned char bytes[sizeof header + sizeof program + sizeof none];
  memcpy(bytes, &header, sizeof header);
  memcpy(bytes + sizeof header, program, sizeof program);
  memcpy(bytes + sizeof header + sizeof program, &none, sizeof none);
  assert(send_frame(client, FRAME_SEGMENT, bytes, sizeof bytes, NULL, 0));
  assert(error_of(expect(FRAME_FAILED)) != 0);
}

int main(void) {
  int pair[2];
  alarm(20);
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  client = fcntl(pair[0], F_DUPFD, 100);
  pid_t pid = fork();
  if (pid == 0) {
    close(client);
    dup2(pair[1], CONTROL);
    syscall(SYS_close_range, CONTROL + 1, ~0U, 0);
    struct executor x = {.control = CONTROL};
    _exit(serve(&x, NULL));
  }
  close(pair[0]);
  close(pair[1]);
  test_pairs();
  test_pause();
  test_retry();
  test_lost_child();
  test_children();
  test_supervise();
  close(client);
  int status;
  assert(waitpid(pid, &status, 0) == pid && status == 0);
  return 0;
}
