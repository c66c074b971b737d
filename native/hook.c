/*
 * hook.c - run a program with bytes on its stdin, for a bounded time, and keep the head of its stderr.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

/* In the child. It gets its three streams and nothing else: a slot or a preserved fd is no business of a hook. */
static _Noreturn void run(const struct instruction *n, int in, int err) {
  reset_signals();
  int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(in, 0);
  dup2(null, 1);
  dup2(err, 2);
  syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
  execve((const char *)(uintptr_t)n->args[0], (char *const *)(uintptr_t)n->args[1],
         (char *const *)(uintptr_t)n->args[2]);
  int error = errno;
  syscall(SYS_exit_group, error == ENOENT ? 127 : 126);
  __builtin_unreachable();
}

/* What there is now on its stderr; false when there will be no more. Beyond TEXT_MAX it is thrown away. */
static bool keep_errors(struct failure *f, int err) {
  char scrap[512];
  for (;;) {
    ssize_t got = recv(err, scrap, sizeof scrap, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0 && errno == EAGAIN;
    size_t room = TEXT_MAX - f->text_length;
    size_t kept = (size_t)got < room ? (size_t)got : room;
    memcpy(f->text + f->text_length, scrap, kept);
    f->text_length += (uint32_t)kept;
  }
}

/* What is left to feed. A program that does not read its stdin is not at fault. */
static size_t feed(int in, const unsigned char *input, size_t left) {
  ssize_t put = left == 0 ? 0 : send(in, input, left, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (put < 0) return errno == EAGAIN || errno == EINTR ? left : 0;
  left -= (size_t)put;
  if (left == 0) shutdown(in, SHUT_WR);
  return left;
}

/* Feeds stdin and keeps stderr until the program has ended; -ETIMEDOUT when it has not in time. */
static int converse(struct executor *x, const struct instruction *n, int pidfd, int in, int err) {
  const unsigned char *end = x->program.blob + n->args[3] + n->args[4];
  int64_t deadline = n->args[5] == 0 ? INT64_MAX : monotonic_ms() + (int64_t)n->args[5];
  size_t left = feed(in, end - n->args[4], (size_t)n->args[4]);
  for (;;) {
    struct pollfd fds[3] = {{.fd = pidfd, .events = POLLIN},
                            {.fd = err, .events = POLLIN},
                            {.fd = left > 0 ? in : -1, .events = POLLOUT}};
    int64_t wait = deadline == INT64_MAX ? -1 : deadline - monotonic_ms();
    if (deadline != INT64_MAX && wait <= 0) return -ETIMEDOUT;
    if (poll(fds, 3, (int)(wait > 60000 ? 60000 : wait)) < 0 && errno != EINTR) return -errno;
    if (err >= 0 && !keep_errors(x->failure, err)) err = -1;
    if (fds[0].revents != 0) return 0;
    if (fds[2].revents != 0) left = feed(in, end - left, left);
  }
}

static bool open_pair(int pair[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0; }

static void close_pair(const int pair[2]) {
  for (int i = 0; i < 2; i++)
    if (pair[i] >= 0) close(pair[i]);
}

int run_hook(struct executor *x, const struct instruction *n, uint32_t *status) {
  int in[2] = {-1, -1}, err[2] = {-1, -1}, pidfd = -1;
  x->failure->text_length = 0;
  struct clone_args args = {
      .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
  long pid = open_pair(in) && open_pair(err) ? syscall(SYS_clone3, &args, sizeof args) : -1;
  int result = pid < 0 ? -errno : 0;
  if (pid == 0) run(n, in[1], err[1]);
  if (pid > 0) {
    /* Only the program's own ends may keep the pairs open. */
    close(in[1]);
    close(err[1]);
    in[1] = err[1] = -1;
    int code = 0;
    result = converse(x, n, pidfd, in[0], err[0]);
    if (result != 0) syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    while (waitpid((pid_t)pid, &code, 0) < 0 && errno == EINTR) continue;
    close(pidfd);
    *status = (uint32_t)code;
    if (result == 0 && code != 0) result = -ECANCELED;
  }
  close_pair(in);
  close_pair(err);
  /* What it said is told only with its own failure. */
  if (result == 0) x->failure->text_length = 0;
  return result;
}
