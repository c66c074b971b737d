/*
 * main.c - the prologue: a process that inherits nothing, running from a file nobody can write.
 *
 * usage: brig-shim CONTROL_FD; or, as docker-init inside a container: see init.c
 *
 * The program copies itself into a sealed memfd first: a process in a container that gets hold of
 * /proc/PID/exe can then not overwrite the binary on the host (CVE-2019-5736).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "executor.h"

extern char **environ;

#define SEALED_MARK "sealed"

/* Runs this program again from a sealed copy in memory. Returns only on failure. */
static void run_sealed(char *control) {
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self < 0) return;
  struct stat st;
  /* MFD_EXEC is newer than kernel 6.3; EINVAL there means that memfds are executable anyway. */
  int copy = (int)syscall(SYS_memfd_create, "brig-shim", 0x10u | MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy < 0) copy = (int)syscall(SYS_memfd_create, "brig-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy < 0 || fstat(self, &st) != 0) return;
  for (off_t left = st.st_size; left > 0;) {
    ssize_t n = sendfile(copy, self, NULL, (size_t)left);
    if (n <= 0) return;
    left -= n;
  }
  if (fcntl(copy, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) return;
  char name[] = "brig-shim", mark[] = SEALED_MARK;
  char *argv[] = {name, control, mark, NULL};
  syscall(SYS_execveat, copy, "", argv, environ, AT_EMPTY_PATH);
}

static bool is_named(const char *path, const char *name) {
  const char *slash = path == NULL ? NULL : strrchr(path, '/');
  return slash != NULL && strcmp(slash + 1, name) == 0;
}

int main(int argc, char **argv) {
  if (is_named(argv[0], "docker-init")) return init_main(argv);
  int control = argc > 1 ? atoi(argv[1]) : -1;
  struct stat st;
  if (control < 3 || fstat(control, &st) != 0 || !S_ISSOCK(st.st_mode)) {
    static const char usage[] = "brig-shim: started by brig, not by hand: brig-shim CONTROL_FD\n";
    (void)!write(2, usage, sizeof usage - 1);
    return 125;
  }
  if (argc < 3 || strcmp(argv[2], SEALED_MARK) != 0) {
    run_sealed(argv[1]);
    struct failed why = {.error = errno};
    send_frame(control, FRAME_FAILED, &why, sizeof why, "cannot seal the shim in memory", 30);
    return 125;
  }
  fcntl(control, F_SETFD, FD_CLOEXEC);
  syscall(SYS_close_range, (unsigned)control + 1, ~0U, 0);
  reset_signals();
  prctl(PR_SET_NAME, "brig-shim");
  /* Not to be traced, and /proc/PID not to be read, by what it will live beside in a container. */
  prctl(PR_SET_DUMPABLE, 0);

  struct executor x = {.control = control};
  return serve(&x, NULL);
}
