/*
 * lend.c - a fork that is an executor for one connection: what exec and cp run in.
 *
 * It is as sealed and as undumpable as the shim, and holds the container's pidfd, so that no reused pid is entered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervise.h"

/* In the fork: an executor as if freshly started, with two fds of the shim's. */
static _Noreturn void become_executor(struct supervisor *s, int control, const struct frame *first) {
  struct executor *x = s->x;
  int code = 125;
  int high = fcntl(control, F_DUPFD_CLOEXEC, LENT_PROCESS + 1);
  int process = fcntl(s->is.process, F_DUPFD_CLOEXEC, LENT_PROCESS + 1);
  struct frame frame = *first;
  munmap(x->failure, sizeof *x->failure);
  munmap(s, sizeof *s);
  if (high >= 0 && process >= 0 && dup3(high, LENT_CONTROL, O_CLOEXEC) >= 0 &&
      dup3(process, LENT_PROCESS, O_CLOEXEC) >= 0 && syscall(SYS_close_range, LENT_PROCESS + 1, ~0U, 0) == 0) {
    release_program(&x->stored);
    *x = (struct executor){.control = LENT_CONTROL};
    reset_signals();
    code = serve(x, &frame);
  }
  syscall(SYS_exit_group, code);
  __builtin_unreachable();
}

/* The connection is the fork's; here it is dropped, as false says. */
bool lend_executor(struct supervisor *s, struct client *c) {
  if (c == s->owner) return false;
  pid_t pid = fork();
  if (pid == 0) become_executor(s, c->fd, &c->request.frame);
  struct failed why = {.error = errno};
  if (pid < 0) send_frame(c->fd, FRAME_FAILED, &why, sizeof why, "cannot fork", 11);
  return false;
}
