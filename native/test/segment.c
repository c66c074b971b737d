/*
 * segment.c - a segment that points outside itself is refused; one that is merely odd is not.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "executor.h"

enum { BLOB = 128, ZEROES = 64, MEMORY = BLOB + ZEROES };

/* Two instructions, a rule, a relocation and a blob, without gaps. */
struct sample {
  struct segment header;
  struct instruction instructions[2];
  struct rule rule;
  uint32_t relocation;
  unsigned char blob[BLOB];
};

static struct sample fine(void) {
  struct sample s;
  memset(&s, 0, sizeof s);
  s.header = (struct segment){.magic = WIRE_MAGIC, .version = WIRE_VERSION, .serial = 1, .instructions = 2,
                              .rules = 1, .relocations = 1, .blob = BLOB, .zeroes = ZEROES};
  for (int i = 0; i < 2; i++)
    s.instructions[i] = (struct instruction){.slot = -1, .second_slot = -1, .mask = NO_OFFSET};
  return s;
}

static bool loads(const void *bytes, size_t size, size_t announced) {
  int pair[2];
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  assert(write_full(pair[0], bytes, size));
  close(pair[0]);
  struct executor x = {.control = pair[1]};
  bool loaded = load_segment(&x, (uint32_t)announced);
  release_program(&x.program);
  release_program(&x.stored);
  close(pair[1]);
  return loaded;
}

static void expect(const char *what, const struct sample *s, bool expected) {
  if (loads(s, sizeof *s, sizeof *s) == expected) return;
  fprintf(stderr, "%s: should %sload\n", what, expected ? "" : "not ");
  _exit(1);
}

#define CASE(text, expected, change)   \
  do {                                 \
    struct sample s = fine();          \
    struct instruction *n = s.instructions; \
    (void)n;                           \
    change;                            \
    expect(text, &s, expected);        \
  } while (0)

static void test_headers(void) {
  CASE("a fine one", true, (void)0);
  CASE("another magic", false, s.header.magic++);
  CASE("another version", false, s.header.version++);
  CASE("no instructions", false, s.header.instructions = 0);
  CASE("parts that do not add up", false, s.header.blob--);
  CASE("more instructions than bytes", false, s.header.instructions = 0xffffffff);
  CASE("more rules than bytes", false, s.header.rules = 0x55555556);
  CASE("too many zeroes", false, s.header.zeroes = SEGMENT_MAX + 1);
  struct sample s = fine();
  assert(!loads(&s, sizeof s, sizeof s.header - 1));
  assert(!loads(&s, sizeof s, SEGMENT_MAX + 1));
  assert(!loads(&s, sizeof s - 1, sizeof s));
}

static void test_pointers(void) {
  CASE("an argument at the last byte", true, (n->flags = 1, n->args[0] = MEMORY - 1));
  CASE("an argument behind the last byte", false, (n->flags = 1, n->args[0] = MEMORY));
  CASE("a relocation at the end of the blob", true, s.relocation = BLOB - 8);
  CASE("a relocation across the end of the blob", false, s.relocation = BLOB - 7);
  CASE("a pointer out of memory", false, s.blob[0] = MEMORY);
  CASE("a buffer to the end", true, (n->buffer = 8, n->length = MEMORY - 8));
  CASE("a buffer beyond the end", false, (n->buffer = 8, n->length = MEMORY - 7));
  CASE("a buffer that wraps", false, (n->buffer = 8, n->length = 0xfffffffc));
  CASE("a value beyond the end", false, (n->flags = INSN_CHECK, n->length = 8, n->value = MEMORY - 7));
  CASE("a mask beyond the end", false, (n->length = 8, n->mask = MEMORY - 7));
  CASE("a pair", true, (n->flags = INSN_PAIR, n->length = 8));
  CASE("a pair in too little room", false, (n->flags = INSN_PAIR, n->buffer = MEMORY - 4, n->length = 4));
}

static void test_labels(void) {
  CASE("a jump forward", true, (n->op = OP_JUMP, n->target = 1));
  CASE("a jump to itself", false, (n->op = OP_JUMP, n->target = 0));
  CASE("a jump out", false, (n->op = OP_JUMP, n->target = 2));
  CASE("a child that begins before its clone", false, (n[1].op = OP_CLONE, n[1].target = 1));
  CASE("a rule", true, (n->rules = 1));
  CASE("a rule that is not there", false, (n->first_rule = 1, n->rules = 1));
  CASE("rules that wrap", false, (n->first_rule = 0xffffffff, n->rules = 2));
  CASE("a rule that leads forward", true, (n->rules = 1, s.rule.action = RULE_JUMP, s.rule.operand = 1));
  CASE("a rule that leads back", false, (n[1].first_rule = 0, n[1].rules = 1, s.rule.action = RULE_JUMP));
}

static void test_kinds(void) {
  CASE("netlink", true, (n->op = OP_NETLINK, n->args[1] = 8, n->args[2] = MEMORY - 8));
  CASE("netlink beyond the end", false, (n->op = OP_NETLINK, n->args[1] = 8, n->args[2] = MEMORY));
  CASE("netlink with an address for an offset", false, (n->op = OP_NETLINK, n->flags = 2, n->args[1] = 8));
  CASE("a hook", true, (n->op = OP_RUN, n->flags = 7));
  CASE("a hook without its path", false, (n->op = OP_RUN, n->flags = 6));
  CASE("a hook with an address for an offset", false, (n->op = OP_RUN, n->flags = 15));
  CASE("a hook's stdin beyond the end", false, (n->op = OP_RUN, n->flags = 7, n->args[4] = MEMORY + 1));
  CASE("a hook's timeout that overflows", false, (n->op = OP_RUN, n->flags = 7, n->args[5] = UINT64_MAX));
  CASE("a supervision", true, (n->op = OP_SUPERVISE, n->flags = 1));
  CASE("a supervision at no address", false, (n->op = OP_SUPERVISE));
  CASE("a supervision across the end", false,
       (n->op = OP_SUPERVISE, n->flags = 1, n->args[0] = MEMORY - sizeof(struct supervision) + 1));
}

/* Nothing is executed here, so anything may be loaded; the sanitizers watch. xorshift32, fixed seed. */
static void test_random(void) {
  uint32_t state = 2463534242;
  for (int round = 0; round < 20000; round++) {
    struct sample s = fine();
    for (int changes = 0; changes < 6; changes++) {
      state ^= state << 13, state ^= state >> 17, state ^= state << 5;
      size_t at = sizeof s.header + state % (sizeof s - sizeof s.header);
      unsigned char *byte = (unsigned char *)&s + at;
      *byte = (state >> 24 & 1) != 0 ? (unsigned char)(state >> 16) : (unsigned char)(state >> 25 & 7);
    }
    (void)loads(&s, sizeof s, sizeof s);
  }
}

int main(void) {
  test_headers();
  test_pointers();
  test_labels();
  test_kinds();
  test_random();
  return 0;
}
