/*
 * executor.h - the interpreter's one context, and what each file offers to the others.
 *
 * main.c       prologue, then session
 * session.c    frames in and out, loading and verifying a segment
 * execute.c    the instructions
 * slot.c       fds at the numbers a program chose
 * child.c      make processes, and end them
 * netlink.c    send, and read acks
 * hook.c       run a program and wait for it
 * process.c    signals as they are in a new process, clock, numbers as text
 * supervise.c  what a launch program ends in: the event loop of a shim (supervise.h)
 */
#ifndef BRIG_EXECUTOR_H
#define BRIG_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum { TEXT_MAX = 3072, CHILDREN_MAX = 8 };

/* A failure lives in memory shared with all descendants: no seccomp filter can silence it. */
enum { FAILURE_NONE, FAILURE_COMING, FAILURE_THERE };

struct failure {
  uint32_t state; /* the first failure wins */
  struct failed at;
  uint32_t text_length;
  char text[TEXT_MAX];
};

struct program {
  struct segment *header;
  const struct instruction *instructions;
  const struct rule *rules;
  unsigned char *blob;
  size_t mapped; /* bytes at `header` */
};

struct child {
  int pidfd;
  int pid;
};

struct executor {
  int control;
  bool child;    /* a process made by OP_CLONE */
  bool detached; /* no client is there to be answered: a shim that settles */
  struct failure *failure;
  struct program program;
  struct program stored;
  uint64_t data_left; /* bytes of the segment's data not yet read */
  int remembered;
  struct child children[CHILDREN_MAX]; /* killed when a program fails */
  unsigned child_count;
};

/* session.c: serves one client until it goes; `first` is the frame it began with, if that has been read. The
 * result is the process's exit status. */
int serve(struct executor *x, const struct frame *first);
bool load_segment(struct executor *x, uint32_t length);
void release_program(struct program *p);
bool send_frame(int fd, uint32_t type, const void *head, size_t head_length, const void *body, size_t body_length);
bool read_full(int fd, void *buffer, size_t length);
bool write_full(int fd, const void *buffer, size_t length);

/* execute.c: false when an instruction failed; the failure page says which. */
bool execute(struct executor *x);
void reset_failure(struct executor *x);
void report_failure(struct executor *x);

/* slot.c: the fd's new number, or -1 with errno and the fd closed. */
enum { ABOVE_SLOTS = 256 };
int to_slot(int fd, int slot);
int out_of_the_way(int fd);

/* child.c: 0 in the child, and its pid or -errno in the parent. */
int64_t clone_child(struct executor *x, const struct instruction *insn);
void kill_children(struct executor *x);

/* process.c */
void reset_signals(void);
int64_t monotonic_ms(void);
/* At least `width` digits, without a NUL; returns where they end. */
char *write_decimal(char *at, unsigned long value, unsigned width);

/* init.c: the exit status of the command. */
int init_main(char **argv);

/* netlink.c: 0 or -errno. */
int netlink_exchange(int fd, const void *messages, size_t length);

/* hook.c: 0, or -errno with *status a wait status when the program itself failed. */
int run_hook(struct executor *x, const struct instruction *insn, uint32_t *status);

/* supervise.c: returns only -errno, when it could not begin; `description` is a struct supervision. */
int supervise(struct executor *x, const void *description);

#endif
