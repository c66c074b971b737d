/*
 * probe.c - what a process of a container is refused, for defaults.test.ts.
 *
 * usage: probe calls    every system call by number, with arguments that none takes: "NUMBER ANSWER" a line, the answer
 *                       an errno, "done", "waits" or "killed"
 *        probe sockets  socket(2) of every family, and of AF_VSOCK in 64 bits that the kernel cuts to it
 *        probe keyring  what is told of the session's keyring, and whether the user's is linked to it
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 512, UNTOLD = -1 };

static int *told;

static void call(long number) {
  *told = UNTOLD;
  pid_t pid = fork();
  if (pid == 0) {
    setsid();
    alarm(1);
    /* Its own number as the signal, so that what kills by an argument kills nobody. */
    long result = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
    *told = result < 0 ? errno : 0;
    _exit(0);
  }
  int status;
  waitpid(pid, &status, 0);
  if (*told > 0) printf("%ld %d\n", number, *told);
  else if (*told == 0 || WIFEXITED(status)) printf("%ld done\n", number);
  else printf("%ld %s\n", number, WTERMSIG(status) == SIGALRM ? "waits" : "killed");
}

static void calls(void) {
  for (long number = 0; number < CALLS; number++) {
    /* It would be the parent as well as the child, or a parent that is stopped. */
    if (number == SYS_fork || number == SYS_vfork) continue;
    call(number);
  }
}

static void sockets(void) {
  for (long family = 0; family < 46; family++) {
    int fd = socket((int)family, SOCK_STREAM, 0);
    if (fd < 0 && errno == EPERM) printf("%ld\n", family);
    if (fd >= 0) close(fd);
  }
  long fd = syscall(SYS_socket, (1L << 32) + 40, SOCK_STREAM, 0);
  printf("vsock in 64 bits %s\n", fd < 0 && errno == EPERM ? "refused" : "goes to the kernel");
}

static void keyring(void) {
  char text[256] = "";
  long size = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof text);
  printf("%s\n", size < 0 ? strerror(errno) : text);
  long keys[16] = {0};
  size = syscall(SYS_keyctl, KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, keys, sizeof keys);
  printf("%ld bytes of keys\n", size);
}

int main(int argc, char **argv) {
  told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  setvbuf(stdout, NULL, _IONBF, 0);
  if (argc != 2 || told == MAP_FAILED) return 2;
  if (strcmp(argv[1], "calls") == 0) calls();
  else if (strcmp(argv[1], "sockets") == 0) sockets();
  else keyring();
  return 0;
}
