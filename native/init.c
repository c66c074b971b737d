/*
 * init.c - the first process of a container that is to have one (--init): it runs the command as its child, hands it
 * every signal, buries whatever dies in the container, and ends as the command did.
 *
 * usage: docker-init -- COMMAND [ARG...]
 *
 * A copy of this program is in the container under that name, alone on a read-only file system of its own. It runs
 * as the container's user, and nothing of what it is told comes from outside the container.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

/* As a shell has them. */
enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127, SIGNALLED = 128 };

/* Raised by what a process does itself: no good would come of waiting for them. */
static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};

static void complain(const char *command, int error) {
  const char *parts[] = {"docker-init: cannot execute ", command, ": ", strerror(error), "\n"};
  for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) (void)!write(2, parts[i], strlen(parts[i]));
}

/* Along PATH, where a file that cannot be executed counts more than none (execvp(3)). Returns errno. */
static int execute_command(char **argv) {
  const char *command = argv[0];
  if (*command == 0) return ENOENT;
  if (strchr(command, '/') != NULL) {
    execv(command, argv);
    return errno;
  }
  const char *path = getenv("PATH");
  if (path == NULL || *path == 0) path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  int error = ENOENT;
  char file[PATH_MAX];
  size_t name = strlen(command);
  for (const char *end; path != NULL; path = *end == 0 ? NULL : end + 1) {
    end = strchrnul(path, ':');
    size_t length = (size_t)(end - path);
    if (length + name + 2 > sizeof file) continue;
    memcpy(file, path, length);
    if (length > 0) file[length++] = '/';
    memcpy(file + length, command, name + 1);
    execv(file, argv);
    if (errno == EACCES) error = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR) return errno;
  }
  return error;
}

/* The command gets the terminal, so that ^C is for it and what it starts. */
static _Noreturn void become_command(char **argv, uint64_t mask) {
  setpgid(0, 0);
  tcsetpgrp(0, getpgrp());
  signal(SIGTTIN, SIG_DFL);
  signal(SIGTTOU, SIG_DFL);
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
  int error = execute_command(argv);
  complain(argv[0], error);
  _exit(error == ENOENT || error == ENOTDIR ? NOT_FOUND : NOT_EXECUTABLE);
}

/* Everything that has ended; true when the command is among it. */
static bool bury(pid_t command, int *status) {
  bool ended = false;
  int its;
  for (pid_t pid; (pid = waitpid(-1, &its, WNOHANG)) > 0;)
    if (pid == command) {
      *status = its;
      ended = true;
    }
  return ended;
}

int init_main(char **argv) {
  if (argv[1] != NULL && strcmp(argv[1], "--") == 0) argv++;
  if (argv[1] == NULL) {
    complain("nothing", EINVAL);
    return NOT_FOUND;
  }
  /* By system call: a C library keeps some of the real-time signals for itself. */
  uint64_t all = ~UINT64_C(0), mask;
  for (unsigned i = 0; i < sizeof own / sizeof *own; i++) all &= ~(UINT64_C(1) << (own[i] - 1));
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, sizeof mask);
  signal(SIGTTIN, SIG_IGN);
  signal(SIGTTOU, SIG_IGN);
  /* In the host's pid namespace it is not the one that orphans are given to. */
  if (getpid() != 1) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  pid_t command = fork();
  if (command < 0) {
    complain(argv[1], errno);
    return NOT_EXECUTABLE;
  }
  if (command == 0) become_command(argv + 1, mask);
  for (int status = 0;;) {
    int number = (int)syscall(SYS_rt_sigtimedwait, &all, NULL, NULL, sizeof all);
    if (number == SIGCHLD && bury(command, &status))
      return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
    if (number > 0 && number != SIGCHLD) kill(command, number);
  }
}
