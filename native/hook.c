/*
 * hook.c - run a program with bytes on its stdin, for a bounded time, and keep the head of its stderr.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

static _Noreturn void run(const struct instruction *n, int in, int err) {
  reset_signals();
  dup2(in, 0);
  dup2(err, 2);
  int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null >= 0) dup2(null, 1);
  execve((const char *)(uintptr_t)n->args[0], (char *const *)(uintptr_t)n->args[1],
         (char *const *)(uintptr_t)n->args[2]);
  int error = errno;
  syscall(SYS_exit_group, error == ENOENT ? 127 : 126);
  __builtin_unreachable();
}

/* Feeds stdin and keeps stderr until the program has ended; -ETIMEDOUT when it has not in time. */
static int converse(struct executor *x, const struct instruction *n, int pidfd, int in, int err) {
  const unsigned char *input = x->program.blob + n->args[3];
  size_t left = (size_t)n->args[4];
  int64_t end = n->args[5] == 0 ? INT64_MAX : monotonic_ms() + (int64_t)n->args[5];
  if (left == 0) shutdown(in, SHUT_WR);
  for (bool ended = false; !ended;) {
    struct pollfd fds[3] = {{.fd = pidfd, .events = POLLIN},
                            {.fd = err, .events = POLLIN},
                            {.fd = left > 0 ? in : -1, .events = POLLOUT}};
    int64_t wait = end == INT64_MAX ? -1 : end - monotonic_ms();
    if (end != INT64_MAX && wait <= 0) return -ETIMEDOUT;
    if (poll(fds, 3, (int)(wait > 60000 ? 60000 : wait)) < 0 && errno != EINTR) return -errno;
    ended = (fds[0].revents & POLLIN) != 0;
    if ((fds[1].revents & (POLLIN | POLLHUP)) != 0) {
      char scrap[512];
      ssize_t got = recv(err, scrap, sizeof scrap, MSG_DONTWAIT);
      if (got == 0) err = -1;
      for (ssize_t i = 0; i < got && x->failure->text_length < TEXT_MAX; i++)
        x->failure->text[x->failure->text_length++] = scrap[i];
    }
    if ((fds[2].revents & (POLLOUT | POLLERR | POLLHUP)) != 0) {
      ssize_t put = send(in, input, left, MSG_NOSIGNAL | MSG_DONTWAIT);
      /* A program that does not read its stdin is not at fault. */
      if (put < 0 && errno != EAGAIN && errno != EINTR) left = 0;
      if (put > 0) {
        input += put;
        left -= (size_t)put;
      }
      if (left == 0) shutdown(in, SHUT_WR);
    }
  }
  return 0;
}

int run_hook(struct executor *x, const struct instruction *n, uint32_t *status) {
  int in[2], err[2], pidfd = -1;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0) return -errno;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, err) != 0) return -errno;
  x->failure->text_length = 0;
  struct clone_args args = {
      .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) run(n, in[1], err[1]);
  int result = pid < 0 ? -errno : 0;
  close(in[1]);
  close(err[1]);
  if (result == 0) result = converse(x, n, pidfd, in[0], err[0]);
  close(in[0]);
  close(err[0]);
  if (pid > 0) {
    int code = 0;
    if (result != 0) syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    while (waitpid((pid_t)pid, &code, 0) < 0 && errno == EINTR) continue;
    close(pidfd);
    *status = (uint32_t)code;
    if (result == 0 && code != 0) result = -ECANCELED;
  }
  return result;
}
