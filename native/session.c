/*
 * session.c - frames in and out; loading a segment and verifying that it stays inside itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "executor.h"

bool read_full(int fd, void *buffer, size_t length) {
  for (unsigned char *p = buffer; length > 0;) {
    ssize_t n = read(fd, p, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    p += n;
    length -= (size_t)n;
  }
  return true;
}

bool write_full(int fd, const void *buffer, size_t length) {
  for (const unsigned char *p = buffer; length > 0;) {
    ssize_t n = write(fd, p, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    p += n;
    length -= (size_t)n;
  }
  return true;
}

bool send_frame(int fd, uint32_t type, const void *head, size_t head_length, const void *body,
                size_t body_length) {
  struct frame frame = {.type = type, .length = (uint32_t)(head_length + body_length)};
  struct iovec parts[3] = {
      {.iov_base = &frame, .iov_len = sizeof frame},
      {.iov_base = (void *)(uintptr_t)head, .iov_len = head_length},
      {.iov_base = (void *)(uintptr_t)body, .iov_len = body_length},
  };
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
  size_t left = sizeof frame + head_length + body_length;
  while (left > 0) {
    ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    left -= (size_t)n;
    for (int i = 0; n > 0 && i < 3; i++) {
      size_t taken = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;
      parts[i].iov_base = (unsigned char *)parts[i].iov_base + taken;
      parts[i].iov_len -= taken;
      n -= (ssize_t)taken;
    }
  }
  return true;
}

void release_program(struct program *p) {
  if (p->header != NULL) munmap(p->header, p->mapped);
  memset(p, 0, sizeof *p);
}

static bool inside(uint64_t offset, uint64_t length, uint64_t size) {
  return offset <= size && length <= size - offset;
}

/* An argument the executor itself reads: relocated to an address, or kept as an offset. */
static bool is_address(const struct instruction *n, unsigned a) { return (n->flags & (1u << a)) != 0; }

/* What an instruction of this kind needs beyond what all do. */
static bool verify_kind(const struct instruction *n, uint64_t memory) {
  switch (n->op) {
    case OP_NETLINK:
      return !is_address(n, 1) && inside(n->args[1], n->args[2], memory);
    case OP_RUN:
      return is_address(n, 0) && is_address(n, 1) && is_address(n, 2) && !is_address(n, 3) &&
             inside(n->args[3], n->args[4], memory) && n->args[5] <= INT64_MAX / 2;
    case OP_SUPERVISE:
      return is_address(n, 0) && inside(n->args[0], sizeof(struct supervision), memory);
    default:
      return (n->flags & INSN_PAIR) == 0 || n->length >= 2 * sizeof(int);
  }
}

/* Labels lead forward, and not out of the segment. */
static bool leads_on(const struct segment *h, uint32_t from, uint32_t to) { return to > from && to < h->instructions; }

/* Every index and offset is checked once, so that execution need not doubt them. */
static bool verify(const struct program *p) {
  const struct segment *h = p->header;
  uint64_t memory = (uint64_t)h->blob + h->zeroes;
  for (uint32_t i = 0; i < h->instructions; i++) {
    const struct instruction *n = &p->instructions[i];
    for (unsigned a = 0; a < 6; a++)
      if (is_address(n, a) && n->args[a] >= memory) return false;
    if (!inside(n->first_rule, n->rules, h->rules) || !inside(n->buffer, n->length, memory)) return false;
    if ((n->flags & INSN_CHECK) != 0 && !inside(n->value, n->length, memory)) return false;
    if (n->mask != NO_OFFSET && !inside(n->mask, n->length, memory)) return false;
    if ((n->op == OP_CLONE || n->op == OP_JUMP) && !leads_on(h, i, n->target)) return false;
    for (uint32_t r = 0; r < n->rules; r++) {
      const struct rule *rule = &p->rules[n->first_rule + r];
      if (rule->action == RULE_JUMP && !leads_on(h, i, rule->operand)) return false;
    }
    if (!verify_kind(n, memory)) return false;
  }
  return h->instructions > 0;
}

