/*
 * child.c - the processes a program makes: all of them end when it fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

/* A slot is the program's to close. */
static void let_go(int pidfd) {
  if (pidfd >= ABOVE_SLOTS) close(pidfd);
}

/* Buries the children that have ended, so that a long session may have more in all than at a time. */
static void forget_ended(struct executor *x) {
  unsigned kept = 0;
  for (unsigned i = 0; i < x->child_count; i++) {
    siginfo_t info = {0};
    bool runs = waitid(P_PIDFD, (id_t)x->children[i].pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0;
    if (runs)
      x->children[kept++] = x->children[i];
    else
      let_go(x->children[i].pidfd);
  }
  x->child_count = kept;
}

/* In the child the result is 0 and execution goes on at the label; in the parent it is the pid. */
int64_t clone_child(struct executor *x, const struct instruction *n) {
  int pidfd = -1;
  struct clone_args args = {
      .flags = n->args[0] | CLONE_PIDFD,
      .pidfd = (uint64_t)(uintptr_t)&pidfd,
      .exit_signal = (n->args[0] & CLONE_PARENT) != 0 ? 0 : SIGCHLD,
      .cgroup = n->args[1],
  };
  if (x->child_count == CHILDREN_MAX) forget_ended(x);
  if (x->child_count == CHILDREN_MAX) return -EAGAIN;
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return -errno;
  if (pid == 0) {
    x->child = true;
    x->child_count = 0;
    return 0;
  }
  int kept = n->slot < 0 ? out_of_the_way(pidfd) : to_slot(pidfd, n->slot);
  if (kept < 0) {
    int error = errno;
    kill((pid_t)pid, SIGKILL);
    while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR) continue;
    return -error;
  }
  x->children[x->child_count++] = (struct child){.pidfd = kept, .pid = (int)pid};
  if (n->second_slot >= 0) {
    char path[32] = "/proc/";
    *write_decimal(path + 6, (unsigned long)pid, 1) = 0;
    int proc = (int)syscall(SYS_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0 || to_slot(proc, n->second_slot) < 0) return -errno;
  }
  return pid;
}

void kill_children(struct executor *x) {
  for (unsigned i = 0; i < x->child_count; i++) {
    siginfo_t info;
    int pidfd = x->children[i].pidfd;
    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR) continue;
    let_go(pidfd);
  }
  x->child_count = 0;
}