/* Turns offsets into addresses, in the blob and in the arguments. */
static bool relocate(struct program *p, const uint32_t *relocations) {
  const struct segment *h = p->header;
  uint64_t memory = (uint64_t)h->blob + h->zeroes;
  for (uint32_t i = 0; i < h->relocations; i++) {
    uint64_t pointer;
    if (!inside(relocations[i], sizeof pointer, h->blob)) return false;
    memcpy(&pointer, p->blob + relocations[i], sizeof pointer);
    if (pointer >= memory) return false;
    pointer += (uint64_t)(uintptr_t)p->blob;
    memcpy(p->blob + relocations[i], &pointer, sizeof pointer);
  }
  struct instruction *instructions = (struct instruction *)(void *)(p->header + 1);
  for (uint32_t i = 0; i < h->instructions; i++)
    for (uint32_t a = 0; a < 6; a++)
      if ((instructions[i].flags & (1u << a)) != 0) instructions[i].args[a] += (uint64_t)(uintptr_t)p->blob;
  return true;
}

bool load_segment(struct executor *x, uint32_t length) {
  struct segment header;
  if (length < sizeof header || length > SEGMENT_MAX) return false;
  if (!read_full(x->control, &header, sizeof header)) return false;
  uint64_t parts = sizeof header + (uint64_t)header.instructions * sizeof(struct instruction) +
                   (uint64_t)header.rules * sizeof(struct rule) + (uint64_t)header.relocations * 4;
  if (header.magic != WIRE_MAGIC || header.version != WIRE_VERSION || header.zeroes > SEGMENT_MAX ||
      parts + header.blob != length)
    return false;
  struct program p = {.mapped = (size_t)length + header.zeroes + 16};
  unsigned char *memory = mmap(NULL, p.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  p.header = (struct segment *)(void *)memory;
  *p.header = header;
  p.instructions = (const struct instruction *)(const void *)(memory + sizeof header);
  const unsigned char *rules = memory + sizeof header + header.instructions * sizeof(struct instruction);
  p.rules = (const struct rule *)(const void *)rules;
  const uint32_t *relocations = (const uint32_t *)(const void *)(rules + header.rules * sizeof(struct rule));
  p.blob = memory + parts;
  if (!read_full(x->control, memory + sizeof header, length - sizeof header) || !verify(&p) ||
      !relocate(&p, relocations)) {
    release_program(&p);
    return false;
  }
  struct program *kept = (header.flags & SEGMENT_STORED) != 0 ? &x->stored : &x->program;
  release_program(kept);
  *kept = p;
  if (kept == &x->program) x->data_left = header.data;
  return true;
}

/* Data that a failed segment did not take must not be read as frames. */
static bool drain_data(struct executor *x) {
  unsigned char scrap[16384];
  while (x->data_left > 0) {
    size_t n = x->data_left < sizeof scrap ? (size_t)x->data_left : sizeof scrap;
    if (!read_full(x->control, scrap, n)) return false;
    x->data_left -= n;
  }
  return true;
}

/* The next frame's head; an end between frames is in good order. */
static bool next_frame(struct executor *x, struct frame *frame, bool *ended) {
  ssize_t n;
  do {
    n = read(x->control, frame, sizeof *frame);
  } while (n < 0 && errno == EINTR);
  *ended = n == 0;
  return n > 0 && read_full(x->control, (unsigned char *)frame + n, sizeof *frame - (size_t)n);
}

/* Runs the segment that has been loaded and says how it went. */
static bool run_loaded(struct executor *x) {
  reset_failure(x);
  bool done = execute(x);
  if (!drain_data(x)) return false;
  if (done) {
    uint32_t serial = x->program.header->serial;
    send_frame(x->control, FRAME_DONE, &serial, sizeof serial, NULL, 0);
  } else {
    /* First gone, then told: what they held is free for whoever cleans up. */
    kill_children(x);
    report_failure(x);
  }
  release_program(&x->program);
  return true;
}

/* True when the client said goodbye in good order. */
static bool session(struct executor *x, const struct frame *first) {
  for (;; first = NULL) {
    struct frame frame;
    bool ended = false;
    if (first != NULL)
      frame = *first;
    else if (!next_frame(x, &frame, &ended))
      return ended;
    if (frame.type != FRAME_SEGMENT || !load_segment(x, frame.length)) {
      struct failed why = {.error = EPROTO};
      send_frame(x->control, FRAME_FAILED, &why, sizeof why, "malformed segment", 17);
      return false;
    }
    bool stored = x->program.header == NULL;
    if (!stored && !run_loaded(x)) return false;
  }
}

int serve(struct executor *x, const struct frame *first) {
  x->failure = mmap(NULL, sizeof *x->failure, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (x->failure == MAP_FAILED) return 125;
  bool orderly = session(x, first);
  kill_children(x);
  return orderly ? 0 : 125;
}
